"""The demo shows a gap on synthetic faces, and says that they are synthetic."""

from pathlib import Path

from typer.testing import CliRunner

import facegap
from facegap.cli.app import app


def test_the_demo_shows_the_gap_and_says_what_it_is(tmp_path: Path):
    out = tmp_path / "demo"
    arguments = ["demo", "--out", str(out), "--subjects", "14", "--images", "4", "--seed", "1"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "synthetic" in done.output
    evaluation = facegap.Evaluation.from_json((out / "report" / "evaluation.json").read_bytes())
    general, hard = (evaluation.value("auc", model="dlib", cohort=cohort) for cohort in ("general", "hard"))
    assert general is not None
    assert hard is not None
    assert general - hard > 0.02
    fmr = evaluation.value("fmr", model="dlib", cohort="hard", at="shipped")
    assert fmr is not None
    assert fmr > 0.5, "the shipped threshold fails on the hard cohort"
    assert "These faces are synthetic" in (out / "report" / "index.html").read_text(encoding="utf-8").split("<main")[0]
    again = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert "112 of 112 embeddings found" in " ".join(again.output.split())
