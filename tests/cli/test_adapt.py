"""`facegap adapt` as a person, or a pipeline, uses it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from facegap.synthetic import write_population


def run(*arguments: str | Path, home: Path):
    return subprocess.run(
        [sys.executable, "-m", "facegap", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "COLUMNS": "200", "HOME": str(home), "PYTHONUTF8": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    write_population(folder / "hard", subjects=40, images=3, spread=0.8, geometry_spread=0.4, seed=1, prefix="h")
    write_population(folder / "few", subjects=7, images=2, spread=0.8, seed=2, prefix="f")
    return folder


@pytest.mark.slow
def test_dlib_adapted_is_written_with_its_card_and_evaluates_without_options(tmp_path, faces):
    new = tmp_path / "new.onnx"
    hard, store = f"hard={faces / 'hard'}", tmp_path / "s"
    options = ("--held-out", "0.5", "--store", store, "--no-images", "--no-general")
    done = run("adapt", hard, "-m", "dlib", "-o", new, *options, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 subjects: 20 to learn from, 20 held out to judge on" in done.stdout
    assert "Gain: dlib adapted is better on hard. What it costs other people was not measured." in done.stdout
    assert {path.name for path in tmp_path.iterdir()} >= {"new.onnx", "new.md", "new.split.csv", "new.report"}
    shown = run("evaluate", faces / "few", "-m", new, "--store", tmp_path / "s", "-o", tmp_path / "r", home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "contract from the metadata in the file" in shown.stdout


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A network that sees nothing but the mean colour of a picture."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["embedding"]),
    ]
    taken = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 16, 16])]
    given = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3])]
    model = helper.make_model(
        helper.make_graph(nodes, "colours", taken, given), opset_imports=[helper.make_opsetid("", 13)]
    )
    model.ir_version = 8
    contract = {"crop": "whole", "size": "16", "mean": "0, 0, 0", "std": "1, 1, 1", "comparator": "euclidean"}
    helper.set_model_props(model, {f"facegap.{key}": value for key, value in contract.items()})
    onnx.save(model, tmp_path / "colours.onnx")
    return tmp_path / "colours.onnx"


def test_no_gain_is_said_with_exit_code_1_and_no_file(tmp_path, colours):
    rng = np.random.default_rng(0)
    for path in (tmp_path / "anyone" / f"{s:02}" / f"{k}.png" for s in range(40) for k in range(3)):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), tuple(rng.integers(0, 256, 3).tolist())).save(path)
    done = run(
        "adapt", tmp_path / "anyone", "-m", colours, "-o", tmp_path / "new.onnx", "--no-general",
        "--held-out", "0.5", "--store", tmp_path / "s", home=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No gain: keep colours as it is" in done.stdout
    assert "No model was written" in done.stdout
    assert not list(tmp_path.glob("new.onnx"))
    assert (tmp_path / "new.report" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["few", "-m", "dlib:reference", "-o", "a.onnx", "--no-general"], "is no ONNX network"),
        (["few", "-m", "dlib", "-o", "a.txt", "--no-general"], "end it in .onnx"),
        (["few", "-m", "dlib", "-o", "a.onnx", "--no-general", "--held-out", "1.5"], "add up to less than 1"),
        (["missing", "-m", "dlib", "-o", "a.onnx", "--no-general"], "missing"),
        (["hard", "-m", "dlib", "-o", "a.onnx"], "give --no-general to go on without"),
        (["hard", "-m", "dlib", "-o", "a.onnx", "--general", "few", "--no-general"], "exclude each other"),
        (["few", "-m", "dlib", "-o", "a.onnx", "--no-general"], "2 in few, and 20 are needed in each cohort"),
        (["hard", "-m", "dlib", "-o", "a.onnx", "--no-general"], "12 in hard, and 20 are needed in each cohort"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(tmp_path, faces, monkeypatch, arguments, says):
    monkeypatch.chdir(faces)
    done = run("adapt", *arguments, "--store", tmp_path / "s", home=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
