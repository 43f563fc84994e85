"""FaceNet of the package facenet-pytorch, with weights of the right shapes."""

from pathlib import Path

import numpy as np
import pytest

from facegap.errors import ModelError
from facegap.models import parse_model
from facegap.testing import check_embedder

pytestmark = pytest.mark.filterwarnings("default")  # the package has its own


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of torch with weights that were made for vggface2."""
    package = pytest.importorskip("facenet_pytorch", reason="facenet-pytorch is not installed")
    import torch

    torch.manual_seed(1)
    network = package.InceptionResnetV1()
    network.logits = torch.nn.Linear(512, 8631)
    place = tmp_path_factory.mktemp("torch")
    (place / "checkpoints").mkdir()
    torch.save(network.state_dict(), place / "checkpoints" / "20180402-114759-vggface2.pt")
    return place


def test_facenet_conforms_and_is_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from facenet_pytorch import InceptionResnetV1, fixed_image_standardization  # pyright: ignore[reportMissingImports]

    monkeypatch.setenv("TORCH_HOME", str(home))
    source = parse_model("facenet-pytorch:vggface2")
    spec = source.spec
    assert (spec.name, spec.crop, spec.size, spec.dimension) == ("vggface2", "box", 160, 512)
    model = source.open()
    check_embedder(model)
    crop = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)
    pixels = fixed_image_standardization(torch.from_numpy(crop.copy()).permute(2, 0, 1).float())
    with torch.inference_mode():
        theirs = InceptionResnetV1(pretrained="vggface2").eval()(pixels[None]).numpy()
    np.testing.assert_allclose(model.embed(crop[None]), theirs, atol=1e-6)


def test_what_is_missing_is_said_and_never_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("facenet_pytorch", reason="facenet-pytorch is not installed")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(
        ModelError, match=r"^the weights of facenet-pytorch:casia-webface are not at .*casia-webface\.pt, and "
    ):
        parse_model("facenet-pytorch:casia-webface")
    with pytest.raises(ModelError, match=r"^facenet-pytorch:vgg is unknown: choose one of vggface2, casia-webface$"):
        parse_model("facenet-pytorch:vgg")
    assert not list(tmp_path.iterdir())
