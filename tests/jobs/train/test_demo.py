"""The demo trains a small network too, and says that its faces are synthetic."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

from typer.testing import CliRunner

import facegap
from facegap.cli.app import app


def test_the_demo_trains_a_network_and_holds_it_against_dlib(tmp_path: Path):
    command = ["demo", "--train", "--out", str(tmp_path), "--subjects", "20", "--images", "3", "--workers", "1"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert "80 subjects: 52 to learn from, 8 to choose by, 20 held out to judge on; general: 20 subjects" in text
    page = tmp_path / "trained.report"
    evaluation = facegap.Evaluation.from_json((page / "evaluation.json").read_bytes())
    assert set(evaluation.models["model"]) == {"dlib", "trained"}
    assert "These faces are synthetic" in evaluation.notice
    assert "These faces are synthetic" in (tmp_path / "trained.md").read_text(encoding="utf-8")
