"""People whose photographs are plain to see: four coloured quarters, some of which say who it is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from facegap.jobs.adapt import regularisation

SIDE = 16
CONTRACT = {
    "facegap.crop": "whole",
    "facegap.size": str(SIDE),
    "facegap.mean": "0, 0, 0",
    "facegap.std": "1, 1, 1",
    "facegap.comparator": "euclidean",
    "facegap.threshold": "30",
    "facegap.licence": "CC0-1.0",
    "who": "tests",
}


def quarters(crops: np.ndarray) -> np.ndarray:
    """What the network makes of crops (n, 16, 16, 3): the mean colours of the quarters, (n, 12)."""
    n, half = len(crops), SIDE // 2
    means = crops.astype(np.float64).reshape(n, 2, half, 2, half, 3).mean(axis=(2, 4))
    return means.transpose(0, 3, 1, 2).reshape(n, 12)


@pytest.fixture
def few_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave two shrinkages to choose from, where it does not matter which is best."""
    leave_few_recipes(monkeypatch)


def leave_few_recipes(patch: pytest.MonkeyPatch) -> None:
    """Do what `few_recipes` does."""
    patch.setattr(regularisation, "SHRINKAGES", regularisation.SHRINKAGES[::3])


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """An ONNX file that gives the mean colours of the quarters of an image, with its contract."""
    return quarters_network(tmp_path / "quarters.onnx")


def quarters_network(path: Path) -> Path:
    """Write that network to a file and return it."""
    nodes = [
        helper.make_node("AveragePool", ["image"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["pooled"], ["embedding"]),
    ]
    taken = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])]
    given = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 12])]
    model = helper.make_model(
        helper.make_graph(nodes, "quarters", taken, given), opset_imports=[helper.make_opsetid("", 13)]
    )
    model.ir_version = 8
    helper.set_model_props(model, CONTRACT)
    onnx.save(model, path)
    return path


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., Path]:
    """Return `write_people` into a folder of this name."""
    return lambda name, **options: write_people(tmp_path / name, **options)


def write_people(place: Path, *, subjects: int = 24, images: int = 4, told: int = 6, noise: float = 30,
                 spread: float = 10, seed: int = 0) -> Path:  # fmt: skip
    """Write a folder per subject and return the folder of all.

    In each picture `told` of the twelve numbers say who it is, by `spread` levels; the others change by `noise` from
    picture to picture, those that tell by 4.
    """
    rng = np.random.default_rng(seed)
    varies = np.where(np.arange(12) < told, 4, noise)
    for s in range(subjects):
        middle = 128 + spread * rng.normal(size=12) * (np.arange(12) < told)
        folder = place / f"{place.name}{s:03}"
        folder.mkdir(parents=True)
        for k in range(images):
            colours = np.clip(middle + varies * rng.normal(size=12), 0, 255).astype(np.uint8)
            pixels = np.kron(colours.reshape(3, 2, 2).transpose(1, 2, 0), np.ones((SIDE // 2, SIDE // 2, 1)))
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{k}.png")
    return place
