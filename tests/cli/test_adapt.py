"""`facegap adapt` as a person, or a pipeline, uses it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    write_population(folder / "hard", subjects=32, images=4, spread=0.8, geometry_spread=0.4, seed=1, prefix="h")
    write_population(folder / "few", subjects=7, images=2, spread=0.8, seed=2, prefix="f")
    return folder


def test_dlib_adapted_is_written_with_its_card_and_evaluates_without_options(tmp_path, faces):
    new = tmp_path / "new.onnx"
    hard, store = f"hard={faces / 'hard'}", tmp_path / "s"
    options = ("--held-out", "0.5", "--store", store, "--no-images")
    done = run("adapt", hard, "-m", "dlib", "-o", new, *options, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "32 subjects: 16 to learn from, 16 held out to judge on" in done.stdout
    assert "Gain: dlib adapted is better on hard." in done.stdout
    assert {path.name for path in tmp_path.iterdir()} >= {"new.onnx", "new.md", "new.split.csv", "new.report"}
    shown = run("evaluate", faces / "few", "-m", new, "--store", tmp_path / "s", "-o", tmp_path / "r", home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "contract from the metadata in the file" in shown.stdout


def test_no_gain_is_said_with_exit_code_1_and_no_file(tmp_path, faces):
    done = run(
        "adapt", faces / "few", "-m", "dlib", "-o", tmp_path / "new.onnx", "--store", tmp_path / "s", home=tmp_path
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No gain: keep dlib as it is" in done.stdout
    assert "No model was written" in done.stdout
    assert not list(tmp_path.glob("new.onnx"))
    assert (tmp_path / "new.report" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["few", "-m", "dlib:reference", "-o", "a.onnx"], "is no ONNX network"),
        (["few", "-m", "dlib", "-o", "a.txt"], "end it in .onnx"),
        (["few", "-m", "dlib", "-o", "a.onnx", "--held-out", "1.5"], "add up to less than 1"),
        (["missing", "-m", "dlib", "-o", "a.onnx"], "missing"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(tmp_path, faces, monkeypatch, arguments, says):
    monkeypatch.chdir(faces)
    done = run("adapt", *arguments, "--store", tmp_path / "s", home=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
