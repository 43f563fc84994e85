"""A whole study in one file, and the file beside each report that repeats it."""

import json
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from running import Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with saved embeddings of two cohorts."""
    rng = np.random.default_rng(2)
    subject = np.repeat(np.arange(24), 3)
    vectors = rng.normal(size=(24, 8))[subject] + 0.7 * rng.normal(size=(72, 8))
    np.savez(
        tmp_path / "made.npz",
        embedding=vectors.astype(np.float32),
        subject=subject.astype(str),
        sex=np.array(["女性", "men"])[subject % 2],
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_file_beside_a_report_repeats_it_byte_for_byte(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facegap.jobs.evaluating.time", SimpleNamespace(monotonic=lambda: 0.0))  # the run time aside
    asked = ["--cohort", "sex", "--threshold-from", "女性", "--at", "fmr=0.02", "--metric", "hter", "--level", "0.9"]
    asked += ["--seed", "7", "--no-images", "--charts", "none"]
    code, _, wrong = run("evaluate", "who=made.npz", *asked, "--store", "kept", "-o", "a")
    assert (code, wrong) == (0, "")
    written = tomllib.loads((folder / "a" / "study.toml").read_text(encoding="utf-8"))
    assert written["inputs"] == ["who=made.npz"]
    assert (written["seed"], written["level"], written["images"]) == (7, 0.9, False)
    assert not {"store", "out", "workers"} & written.keys()
    assert run("evaluate", "--config", "a/study.toml", "-o", "b")[0] == 0
    assert contents(folder / "a") == contents(folder / "b")


def test_the_command_line_wins_over_the_file(folder: Path, run: Run) -> None:
    (folder / "study.toml").write_text('inputs = "made.npz"\nlevel = 0.8\nseed = 3\nintervals = "none"\n')
    more = ["--no-images", "--charts", "none"]
    assert run("evaluate", "--config", "study.toml", "--level", "0.9", "-o", "a", *more)[0] == 0
    written = tomllib.loads((folder / "a" / "study.toml").read_text(encoding="utf-8"))
    assert (written["level"], written["seed"], written["intervals"]) == (0.9, 3, "none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('input = ["made.npz"]', "there is no key 'input': did you mean 'inputs'? The keys are inputs, model, out, "),
        ("treshold-from = 'men'", "there is no key 'treshold-from': did you mean 'threshold-from'?"),
        ("seed = [1, 2]", "'seed' is [1, 2]: write one text, number, true or false"),
        ("model = [{}]", "'model' is [{}]: write a list of texts"),
        ("seed = ", "study.toml is no TOML (Invalid value (at end of document))"),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_it(folder: Path, run: Run, text: str, said: str) -> None:
    (folder / "study.toml").write_text(text)
    code, _, wrong = run("evaluate", "--config", "study.toml")
    assert code == 2
    assert said in wrong


def test_rules_of_a_study_are_judged_at_its_end(folder: Path, run: Run) -> None:
    (folder / "study.toml").write_text('inputs = ["made.npz"]\nrule = ["auc >= 0.3", "auc >= 0.999"]\nimages = false\n')
    code, printed, _ = run("evaluate", "--config", "study.toml", "--charts", "none")
    assert code == 1
    assert "2 rules: 1 holds, 1 fails" in printed
    assert run("evaluate", "made.npz", "--rule", "auc > 0.3")[0] == 2, "before any work is done"


def test_an_anonymous_report_has_no_such_file(folder: Path, run: Run) -> None:
    code, printed, _ = run("evaluate", "who=made.npz", "--anonymous", "--charts", "none", "-o", "a")
    assert code == 0
    assert "No study.toml was written: it would name the inputs." in printed
    assert not (folder / "a" / "study.toml").exists()


def test_the_command_of_a_report_is_the_study_without_where_it_ran(folder: Path, run: Run) -> None:
    asked = ["--same-subjects", "--cohort", "sex", "--no-images", "--charts", "none"]
    assert run("evaluate", "made.npz", *asked, "--workers", "1", "--out", "elsewhere")[0] == 0
    command = json.loads((folder / "elsewhere" / "evaluation.json").read_text())["provenance"]["command"]
    assert sorted(command.split()) == sorted(["facegap", "evaluate", "made.npz", *asked])
    assert tomllib.loads((folder / "elsewhere" / "study.toml").read_text())["separate-subjects"] is False


def test_limits_stand_in_the_file_the_report_and_the_terminal(folder: Path, run: Run) -> None:
    asked = ["--cohort", "sex", "--no-images", "--charts", "none", "--limit", "fmr=0.03", "--limit", "fnmr=0.2"]
    code, printed, wrong = run("evaluate", "made.npz", *asked, "--store", "kept", "-o", "a")
    assert (code, wrong) == (0, "")
    assert "Held to FMR of at most 3 % and FNMR of at most 20 % in every cohort." in printed
    assert "Own threshold" in printed
    assert tomllib.loads((folder / "a" / "study.toml").read_text())["limit"] == ["fmr=0.03", "fnmr=0.2"]
    written = json.loads((folder / "a" / "evaluation.json").read_text())
    assert written["limits"] == {"fmr": 0.03, "fnmr": 0.2}
    assert "fmr=0.03" in written["metrics"]["at"], "what is held to a limit is measured there"
    assert run("evaluate", "made.npz", "--limit", "far=0.1")[0] == 2
