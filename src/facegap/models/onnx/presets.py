"""Well-known contracts of ONNX face models, by name."""

from facegap.data.comparator import Comparator
from facegap.models.onnx.contract import Contract

IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)
HALF_RANGE = (127.5, 127.5, 127.5)

PRESETS = {
    "japanese-face": Contract("whole", 224, IMAGENET_MEAN, IMAGENET_STD, Comparator.COSINE),
    "arcface": Contract("arcface-112", 112, HALF_RANGE, HALF_RANGE, Comparator.COSINE),
    "arcface-imagenet": Contract("arcface-112", 112, IMAGENET_MEAN, IMAGENET_STD, Comparator.COSINE),
}
"""`japanese-face`: JAPANESE FACE (EfficientNetV2), the whole image. `arcface`: InsightFace and most who follow it.
`arcface-imagenet`: ArcFace's crop with ImageNet's mean and std, such as MobileFaceNet by foamliu."""
