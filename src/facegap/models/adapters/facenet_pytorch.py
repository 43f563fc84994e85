"""FaceNet of the package facenet-pytorch: `facenet-pytorch:vggface2` and `facenet-pytorch:casia-webface`."""

from importlib.metadata import version
from pathlib import Path

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.data.weights import sha256_of_file
from facegap.errors import Phrase
from facegap.models.callable_model import Model
from facegap.models.embedder import ModelSource
from facegap.models.packaged import at_hand, imported, packaged, unknown

INSTALL = Phrase("pip install --no-deps {package}, beside torch, torchvision and requests", package="facenet-pytorch")
"""Its own requirements ask for versions of numpy and torch of 2024, which it does not need."""

FILES = {"vggface2": "20180402-114759-vggface2.pt", "casia-webface": "20180408-102900-casia-webface.pt"}
"""What its `load_weights` keeps in the folder of torch, by the name of the weights."""

SIZE, DIMENSION = 160, 512


def source(which: str, name: str, device: str) -> ModelSource:
    """See `facegap.models.adapters`."""
    return packaged(_open, which, name)


def _open(which: str, name: str) -> Model:
    asked = f"facenet-pytorch:{which}"
    if which not in FILES:
        raise unknown(asked, list(FILES))
    package = imported("facenet_pytorch", asked, INSTALL)
    torch = imported("torch", asked, INSTALL)
    home = imported("facenet_pytorch.models.inception_resnet_v1", asked, INSTALL).get_torch_home()
    how = f"facenet_pytorch.InceptionResnetV1(pretrained={which!r})"
    fetch = Phrase("have it fetch them: {how}", how=how)
    sha256 = sha256_of_file(at_hand(Path(home, "checkpoints", FILES[which]), asked, fetch))
    network = package.InceptionResnetV1(pretrained=which).eval()

    def embed(crops: np.ndarray) -> np.ndarray:
        pixels = torch.from_numpy(crops.astype(np.float32).transpose(0, 3, 1, 2))
        with torch.inference_mode():
            return network(package.fixed_image_standardization(pixels)).numpy()

    spec = ModelSpec(
        name=name or which,
        runtime="python",
        weights=f"facenet-pytorch {version('facenet-pytorch')} {sha256}",
        crop="box",
        size=SIZE,
        dimension=DIMENSION,
        comparator=Comparator.COSINE,
    )
    return Model(embed=embed, spec=spec)
