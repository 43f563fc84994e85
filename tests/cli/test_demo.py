"""The demo shows a gap on synthetic faces, closes it on subjects it did not learn from, and says what it is."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import facegap
from facegap.cli import demo
from facegap.cli.app import app
from facegap.jobs import enough


@pytest.mark.slow
def test_the_demo_shows_the_gap_and_closes_it(tmp_path: Path):
    out = tmp_path / "demo"
    arguments = ["demo", "--out", str(out), "--subjects", "20", "--images", "3", "--seed", "1"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "synthetic" in done.output
    evaluation = facegap.Evaluation.from_json((out / "report" / "evaluation.json").read_bytes())
    general, hard = (evaluation.value("auc", model="dlib", cohort=cohort) for cohort in ("general", "hard"))
    assert general is not None
    assert hard is not None
    assert general - hard > 0.02
    gain = evaluation.differences.filter(kind="models", metric="auc", cohort_a="hard").row(0, named=True)
    assert (gain["model_a"], gain["model_b"]) == ("dlib", "dlib adapted")
    assert gain["high"] < 0, "the interval of dlib − dlib adapted lies below zero"
    assert "Gain: dlib adapted is better on hard, and not worse on general" in " ".join(done.output.split())
    assert (out / "adapted.onnx").exists()
    fmr = evaluation.value("fmr", model="dlib", cohort="hard", at="shipped")
    assert fmr is not None
    assert fmr > 0.5, "the shipped threshold fails on the hard cohort"
    assert "These faces are synthetic" in (out / "report" / "index.html").read_text(encoding="utf-8").split("<main")[0]
    again = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert "120 of 120 embeddings found" in " ".join(again.output.split())


def test_the_demo_draws_no_faces_for_too_few_judges(tmp_path: Path):
    done = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "demo"), "--subjects", str(enough.LEAST - 1)])
    assert done.exit_code == 2
    assert not (tmp_path / "demo").exists()
    assert demo.LEAST == enough.LEAST, "a smaller demo is refused before it is drawn, and no larger one"
