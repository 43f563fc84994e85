"""`facegap adapt` as a person, or a pipeline, uses it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from children import run_alone
from facegap.synthetic import write_population
from running import Run


@pytest.mark.slow
def test_dlib_adapted_is_written_with_its_card_and_evaluates_without_options(tmp_path):
    hard, few, new, store = (tmp_path / name for name in ("hard", "few", "new.onnx", "s"))
    write_population(hard, subjects=40, images=3, spread=0.8, geometry_spread=0.4, seed=1, prefix="h")
    write_population(few, subjects=7, images=2, spread=0.8, seed=2, prefix="f")
    options = ("--held-out", "0.5", "--store", store, "--no-images", "--no-general")
    done = run_alone("adapt", hard, "-m", "dlib", "-o", new, *options, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 subjects: 20 to learn from, 20 held out to judge on" in done.stdout
    assert "Gain: dlib adapted is better on hard. What it costs other people was not measured." in done.stdout
    assert {path.name for path in tmp_path.iterdir()} >= {"new.onnx", "new.md", "new.split.csv", "new.report"}
    shown = run_alone("evaluate", few, "-m", new, "--store", store, "-o", tmp_path / "r", home=tmp_path)
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


def write_plain(folder: Path, *, subjects: int, images: int) -> Path:
    """Write a folder per subject, of pictures in colours that say nothing of who it is."""
    rng = np.random.default_rng(subjects)
    for path in (folder / f"{folder.name}{s:02}" / f"{k}.png" for s in range(subjects) for k in range(images)):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), tuple(rng.integers(0, 256, 3).tolist())).save(path)
    return folder


def test_no_gain_is_said_with_exit_code_1_and_no_file(run: Run, tmp_path, colours, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("facegap.report.page.writer._draw", lambda *_: None)  # it takes the longest
    anyone = write_plain(tmp_path / "anyone", subjects=40, images=3)
    code, printed, wrong = run(
        "adapt", anyone, "-m", colours, "-o", tmp_path / "new.onnx", "--no-general", "--held-out", "0.5"
    )
    assert code == 1, printed + wrong
    assert "No gain: keep colours as it is" in printed
    assert "No model was written" in printed
    assert not list(tmp_path.glob("new.onnx"))
    assert (tmp_path / "new.report" / "index.html").exists()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    write_plain(folder / "hard", subjects=40, images=3)
    write_plain(folder / "few", subjects=7, images=2)
    return folder


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
def test_bad_input_is_one_clear_line_and_exit_code_2(run: Run, tmp_path, people, monkeypatch, arguments, says):
    monkeypatch.chdir(people)
    code, printed, wrong = run("adapt", *arguments, "--store", tmp_path / "s")
    assert code == 2, printed + wrong
    assert says in wrong
    assert len(wrong.strip().splitlines()) == 1, wrong
