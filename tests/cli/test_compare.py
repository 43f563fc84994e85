"""`facegap compare` and `facegap check --against`, as a pipeline runs them every night."""

import json
from pathlib import Path

import numpy as np
import pytest

import facegap
from facegap.data.estimate_table import write_estimates
from running import Run

RULE = ("--rule", "not_worse(saved embeddings, saved embeddings, fnmr@fmr=1e-2, 0.01)")


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the reports `last` and `again`, of one model, and `noisy`, of the same with noise."""
    folder = tmp_path_factory.mktemp("nights")
    subject = np.repeat(np.arange(50), 4)
    for name, noise in (("last", 0.0), ("again", 0.0), ("noisy", 0.7)):
        rng = np.random.default_rng(1)
        vectors = rng.normal(size=(50, 16))[subject] + 0.7 * rng.normal(size=(len(subject), 16))
        vectors += noise * rng.normal(size=vectors.shape)
        np.savez(folder / f"{name}.npz", embedding=vectors.astype(np.float32), subject=subject.astype(str))
        evaluation = facegap.evaluate(facegap.Study(inputs=[f"people={folder / name}.npz"]))
        out = folder / name
        out.mkdir()
        (out / "evaluation.json").write_bytes(evaluation.to_json())
        assert evaluation.estimates is not None
        write_estimates(evaluation.estimates, out / "estimates.parquet")
    return folder


def test_a_regression_is_shown_and_stops_the_pipeline(nights: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, printed, wrong = run("compare", nights / "last", nights / "noisy")
    assert (code, wrong) == (0, "")
    line = next(line for line in printed.splitlines() if "FNMR at each cohort's own threshold for FMR 0.01" in line)
    assert "worse" in line
    assert "people: the same images in both reports, so the tests are paired." in printed
    assert run("check", nights / "noisy", "--against", nights / "last", *RULE)[0] == 1


def test_a_repeat_shows_no_change_and_passes(nights: Path, run: Run) -> None:
    code, printed, _ = run("compare", nights / "last", nights / "again")
    assert code == 0
    assert printed.startswith("No significant change: 0 of ")
    assert "could not be tested" not in printed
    code, printed, _ = run("check", nights / "again", "--against", nights / "last", *RULE, "--json")
    (judged,) = json.loads(printed)["rules"]
    assert (code, judged["verdict"], judged["value"], judged["reason"]) == (0, "holds", 0.0, "not_worse holds")


def test_all_changes_are_there_for_scripts(nights: Path, run: Run) -> None:
    found = json.loads(run("compare", nights / "last", nights / "noisy", "--json")[1])
    assert found["schema_version"] == 1
    assert found["only_in"] == []
    places = {(row["metric"], row["at"]): row for row in found["changes"]}
    assert places["auc", ""]["value"] < 0
    assert places["fta", ""]["method"] == "same_for_every_subject"


def test_what_is_no_report_is_said_in_one_line(nights: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "evaluation.json").write_bytes((nights / "last" / "evaluation.json").read_bytes())
    code, _, wrong = run("compare", tmp_path / "old", nights / "last")
    assert code == 2
    assert "the old report (people) does not hold what its subjects do" in wrong
