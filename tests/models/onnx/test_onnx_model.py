"""ONNX networks of every shape give what numpy gives, and the unusable ones one clear line."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image

from facegap.data.comparator import Comparator
from facegap.data.statement import in_english
from facegap.errors import ModelError
from facegap.faces import decode, make_cropper
from facegap.models import parse_model
from facegap.models.dlib.jitter import jittered
from facegap.models.onnx.onnx_model import OnnxModel
from facegap.testing import check_embedder

Build = Callable[..., Path]
NetOutput = Callable[..., np.ndarray]

PLAIN = {"facegap.crop": "whole", "facegap.size": "16", "facegap.comparator": "cosine"}
RAW = PLAIN | {"facegap.mean": "0,0,0", "facegap.std": "1,1,1"}
MEAN, STD = (100.0, 120.0, 140.0), (50.0, 60.0, 70.0)
NORMALISED = PLAIN | {"facegap.mean": "[100, 120, 140]", "facegap.std": "50,60,70"}

SHAPES = {
    "dynamic batch": {},
    "fixed batch of 1": {"batch": 1},
    "fixed batch of 3, padded": {"batch": 3},
    "fixed batch larger than needed": {"batch": 16},
    "dynamic size": {"size": "side"},
    "NHWC": {"channels_last": True},
    "NHWC, fixed batch of 1": {"channels_last": True, "batch": 1},
    "double": {"dtype": TensorProto.DOUBLE},
    "(n, D, 1, 1)": {"trailing_ones": True},
    "external data": {"external": "net.bin"},
    "a feature map beside it": {"more_outputs": {"map": ["n", 3, 16, 16]}},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes(build_onnx: Build, net_output: NetOutput, crops: np.ndarray, shape: dict) -> None:
    source = parse_model(str(build_onnx(metadata=NORMALISED, **shape)))
    model = source.open()
    assert source.spec.dimension == 5
    np.testing.assert_allclose(model.embed(crops), net_output(crops, 5, MEAN, STD), atol=1e-5)
    check_embedder(model)


def test_float16(build_onnx: Build, net_output: NetOutput, crops: np.ndarray) -> None:
    model = parse_model(str(build_onnx(metadata=NORMALISED, dtype=TensorProto.FLOAT16))).open()
    np.testing.assert_allclose(model.embed(crops), net_output(crops, 5, MEAN, STD), atol=5e-3)
    check_embedder(model, tolerance=5e-3)


def test_uint8_is_fed_raw(build_onnx: Build, net_output: NetOutput, crops: np.ndarray) -> None:
    model = parse_model(str(build_onnx(metadata=RAW, dtype=TensorProto.UINT8))).open()
    np.testing.assert_allclose(model.embed(crops), net_output(crops, 5), rtol=1e-5)
    check_embedder(model)


def test_uint8_cannot_be_normalised(build_onnx: Build) -> None:
    with pytest.raises(ModelError, match="say mean 0 and std 1"):
        parse_model(str(build_onnx(metadata=NORMALISED, dtype=TensorProto.UINT8)))


@pytest.mark.parametrize("channels_last", [False, True])
def test_bgr(build_onnx: Build, net_output: NetOutput, crops: np.ndarray, channels_last: bool) -> None:
    path = build_onnx(metadata=NORMALISED | {"facegap.colour": "BGR"}, channels_last=channels_last)
    expected = net_output(crops, 5, MEAN, STD, "BGR")
    assert np.abs(expected - net_output(crops, 5, MEAN, STD)).max() > 0.1
    np.testing.assert_allclose(parse_model(str(path)).open().embed(crops), expected, atol=1e-5)


def test_japanese_face_as_the_article_runs_it(build_onnx: Build, net_output: NetOutput) -> None:
    """PIL's RGB image, resized to 224 x 224, divided by 255, ImageNet's mean and std, batches of 1, 512 numbers."""
    path = build_onnx(size=224, batch=1, dimension=512, metadata={"signature": "made by hand"})
    source = parse_model(str(path))
    said = in_english(source.note)
    assert said.startswith("contract guessed: japanese-face is the only preset that takes 224 x 224 pixels")
    spec = source.spec
    assert (spec.name, spec.crop, spec.size, spec.dimension) == ("net", "whole", 224, 512)
    assert (spec.comparator, spec.threshold, spec.signature) == (Comparator.COSINE, None, "made by hand")

    rng = np.random.default_rng(5)
    photo = Image.fromarray(rng.integers(0, 256, (300, 260, 3), dtype=np.uint8))
    resized = np.asarray(photo.resize((224, 224), Image.Resampling.BILINEAR), dtype=np.float64) / 255
    normalised = (resized - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    crop = make_cropper(spec.crop, spec.size).crop(np.asarray(photo)).pixels
    assert crop is not None
    np.testing.assert_allclose(source.open().embed(crop[None]), net_output(normalised[None], 512), atol=1e-5)
    check_embedder(source.open())


def test_a_recipe_can_be_pickled(build_onnx: Build, crops: np.ndarray) -> None:
    source = parse_model(str(build_onnx(metadata=RAW)))
    copy = pickle.loads(pickle.dumps(source))
    assert copy.spec == source.spec
    np.testing.assert_array_equal(copy.open().embed(crops), source.open().embed(crops))


def test_two_outputs_that_may_be_the_embedding(build_onnx: Build, net_output: NetOutput, crops: np.ndarray) -> None:
    path = build_onnx(metadata=RAW, more_outputs={"logits": ["n", 3]})
    with pytest.raises(ModelError, match=r"embedding float \[n, 5\]; logits float \[n, 3\]: say which output"):
        parse_model(str(path))
    with pytest.raises(ModelError, match="has no output 'features': choose one of embedding, logits"):
        parse_model(str(path), output="features")
    source = parse_model(str(path), output="logits")
    assert (source.spec.output, source.spec.dimension) == ("logits", 3)
    np.testing.assert_allclose(source.open().embed(crops), crops.mean(axis=(1, 2)), rtol=1e-5)
    assert parse_model(str(path), output="embedding").spec.dimension == 5


def test_the_contract_names_the_output_and_the_user_overrules_it(build_onnx: Build) -> None:
    named = RAW | {"facegap.output": "embedding"}
    path = build_onnx(metadata=named, more_outputs={"logits": ["n", 3]})
    assert parse_model(str(path)).spec.output == "embedding"
    assert parse_model(str(path), output="logits").spec.output == "logits"


def test_an_output_that_is_no_embedding(build_onnx: Build) -> None:
    path = build_onnx(metadata=RAW, more_outputs={"map": ["n", 3, 16, 16]})
    with pytest.raises(ModelError, match=r"made map \(2, 3, 16, 16\) of 2 images, expected \(n, D\)"):
        parse_model(str(path), output="map")


def test_infinity_is_left_for_the_caller_to_judge(build_onnx: Build, crops: np.ndarray) -> None:
    tiny = RAW | {"facegap.std": "1e-4,1e-4,1e-4"}
    model = parse_model(str(build_onnx(metadata=tiny, dtype=TensorProto.FLOAT16))).open()
    assert not np.isfinite(model.embed(crops)).any()


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"input_shape": ["n", 48]}, r"takes image float \[n, 48\], which is no batch of RGB images"),
        ({"input_shape": ["n", 1, 16, 16]}, "no batch of RGB images"),
        ({"input_shape": ["n", 3, 16, 24]}, "expected square images"),
        ({"dtype": TensorProto.INT32}, "no batch of RGB images"),
        ({"more_inputs": 2}, r"takes image float \[n, 3, 16, 16\]; extra0 float \[1\]; extra1 .* expected a single"),
        ({"size": 32}, "takes images of 32 pixels but its contract says 16"),
    ],
)
def test_unfitting_inputs(build_onnx: Build, shape: dict, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        parse_model(str(build_onnx(metadata=RAW, **shape)))
    assert len(str(caught.value).splitlines()) == 1


def test_a_batch_the_network_cannot_take_is_one_line(
    build_onnx: Build, crops: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    model = parse_model(str(build_onnx(metadata=RAW))).open()
    with pytest.raises(ModelError, match="failed on a batch of 7: ") as caught:
        model.embed(crops[:, :8])
    assert len(str(caught.value).splitlines()) == 1
    assert capfd.readouterr() == ("", "")


def test_dimension_must_be_the_promised_one(build_onnx: Build, crops: np.ndarray) -> None:
    path = build_onnx(metadata=RAW)
    spec = parse_model(str(path)).spec
    build_onnx(metadata=RAW, dimension=6)
    with pytest.raises(ModelError, match="put out 6 numbers, its contract says 5"):
        OnnxModel(path, spec).embed(crops)


def test_jitters_are_for_dlibs_crop_alone(build_onnx: Build, crops: np.ndarray) -> None:
    path = build_onnx(metadata=RAW | {"facegap.crop": "dlib-150"})
    source = parse_model(str(path), jitters=3)
    assert source.spec.jitters == 3
    plain = parse_model(str(path)).open()
    expected = [plain.embed(jittered(crop, 3)).mean(axis=0) for crop in crops]
    np.testing.assert_allclose(source.open().embed(crops), expected, rtol=1e-6)
    check_embedder(source.open())
    assert parse_model(str(build_onnx(metadata=RAW)), jitters=3).spec.jitters == 1


@pytest.mark.parametrize("detector", ["dlib-hog", "yunet"])
def test_mobilefacenet_tells_men_apart(shared_dir: Path, detector: str) -> None:
    if detector == "yunet":
        detector = f"yunet:{shared_dir / 'models' / 'yunet_n_dynamic.onnx'}"
    source = parse_model(f"{shared_dir / 'models' / 'mobilefacenet_ms1m_112.onnx'}", preset="arcface-imagenet")
    cropper = make_cropper(source.spec.crop, source.spec.size, detector=detector)
    paths = [
        path for folder in sorted((shared_dir / "data" / "johns").iterdir()) for path in sorted(folder.iterdir())[:4]
    ]
    vectors = source.open().embed(np.array([cropper.crop(decode(path.read_bytes())).pixels for path in paths]))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    subjects = np.array([path.parent.name for path in paths])
    upper = np.triu(np.ones((len(paths), len(paths)), dtype=bool), 1)
    same = subjects[:, None] == subjects
    genuine, impostor = (unit @ unit.T)[upper & same], (unit @ unit.T)[upper & ~same]
    auc = (genuine[:, None] > impostor).mean()
    assert auc > 0.99
    assert np.median(genuine) > 0.45
    assert np.median(impostor) < 0.2
