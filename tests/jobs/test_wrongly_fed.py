"""Networks that people bring, of the kinds that were once taken for bad ones: each is said, whatever its form."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from facegap.data.evaluation import Evaluation
from facegap.data.statement import in_english
from facegap.errors import ModelError
from facegap.faces import FaceOptions
from facegap.jobs.evaluating import evaluate
from facegap.jobs.study import Study
from facegap.models import parse_model

WIDTH = 8


def network(
    path: Path,
    first: Sequence[onnx.NodeProto] = (),
    last: Sequence[onnx.NodeProto] = (),
    *,
    size: int = 112,
    start: str = "image",
    outputs: Sequence[tuple[str, Sequence[int | str]]] = (("flat", ["n", WIDTH]),),
    channels_last: bool = False,
) -> Path:
    """Write a network that multiplies a coarse picture by random weights into `flat`.

    `first` nodes lead from `image` to `start`, `last` nodes from `flat` to the `outputs`.
    """
    nodes = [
        *first,
        helper.make_node("AveragePool", [start], ["pooled"], kernel_shape=[size // 4] * 2, strides=[size // 4] * 2),
        helper.make_node("Flatten", ["pooled"], ["pixels"]),
        helper.make_node("MatMul", ["pixels", "weights"], ["flat"]),
        *last,
    ]
    weights = np.random.default_rng(8).normal(size=(48, WIDTH)).astype(np.float32)
    shape = ["n", size, size, 3] if channels_last else ["n", 3, size, size]
    graph = helper.make_graph(
        nodes,
        "brought",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
        [numpy_helper.from_array(weights, "weights")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def constant(name: str, **value: object) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], **value)


def tensor(value: object, kind: type = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, kind))


node = helper.make_node


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write three images of each of five subjects, cut out already."""
    folder, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(3)
    for subject in range(5):
        (folder / f"s{subject}").mkdir()
        base = rng.integers(40, 216, (4, 4, 3))
        for k in range(3):
            pixels = np.clip(base + rng.integers(-30, 30, base.shape), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).resize((112, 112)).save(folder / f"s{subject}" / f"{k}.png")
    return folder


def run(photos: Path, *models: str, said: list[str] | None = None) -> Evaluation:
    parsed = [parse_model(model) for model in models]
    study = Study([photos], parsed, faces=FaceOptions(detector="none"), store=photos.parent / "store", workers=1)
    return evaluate(study, say=[].append if said is None else said.append)


def kinds(evaluation: Evaluation) -> list[str]:
    return evaluation.findings["kind"].to_list()


INSIDE = {
    "floats of Constant nodes": [
        constant("a", value_float=127.5), constant("b", value_float=0.0078125),
        node("Sub", ["image", "a"], ["less"]), node("Mul", ["less", "b"], ["start"]),
    ],
    "three floats in a list, and the shape read too": [
        constant("a", value_float=255.0), constant("b", value_floats=[0.485, 0.456, 0.406]),
        constant("axes", value_ints=[1, 2]), node("Unsqueeze", ["b", "axes"], ["mean"]),
        node("Shape", ["image"], ["shape"]), node("Div", ["image", "a"], ["one"]),
        node("Sub", ["one", "mean"], ["less"]), node("Reshape", ["less", "shape"], ["start"]),
    ],
    "constants of another type": [
        constant("a", value=tensor(-127.5, np.float64)), node("Cast", ["a"], ["half"], to=TensorProto.FLOAT),
        constant("b", value=tensor(128, np.int64)), node("CastLike", ["b", "image"], ["by"]),
        node("Add", ["image", "half"], ["less"]), node("Div", ["less", "by"], ["start"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("first", INSIDE.values(), ids=INSIDE)
def test_a_network_that_normalises_inside_and_is_normalised_before(
    photos: Path, tmp_path: Path, first: list[onnx.NodeProto]
) -> None:
    path, said = network(tmp_path / "inside.onnx", first, start="start"), []
    assert "normalised-twice" in kinds(run(photos, f"{path},preset=arcface", said=said))
    assert any(line.startswith("Warning: inside: the network itself begins with ") for line in said)
    assert "normalised-twice" not in kinds(run(photos, f"{path},preset=sface"))
    raw = parse_model(str(path))  # nothing asked for: as InsightFace feeds such networks
    assert (raw.spec.mean, raw.spec.std) == ((0.0,) * 3, (1.0,) * 3)
    said = in_english(raw.note)
    assert said.startswith("contract guessed: arcface with pixels from 0 to 255, since the network itself begins with")


def test_channels_last_are_no_excuse(photos: Path, tmp_path: Path) -> None:
    first = [
        node("Transpose", ["image"], ["turned"], perm=[0, 3, 1, 2]), constant("a", value=tensor([[[127.5]]])),
        node("Sub", ["turned", "a"], ["start"]),
    ]  # fmt: skip
    path = network(tmp_path / "inside.onnx", first, start="start", channels_last=True)
    assert "normalised-twice" in kinds(run(photos, f"{path},preset=arcface"))


def moved(length: float, by: float) -> list[onnx.NodeProto]:
    """Return nodes that shrink embeddings `by` a factor and move them all by a vector of so many times ones."""
    return [
        constant("c", value=tensor(np.full((1, WIDTH), length))), constant("z", value=tensor([by])),
        node("Mul", ["flat", "z"], ["small"]), node("Add", ["small", "c"], ["out"]),
    ]  # fmt: skip


COLLAPSED = {
    "one point": (moved(1, 0), "constant-embeddings", 15),
    "one point but for rounding": (moved(300, 1e-5), "constant-embeddings", 15),
    "nearly one point": (moved(300, 0.1), "no-spread", 0),
    "zero": (moved(0, 0), "zero-embeddings", 15),
    "minus zero": (moved(-0.0, -0.0), "zero-embeddings", 15),
    "not a number": (moved(np.nan, 1), None, 15),
    "without end": (moved(np.inf, 1), None, 15),
}


@pytest.mark.parametrize(("last", "kind", "failed"), COLLAPSED.values(), ids=COLLAPSED)
def test_a_network_that_tells_no_images_apart(
    photos: Path, tmp_path: Path, last: list[onnx.NodeProto], kind: str | None, failed: int
) -> None:
    path, said = network(tmp_path / "broken.onnx", last=last, outputs=[("out", ["n", WIDTH])]), []
    found = run(photos, f"{path},preset=arcface", said=said)
    assert found.failures.height == failed
    assert [one for one in kinds(found) if one in ("constant-embeddings", "zero-embeddings", "no-spread")] == [kind][
        : bool(kind)
    ]
    assert any(line.startswith("Warning: broken: ") for line in said) == bool(kind)
    if failed:
        assert found.value("auc", model="broken", cohort="photos0") is None


def test_zeros_for_some_images_are_failures_of_these(photos: Path, tmp_path: Path) -> None:
    """An embedding is zero where its first number is negative."""
    last = [
        constant("from", value=tensor([0], np.int64)), constant("to", value=tensor([1], np.int64)),
        node("Slice", ["flat", "from", "to", "to"], ["first"]), node("Relu", ["first"], ["some"]),
        node("Mul", ["flat", "some"], ["out"]),
    ]  # fmt: skip
    path = network(tmp_path / "some.onnx", last=last, outputs=[("out", ["n", WIDTH])])
    found = run(photos, f"{path},preset=arcface")
    assert 0 < found.failures.height < 15
    assert "zero-embeddings" in kinds(found)


@pytest.mark.parametrize(("size", "preset"), [(224, "japanese-face"), (160, "facenet"), (152, ""), (112, "arcface")])
def test_a_size_alone_is_a_guess(photos: Path, tmp_path: Path, size: int, preset: str) -> None:
    path = network(tmp_path / "vgg_like.onnx", size=size)
    if not preset:
        with pytest.raises(ModelError, match=r"takes 152 x 152 pixels and does not say .*: pass --preset"):
            run(photos, str(path))
        return
    said: list[str] = []
    found = run(photos, str(path), said=said)
    assert "guessed-contract" in kinds(found)
    assert any(line.startswith("Warning: vgg_like: its contract is a guess") for line in said)
    assert "guessed-contract" not in kinds(run(photos, f"{path},preset={preset}"))


NORM = [node("ReduceL2", ["flat"], ["norm"], axes=[1], keepdims=1), node("Div", ["flat", "norm"], ["feature"])]
FLAT = [node("ReduceL2", ["flat"], ["norm"], axes=[1], keepdims=0), node("Identity", ["flat"], ["feature"])]
DEEP = [
    constant("axes", value=tensor([2, 3], np.int64)), *NORM[:1], node("Unsqueeze", ["norm", "axes"], ["norm4"]),
    node("Unsqueeze", ["flat", "axes"], ["feature4"]),
]  # fmt: skip
BESIDE = {
    "feature, norm": (NORM, [("feature", ["n", WIDTH]), ("norm", ["n", 1])]),
    "norm, feature": (NORM, [("norm", ["n", 1]), ("feature", ["n", WIDTH])]),
    "a norm of one axis": (FLAT, [("norm", ["n"]), ("feature", ["n", WIDTH])]),
    "four axes": (DEEP, [("norm4", ["n", 1, 1, 1]), ("feature4", ["n", WIDTH, 1, 1])]),
}


@pytest.mark.parametrize(("last", "outputs"), BESIDE.values(), ids=BESIDE)
def test_one_number_an_image_is_no_embedding(
    photos: Path, tmp_path: Path, last: list[onnx.NodeProto], outputs: list[tuple[str, list[int | str]]]
) -> None:
    path = network(tmp_path / "adaface_like.onnx", last=last, outputs=outputs)
    found = run(photos, f"{path},preset=adaface")
    assert found.models["dimension"].to_list() == [WIDTH]
    assert not found.failures.height


def test_where_two_may_be_the_embedding_each_model_names_its_own(photos: Path, tmp_path: Path) -> None:
    last = [*NORM, node("Abs", ["flat"], ["logits"])]
    outputs = [("feature", ["n", WIDTH]), ("logits", ["n", WIDTH]), ("norm", ["n", 1])]
    first, second = (network(tmp_path / f"{name}.onnx", last=last, outputs=outputs) for name in ("a", "b"))
    with pytest.raises(ModelError, match=r"--output NAME, or for this model alone --model a.onnx,output=NAME"):
        run(photos, f"{first},preset=adaface")
    found = run(photos, f"{first},preset=adaface,output=feature", f"{second},preset=arcface,output=logits")
    assert found.models["model"].to_list() == ["a", "b"]
