"""`facegap export` as a person uses it: a file that needs no options, or one clear line."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from facegap.cli.app import app
from facegap.data.statement import in_english
from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, dlib_weights
from facegap.errors import FacegapError, InputError, ModelError
from facegap.models import parse_model
from models.dlib.dlib_writer import Writer

CROPS = np.random.default_rng(2).integers(0, 256, (3, 150, 150, 3), dtype=np.uint8)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "small.dat"
    path.write_bytes(Writer(dimension=7).content)
    return path


def export(model: str, out: Path) -> str:
    done = CliRunner().invoke(app, ["--traceback", "export", model, "-o", str(out)])
    if done.exception:
        raise done.exception
    return done.stdout


def test_dlib(tmp_path: Path) -> None:
    out = tmp_path / "dlib.onnx"
    assert f"--model {out}" in export("dlib", out)
    exported, model = parse_model(str(out), jitters=2), parse_model("dlib", jitters=2)
    assert in_english(exported.note) == "contract from the metadata in the file"
    for name in ("name", "crop", "size", "dimension", "comparator", "threshold", "mean", "std", "jitters"):
        assert getattr(exported.spec, name) == getattr(model.spec, name)
    np.testing.assert_array_equal(exported.open().embed(CROPS), model.open().embed(CROPS))


def test_another_network(weights: Path, tmp_path: Path) -> None:
    export(f"dlib:{weights}", tmp_path / "small.onnx")
    exported, model = parse_model(str(tmp_path / "small.onnx")), parse_model(f"dlib:{weights}")
    assert (exported.spec.dimension, exported.spec.threshold) == (7, None)
    np.testing.assert_array_equal(exported.open().embed(CROPS), model.open().embed(CROPS))


@pytest.mark.parametrize(
    ("model", "out", "error", "says"),
    [
        ("net.onnx", "a.onnx", InputError, "'net.onnx' cannot be exported: give dlib or dlib:WEIGHTS.dat"),
        ("dlib:reference", "a.onnx", InputError, "cannot be exported"),
        (f"dlib:reference:{FACE_NETWORK}", "a.onnx", InputError, "cannot be exported"),
        ("new=dlib", "a.onnx", InputError, "cannot be exported"),
        ("dlib:absent.dat", "a.onnx", ModelError, "absent.dat cannot be read"),
        (f"dlib:{dlib_weights(FIVE_POINTS)}", "a.onnx", ModelError, "is damaged or no face network of dlib"),
        ("dlib", "a.dat", InputError, "a.dat is no name of an ONNX file: end it in .onnx"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    tmp_path: Path, model: str, out: str, error: type[FacegapError], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        export(model, tmp_path / out)
    assert len(str(caught.value).splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_failure_leaves_an_older_file_alone(weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "small.onnx"
    older = b"dlib weights sha256 of an older export"
    out.write_bytes(older)
    weights.write_bytes(weights.read_bytes()[:-9])
    with pytest.raises(ModelError):
        export(f"dlib:{weights}", out)
    assert out.read_bytes() == older
