"""People made of stripes, as image files: what a tiny network learns to tell apart in seconds."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

SIDE = 40
BACKBONE = "test_efficientnet"


def draw(subject: int, rng: np.random.Generator) -> np.ndarray:
    """A picture (SIDE, SIDE, 3) of a subject: stripes of its own width, direction and colours, moved and in noise."""
    own = np.random.default_rng(subject)
    turn, width = own.uniform(0, np.pi), own.uniform(0.3, 1.2)
    colours = own.uniform(40, 215, (2, 3))
    y, x = np.mgrid[:SIDE, :SIDE]
    wave = (1 + np.sin(width * (x * np.cos(turn) + y * np.sin(turn)) + rng.uniform(0, 6)))[..., None] / 2
    pixels = wave * colours[0] + (1 - wave) * colours[1] + rng.normal(0, 12, (SIDE, SIDE, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def write_people(folder: Path, subjects: range, images: int) -> Path:
    """Write a folder per subject."""
    for subject in subjects:
        rng = np.random.default_rng((subject, 1))
        (folder / f"s{subject:03}").mkdir(parents=True)
        for k in range(images):
            Image.fromarray(draw(subject, rng)).save(folder / f"s{subject:03}" / f"{k}.png")
    return folder


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 subjects x 6 images."""
    return write_people(tmp_path_factory.mktemp("people") / "people", range(30), 6)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50 subjects x 6 images: enough that 20 can judge what was learnt from others."""
    return write_people(tmp_path_factory.mktemp("crowd") / "people", range(50), 6)


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 other subjects x 4 images."""
    return write_people(tmp_path_factory.mktemp("others") / "others", range(100, 120), 4)


@pytest.fixture(scope="session")
def old_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A poor model: it looks at the one pixel in the corner."""
    nodes = [
        helper.make_node("Slice", ["image", "first", "second", "across"], ["corner"]),
        helper.make_node("Flatten", ["corner"], ["colour"]),
        helper.make_node("MatMul", ["colour", "weights"], ["embedding"]),
    ]
    weights = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    places = {"first": [0, 0], "second": [1, 1], "across": [2, 3]}
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 32, 32])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 2])],
        [
            numpy_helper.from_array(weights, "weights"),
            *(numpy_helper.from_array(np.array(v), n) for n, v in places.items()),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    contract = {"crop": "whole", "size": "32", "mean": "[0, 0, 0]", "std": "[255, 255, 255]", "comparator": "cosine"}
    helper.set_model_props(model, {f"facegap.{key}": value for key, value in contract.items()})
    path = tmp_path_factory.mktemp("model") / "old.onnx"
    onnx.save(model, path)
    return path
