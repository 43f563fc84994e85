"""Well-known contracts of ONNX face models, by name; docs/models.md says where each is from."""

from facegap.data.comparator import Comparator
from facegap.models.onnx.contract import Contract

IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)
HALF_RANGE = (127.5, 127.5, 127.5)
NEARLY_HALF = (128.0, 128.0, 128.0)
NONE, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
FULL_RANGE = (255.0, 255.0, 255.0)
DLIB_MEAN, DLIB_STD = (122.782, 117.001, 104.298), (256.0, 256.0, 256.0)

COSINE = Comparator.COSINE

PRESETS = {
    "japanese-face": Contract("whole", 224, IMAGENET_MEAN, IMAGENET_STD, COSINE),
    "arcface": Contract("arcface-112", 112, HALF_RANGE, HALF_RANGE, COSINE),
    "arcface-imagenet": Contract("arcface-112", 112, IMAGENET_MEAN, IMAGENET_STD, COSINE),
    "adaface": Contract("arcface-112", 112, HALF_RANGE, HALF_RANGE, COSINE, "BGR"),
    "magface": Contract("arcface-112", 112, NONE, FULL_RANGE, COSINE, "BGR"),
    "sface": Contract("arcface-112", 112, NONE, ONE, COSINE, threshold=0.363),
    "edgeface": Contract("arcface-112", 112, HALF_RANGE, HALF_RANGE, COSINE),
    "ghostfacenet": Contract("arcface-112", 112, HALF_RANGE, NEARLY_HALF, COSINE),
    "facenet": Contract("box", 160, HALF_RANGE, NEARLY_HALF, COSINE),
    "dlib": Contract("dlib-150", 150, DLIB_MEAN, DLIB_STD, Comparator.EUCLIDEAN),
}
"""`japanese-face`: JAPANESE FACE (EfficientNetV2), the whole image. `arcface`: InsightFace and most who follow it.
`arcface-imagenet`: ArcFace's crop with ImageNet's mean and std, such as MobileFaceNet by foamliu. `sface`: the network
normalises the pixels itself. `dlib`: networks in dlib's format that were converted."""
