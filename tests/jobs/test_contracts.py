"""Which contract a network obeys is found on labelled images, or left open."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from typer.testing import CliRunner

import facegap
from facegap.cli.app import app
from facegap.cli.ranking import verdict
from facegap.errors import InputError
from facegap.faces import FaceOptions
from facegap.jobs.contracts import Ranking, rank_contracts

SIDE, CELLS = 16, 4
NO_FACES = FaceOptions(detector="none")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network that knows a subject by the blue of some cells, if black is 0 and white is 1: more is cut off.

    Red and green, which it sees as 0.02 of the blue, are noise. It is fed right by RGB on the scale 0 to 1.
    """
    kernel = SIDE // CELLS
    nodes = [
        helper.make_node("AveragePool", ["image"], ["cells"], kernel_shape=[kernel] * 2, strides=[kernel] * 2),
        helper.make_node("Sub", ["cells", "half"], ["centred"]),
        helper.make_node("Clip", ["centred", "least", "most"], ["clipped"]),
        helper.make_node("Mul", ["clipped", "weights"], ["weighted"]),
        helper.make_node("Flatten", ["weighted"], ["embedding"]),
    ]
    values = {"half": 0.5, "least": -0.45, "most": 0.45}
    constants = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in values.items()]
    weights = np.array([0.02, 0.02, 1.0], np.float32).reshape(3, 1, 1)
    graph = helper.make_graph(
        nodes, "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3 * CELLS**2])],
        [*constants, numpy_helper.from_array(weights, "weights")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


@pytest.fixture
def people(tmp_path: Path) -> Callable[[int], facegap.Manifest]:
    """A function that draws subjects with three images each, who differ in blue alone."""

    def draw(subjects: int) -> facegap.Manifest:
        rng = np.random.default_rng(1)
        for subject in range(subjects):
            folder = tmp_path / f"photos{subjects}" / f"s{subject:02}"
            folder.mkdir(parents=True)
            blue = rng.uniform(60, 190, (CELLS, CELLS))
            for k in range(3):
                cells = rng.uniform(0, 255, (CELLS, CELLS, 3))
                cells[..., 2] = blue + rng.normal(0, 30, blue.shape)
                pixels = np.kron(cells.clip(0, 255), np.ones((SIDE // CELLS, SIDE // CELLS, 1)))
                Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{k}.png")
        return facegap.read([tmp_path / f"photos{subjects}"])

    return draw


def rank(network: Path, manifest: facegap.Manifest) -> Ranking:
    return rank_contracts(network, manifest, faces=NO_FACES)


def test_the_right_colours_and_pixels_win(network: Path, people: Callable[[int], facegap.Manifest]) -> None:
    found = rank(network, people(30))
    best = found.tried[0]
    assert (best.pixels, best.colour, found.images, found.subjects) == ("0 to 1", "RGB", 90, 30)
    assert len(found.tried) == 32
    others = [one for one in found.tried if (one.pixels, one.colour) != ("0 to 1", "RGB")]
    wrong = [one for one in others if one.colour == "BGR"]
    assert all(one.is_worse for one in wrong)
    assert all(one.gap is not None and one.gap.low < one.gap.value < 0 for one in wrong)
    # Without a detector all crops but the squeezed image are the same: no data can tell them apart.
    assert {(one.pixels, one.colour) for one in found.tried[:4]} == {("0 to 1", "RGB")}
    assert "Can't tell it from: " in " ".join(verdict("net", found))


def test_few_people_leave_it_open(network: Path, people: Callable[[int], facegap.Manifest], tmp_path: Path) -> None:
    people(30)
    photos = str(tmp_path / "photos30")
    asked = ["inspect", str(network), "--on", photos, "--most", "13", "--detector", "none"]
    done = CliRunner().invoke(app, asked, env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert "12 images of 4 subjects" in done.output
    assert "Can't tell it from: " in done.output
    assert "net does best with " in done.output


def test_it_takes_subjects_with_two_images(network: Path, people: Callable[[int], facegap.Manifest]) -> None:
    manifest = people(2)
    manifest = replace(manifest, frame=manifest.frame[:4])
    with pytest.raises(InputError, match="1 of 1 subjects have two images with a face, and it takes at least 2"):
        rank(network, manifest)


@pytest.mark.slow
def test_mobilefacenet_obeys_its_contract(shared_dir: Path) -> None:
    network, photos = shared_dir / "models" / "mobilefacenet_ms1m_112.onnx", shared_dir / "data" / "lfw-dev"
    if not network.is_file() or not photos.is_dir():
        pytest.skip("the shared network and photos are absent")
    found = rank_contracts(network, facegap.read([photos]))
    assert "arcface-imagenet" in found.tried[0].preset
    wrong = [one for one in found.tried if one.crop in ("whole", "box") or one.pixels == "0 to 255"]
    assert all(one.is_worse for one in wrong)
    few = rank_contracts(network, facegap.read([photos]), most=20)
    assert few.open
