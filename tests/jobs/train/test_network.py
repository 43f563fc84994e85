"""Where the weights come from, and that no file can run code."""

import pickle
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

import timm
from safetensors.torch import save_file

from facegap.errors import InputError, ModelError
from facegap.jobs.train.network import FaceNetwork, make_backbone
from facegap.jobs.train.recipe import Recipe

NAME = "test_efficientnet"


def recipe(**options) -> Recipe:
    return Recipe(**{"backbone": NAME, "size": 32, "dimension": 16, **options})


def test_embeddings_have_length_1_and_the_asked_for_dimension():
    network = FaceNetwork(recipe(from_scratch=True)).eval()
    with torch.no_grad():
        vectors = network(network.normalised(torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8)))
    assert vectors.shape == (5, 16)
    assert np.allclose(vectors.norm(dim=1), 1, atol=1e-6)


def test_the_contract_takes_the_backbones_own_mean_and_std():
    network = FaceNetwork(recipe(from_scratch=True))
    configured = timm.create_model(NAME).pretrained_cfg
    assert network.mean == tuple(255 * value for value in configured["mean"])
    pixels = torch.full((1, 3, 4, 4), 255, dtype=torch.uint8)
    expected = (1 - np.array(configured["mean"])) / configured["std"]
    assert np.allclose(network.normalised(pixels)[0, :, 0, 0], expected, atol=1e-6)


@pytest.mark.parametrize("name", ["lcnet_050", "test_vit"])
def test_backbones_whose_width_differs_from_what_is_declared_and_those_of_one_size(name):
    network = FaceNetwork(recipe(backbone=name, from_scratch=True)).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 16)


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_local_weights(tmp_path: Path, suffix: str):
    source = timm.create_model(NAME, num_classes=7)
    path = tmp_path / f"weights.{suffix}"
    if suffix == "pth":
        torch.save({"state_dict": source.state_dict()}, path)
    else:
        save_file(source.state_dict(), path)
    backbone = make_backbone(recipe(weights=path))
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, source.state_dict()[name])


class Malice:
    """Writes a file when it is unpickled the careless way."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self):
        return Path.touch, (self.proof,)


@pytest.mark.parametrize("by", ["torch", "pickle"])
def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(tmp_path: Path, by: str):
    path, proof = tmp_path / "weights.pth", tmp_path / "ran"
    if by == "torch":
        torch.save({"state_dict": Malice(proof)}, path)
    else:
        path.write_bytes(pickle.dumps(Malice(proof)))
    with pytest.raises(ModelError, match=r"refused|give an intact"):
        make_backbone(recipe(weights=path))
    assert not proof.exists()


def test_weights_of_another_network_are_refused(tmp_path: Path):
    path = tmp_path / "other.safetensors"
    save_file(timm.create_model("test_resnet").state_dict(), path)
    with pytest.raises(ModelError, match=rf"lacks .* weights of {NAME}: give the file of this backbone"):
        make_backbone(recipe(weights=path))


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pth"])
def test_damaged_and_missing_weights_are_one_line(tmp_path: Path, name: str):
    with pytest.raises(ModelError, match="no such file"):
        make_backbone(recipe(weights=tmp_path / name))
    (tmp_path / name).write_bytes(b"no weights at all")
    with pytest.raises(ModelError, match=r"weights") as caught:
        make_backbone(recipe(weights=tmp_path / name))
    assert "\n" not in str(caught.value)


def test_pretrained_weights_that_cannot_be_fetched_are_one_line(monkeypatch):
    def offline(*_, **options):
        if options["pretrained"]:
            raise OSError("no route to the hub\nand much more")
        raise AssertionError("pretrained weights are the default")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(ModelError, match=r"cannot be fetched \(no route to the hub\).*--weights.*--from-scratch$"):
        make_backbone(recipe())


def test_pretrained_weights_that_timm_does_not_know_say_what_to_do():
    with pytest.raises(ModelError, match=r"cannot be fetched.*--from-scratch"):
        make_backbone(recipe(backbone="vgg11_bn.made_up_tag"))


def test_an_unknown_backbone_says_which_are_near():
    with pytest.raises(ModelError, match=r"perhaps you mean .*test_efficientnet"):
        make_backbone(recipe(backbone="test_eficientnet"))


def test_contradicting_options_are_refused():
    with pytest.raises(InputError, match="exclude each other"):
        recipe(from_scratch=True, weights=Path("x.pth"))
