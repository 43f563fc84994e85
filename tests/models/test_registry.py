"""From what a user writes to a model."""

import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.data.spec import FaceSpec, ModelSpec, digest
from facegap.data.weights import FACE_NETWORK, dlib_weights
from facegap.errors import ModelError
from facegap.models import Model, parse_model, registry
from models.dlib.dlib_writer import Writer

Build = Callable[..., Path]
FACES = FaceSpec("dlib-hog", "main")


def test_dlib() -> None:
    spec = parse_model("dlib").spec
    assert (spec.name, spec.runtime, spec.crop, spec.size, spec.dimension) == (
        "dlib", "onnxruntime", "dlib-150", 150, 128,
    )  # fmt: skip
    assert (spec.comparator, spec.threshold) == (Comparator.EUCLIDEAN, 0.6)
    assert (spec.mean, spec.std) == ((122.782, 117.001, 104.298), (256.0, 256.0, 256.0))
    assert spec.weights == "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"


def test_the_reference_is_another_model_with_the_same_weights() -> None:
    spec, reference = parse_model("dlib").spec, parse_model("dlib:reference").spec
    assert (reference.name, reference.runtime) == ("dlib-reference", "dlib")
    assert (reference.weights, reference.crop, reference.threshold) == (spec.weights, spec.crop, spec.threshold)
    assert digest(spec, FACES) != digest(reference, FACES)


@pytest.mark.parametrize("which", ["dlib", "dlib:reference"])
def test_jitters_are_part_of_the_key(which: str) -> None:
    assert parse_model(which, jitters=10).spec.jitters == 10
    assert digest(parse_model(which, jitters=10).spec, FACES) != digest(parse_model(which).spec, FACES)


def test_other_dlib_weights(tmp_path: Path) -> None:
    path = tmp_path / "taguchi.dat"
    shutil.copy(dlib_weights(FACE_NETWORK), path)
    for which, name in (("dlib", "taguchi"), ("dlib:reference", "taguchi-reference")):
        spec = parse_model(f"{which}:{path}").spec
        assert spec.name == name
        assert digest(spec, FACES) == digest(parse_model(which).spec, FACES)


def test_only_dlibs_own_weights_have_dlibs_threshold(tmp_path: Path) -> None:
    path = tmp_path / "small.dat"
    path.write_bytes(Writer().content)
    spec = parse_model(f"dlib:{path}").spec
    assert (spec.name, spec.dimension, spec.threshold) == ("small", 5, None)


def test_names(build_onnx: Build) -> None:
    path = build_onnx("candidate", size=224)
    assert parse_model(str(path)).spec.name == "candidate"
    assert parse_model(f"new one={path}").spec.name == "new one"
    assert parse_model("old=dlib").spec.name == "old"
    tuned = path.rename(path.with_name("lr=0.1.onnx"))
    assert parse_model(str(tuned)).spec.name == "lr=0.1"
    assert parse_model(f"best={tuned}").spec.name == "best"


@pytest.mark.parametrize("text", ["=dlib", "name="])
def test_half_a_name(text: str) -> None:
    with pytest.raises(ModelError, match="write NAME=MODEL"):
        parse_model(text)


def test_options_pass_by_models_they_do_not_concern(build_onnx: Build) -> None:
    assert parse_model("dlib", preset="arcface", output="x").spec == parse_model("dlib").spec
    assert parse_model("dlib:reference", device="cuda").spec == parse_model("dlib:reference").spec
    assert parse_model(str(build_onnx(size=224)), jitters=5).spec.jitters == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("facenet", "unknown model 'facenet': give one of dlib, dlib:WEIGHTS.dat, FILE.onnx"),
        ("dlibx", "unknown model 'dlibx'"),
        ("dlib:absent.dat", r"absent\.dat cannot be read .*: check the path"),
        ("", "unknown model ''"),
    ],
)
def test_unknown_models(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse_model(text)


def test_no_jitters() -> None:
    with pytest.raises(ModelError, match="pass 1 or more"):
        parse_model("dlib", jitters=0)


@pytest.mark.parametrize("model", ["dlib", "dlib:reference", "net.onnx"])
def test_unknown_device(model: str) -> None:
    with pytest.raises(ModelError, match="unknown device 'abacus': choose one of cpu, cuda, "):
        parse_model(model, device="abacus")


SPEC = ModelSpec("plugged", "python", "v1", "whole", 8, 3, Comparator.COSINE)


def make_plugin() -> Model:
    return Model(embed=lambda crops: crops.mean(axis=(1, 2)), spec=SPEC)


def make_nothing() -> str:
    return "no model"


def make_trouble() -> Model:
    raise OSError("weights are gone\nand more")


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plugins_under_test", sys.modules[__name__])
    made = EntryPoints(
        EntryPoint(name, f"plugins_under_test:{function}", registry.PLUGINS)
        for name, function in [
            ("plug", "make_plugin"),
            ("nothing", "make_nothing"),
            ("trouble", "make_trouble"),
            ("absent", "make_absent"),
        ]
    )
    monkeypatch.setattr(registry, "entry_points", lambda **wanted: made.select(**wanted))


@pytest.mark.usefixtures("plugins")
def test_plugin() -> None:
    source = pickle.loads(pickle.dumps(parse_model("plug")))
    assert source.spec == SPEC
    assert source.open().embed(np.ones((2, 8, 8, 3), np.uint8)).tolist() == [[1, 1, 1]] * 2
    assert parse_model("other=plug").spec.name == "other"


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", r"plug-in nothing \(plugins_under_test:make_nothing\) gave no model"),
        ("trouble", r"plug-in trouble .* failed: OSError: weights are gone$"),
        ("absent", "plug-in absent .* failed: AttributeError"),
        ("other", r"uniface:NAME, absent, nothing, plug, trouble$"),
    ],
)
def test_broken_plugins(name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse_model(name)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, facegap.models; assert not {'dlib', 'onnx', 'onnxruntime', 'cv2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_options_of_one_model_alone(build_onnx: Build) -> None:
    path = build_onnx(size=112, more_outputs={"other": ["n", 3]})
    source = parse_model(f"new={path},preset=arcface-imagenet,output=other", preset="arcface", output="embedding")
    assert (source.spec.name, source.spec.output, source.spec.dimension) == ("new", "other", 3)
    assert source.spec.mean == (123.675, 116.28, 103.53)
    other = parse_model(str(path), preset="arcface", output="embedding").spec
    assert (other.output, other.mean) == ("embedding", (127.5, 127.5, 127.5))
    with pytest.raises(ModelError, match=r"say which output is the embedding, .*candidate.onnx,output=NAME"):
        parse_model(f"{path.rename(path.with_name('candidate.onnx'))},preset=arcface")


def test_a_file_whose_name_looks_like_an_option(build_onnx: Build) -> None:
    path = build_onnx(size=112)
    odd = path.rename(path.with_name("net,output=2.onnx"))
    assert parse_model(f"{odd},preset=arcface").spec.name == "net,output=2"


@pytest.mark.parametrize("text", ["dlib,preset=arcface", "{},threshold=0.4"])
def test_options_that_a_model_does_not_have(build_onnx: Build, text: str) -> None:
    with pytest.raises(ModelError, match=r"this model has no option (preset|threshold)"):
        parse_model(text.format(build_onnx(size=224)))
