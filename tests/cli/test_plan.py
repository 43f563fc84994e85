"""`facegap plan` as a person uses it: from a saved pilot, from an assumption, and with what it cannot use."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import facegap
from facegap.cli.app import main
from jobs.explaining.test_explaining import BOTH, write
from jobs.plan.crowd import draw

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch, capsys) -> Run:
    def run(*arguments: str | Path, width: int = 200) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["facegap", "plan", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", str(width))
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Return a file of 40 subjects with four images each, in two cohorts."""
    path = tmp_path_factory.mktemp("pilot") / "people.npz"
    subject, (vectors,) = draw(40, 4, np.random.default_rng(1))
    np.savez(path, embedding=vectors, subject=[f"s{s:02}" for s in subject], sex=np.where(subject % 2, "f", "[b]m"))
    return path


def test_a_plan_from_a_pilot(run, people, tmp_path):
    out = tmp_path / "plan.csv"
    code, said, errors = run(people, "--gap", "auc=0.02", "--resolve", "fmr=1e-2", "--out", out)
    assert (code, errors) == (0, "")
    for words in (
        "FMR 0.01, known to within half of itself (saved embeddings; people)",
        "A gap of 0.02 in AUC between two cohorts, found with 80 % power",
        "Subjects in each cohort",
        "Likely range",
        "With 4 images of each it takes",
        "With 8 images of each it takes",
        "8 *",
        "a pilot of 40 subjects",
    ):
        assert words in said
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert {row["question"] for row in rows} == {"FMR 0.01", "gap of 0.02 in AUC between two cohorts"}
    assert all(int(row["low"]) <= int(row["subjects"]) <= int(row["high"]) for row in rows)


def test_cohorts_are_named_as_they_are_and_a_narrow_terminal_is_enough(run, people):
    code, said, errors = run(people, "--cohort", "sex", "--gap", "auc=0.05", width=80)
    assert (code, errors) == (0, "")
    assert "[b]m" in said
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.slow
def test_a_plan_from_an_assumption_says_that_nothing_was_measured(run):
    code, said, errors = run("--auc", "0.95", "--gap", "auc=0.02")
    assert (code, errors) == (0, "")
    assert "Nothing was measured" in said
    assert "With 5 images of each it takes" in said
    assert "Likely range" not in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--auc 0.95"),
        (["--gap", "auc=0.02"], "--auc 0.95"),
        (["PILOT"], "nothing was asked"),
        (["--auc", "0.95"], "nothing was asked"),
        (["PILOT", "--auc", "0.95", "--gap", "auc=0.02"], "a pilot or from an assumption"),
        (["--auc", "0.95", "-m", "dlib", "--gap", "auc=0.02"], "needs no model"),
        (["--auc", "1.5", "--gap", "auc=0.02"], "--auc 1.5"),
        (["PILOT", "--gap", "auc"], "--gap 'auc'"),
        (["PILOT", "--resolve", "1e-3"], "--resolve '1e-3'"),
        (["PILOT", "--gap", "auc=0.02", "--between", "faces"], "--between 'faces'"),
        (["PILOT", "--gap", "auc=0.02", "--power", "80"], "--power 80"),
        (["PILOT", "--gap", "auc=0.02", "--images", "9"], "--images 9"),
        (["PILOT", "--gap", "auc=0.02", "--comparator", "best"], "--comparator 'best'"),
        (["PILOT", "--gap", "auc=0.02", "-m", "dlib"], "need no model"),
        (["PILOT", "--gap", "tar@fmr=1e-6=0.05"], "too few comparisons"),
        (["PILOT", "--gap", "auc=0.05", "--out", "."], "is a folder"),
        (["missing", "--gap", "auc=0.02"], "missing"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(run, people, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    code, _, errors = run(*(people if argument == "PILOT" else argument for argument in arguments))
    assert code == 2
    assert says in errors
    assert len(errors.strip().splitlines()) == 1, errors


def test_a_plan_from_a_report_that_takes_gaps_apart(run, tmp_path):
    study = facegap.Study(inputs=[write(tmp_path, BOTH)], cohort_by=["group"], explain=True)
    facegap.write_report(facegap.evaluate(study), tmp_path / "report", images=False, charts=())
    out = tmp_path / "plan.csv"
    code, said, errors = run("--standardised", tmp_path / "report", "--gap", "auc=0.02", "--out", out)
    assert (code, errors) == (0, "")
    said = " ".join(said.split())
    assert (
        "a gap of 0.02 in AUC between worse and usual that is left when their images are made alike in quality" in said
    )
    assert "(50 now)" in said
    assert "Taken for granted: both cohorts grow alike" in said
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert int(row["subjects"]) >= float(row["times"]) * 50
    code, said, _ = run("--standardised", tmp_path / "report", "--gap", "auc=0.02", "--json")
    assert code == 0
    assert json.loads(said)["standardised"][0]["cohort"] == "worse"
    code, _, errors = run("--standardised", tmp_path / "report", "--auc", "0.95", "--gap", "auc=0.02")
    assert (code, "plans from a report alone" in errors) == (2, True)
