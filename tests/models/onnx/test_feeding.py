"""What the start of a network and its contract show together."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facegap.models import parse_model
from facegap.models.onnx.onnx_file import read_onnx
from facegap.report.text.findings import finding_text

Build = Callable[..., Path]
Steps = Sequence[tuple[str, float | Sequence[float]]]

HALF = {"mean": "127.5,127.5,127.5", "std": "127.5,127.5,127.5"}
RAW = {"mean": "0,0,0", "std": "1,1,1"}
TO_ONE = {"mean": "0,0,0", "std": "255,255,255"}
UNIT = {"mean": "[0.485, 0.456, 0.406]", "std": "[0.229, 0.224, 0.225]"}


def begins_with(path: Path, steps: Steps, *, as_nodes: bool = False, cast: bool = False) -> Path:
    """Put nodes with constants before all others; a name that begins with "r" has the constant on the left."""
    model = onnx.load(path)
    value, nodes = "image", []
    if cast:
        nodes.append(helper.make_node("Cast", [value], ["cast"], to=TensorProto.FLOAT))
        value = "cast"
    for i, (kind, number) in enumerate(steps):
        numbers = np.array(number, np.float32)
        tensor = numpy_helper.from_array(numbers.reshape(-1, 1, 1) if numbers.ndim else numbers, f"c{i}")
        if as_nodes:
            nodes.append(helper.make_node("Constant", [], [f"c{i}"], value=tensor))
        else:
            model.graph.initializer.append(tensor)
        inputs = [value, f"c{i}"]
        nodes.append(helper.make_node(kind.removeprefix("r"), inputs[:: -1 if kind[0] == "r" else 1], [f"v{i}"]))
        value = f"v{i}"
    model.graph.node[0].input[0] = value
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
    onnx.save(model, path)
    return path


def contract(pixels: dict[str, str]) -> dict[str, str]:
    values = {"crop": "whole", "size": "16", "comparator": "cosine", **pixels}
    return {f"facegap.{key}": text for key, text in values.items()}


def kinds(path: Path) -> list[str]:
    return [finding.kind for finding in parse_model(str(path)).findings]


MXNET: Steps = [("Sub", 127.5), ("Mul", 0.0078125)]
TORCH: Steps = [("Div", 255.0), ("Sub", [0.485, 0.456, 0.406]), ("Div", [0.229, 0.224, 0.225])]


@pytest.mark.parametrize(
    ("steps", "pixels", "expected"),
    [
        (MXNET, HALF, ["normalised-twice"]),
        (MXNET, RAW, []),
        (TORCH, HALF, ["normalised-twice"]),
        (TORCH, RAW, []),
        (TORCH[1:], TO_ONE, []),
        (TORCH, TO_ONE, ["normalised-twice"]),
        ([("Add", -127.5), ("Div", 128.0)], HALF, ["normalised-twice"]),
        ([("rSub", 127.5)], HALF, ["normalised-twice"]),
        ([("Div", 255.0)], TO_ONE, ["normalised-twice"]),
        ([("Mul", 1.5)], HALF, []),
        ([("rDiv", 2.0)], HALF, []),
        ([], HALF, []),
        ([], UNIT, ["unit-scale"]),
        (MXNET, UNIT, ["unit-scale"]),
        ([], {"mean": "0.5,0.5,0.5", "std": "1,1,1"}, ["unit-scale"]),
        ([], RAW, []),
        ([], TO_ONE, []),
    ],
)
def test_doubts(build_onnx: Build, steps: Steps, pixels: dict[str, str], expected: list[str]) -> None:
    assert kinds(begins_with(build_onnx(metadata=contract(pixels)), steps)) == expected


def test_toml_beside_the_file(build_onnx: Build) -> None:
    path = build_onnx()
    toml = 'crop = "whole"\nsize = 16\ncomparator = "cosine"\nmean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]\n'
    path.with_suffix(".toml").write_text(toml)
    (finding,) = parse_model(str(path)).findings
    assert finding_text(finding).endswith("so the network gets pixels from -1 to 509: multiply both by 255")


def test_a_guess_by_the_size_alone(build_onnx: Build) -> None:
    assert kinds(build_onnx(size=224)) == ["guessed-contract"]
    assert not parse_model(str(build_onnx(size=224)), preset="japanese-face").findings


@pytest.mark.parametrize("how", [{"as_nodes": True}, {"cast": True}])
def test_constants_of_every_kind_are_found(build_onnx: Build, how: dict[str, bool]) -> None:
    steps = read_onnx(begins_with(build_onnx(), MXNET, **how)).first_steps
    assert steps.words == "Sub 127.5, Mul 0.0078125"
    assert steps.shift == (127.5 * -0.0078125,) * 3


def test_first_steps_are_what_the_network_does(build_onnx: Build) -> None:
    path = begins_with(build_onnx(dimension=3), TORCH)
    steps = read_onnx(path).first_steps
    assert steps.words == "Div 255, Sub 0.485 0.456 0.406, Div 0.229 0.224 0.225"
    model = onnx.load(path)
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("v2", TensorProto.FLOAT, None))
    from onnx.reference import ReferenceEvaluator

    image = np.random.default_rng(0).integers(0, 256, (1, 3, 16, 16)).astype(np.float32)
    (found,) = list(ReferenceEvaluator(model).run(["v2"], {"image": image}))
    scale, shift = (np.reshape(numbers, (3, 1, 1)) for numbers in (steps.scale, steps.shift))
    np.testing.assert_allclose(np.asarray(found), image * scale + shift, atol=1e-5)


def test_the_norm_beside_the_feature_is_no_embedding(build_onnx: Build) -> None:
    path = build_onnx(metadata=contract(RAW), more_outputs={"norm": ["n", 1]})
    assert parse_model(str(path)).spec.output == "embedding"
