"""Every command of the page "Scores of a black box" runs on files that look as the page says."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.evaluation import Evaluation
from facegap.synthetic import write_population
from running import Run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scores.md").read_text(encoding="utf-8")
COMMANDS = [
    *(line.split(" | ")[-1].strip("| `") for line in PAGE.splitlines() if line.startswith("|") and "`facegap" in line),
    *(line.strip() for line in PAGE.splitlines() if line.startswith("    facegap ")),
]
(EXAMPLE,) = [part.partition("```")[0] for part in PAGE.split("```python\n")[1:]]
MODELS = {"old.csv": ["old", "new"], "old.npz": ["old", "new"], "vendor=scores.csv": ["dlib", "vendor"]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("scores")
    write_population(home / "photos", subjects=4, images=2, spread=1.0, seed=3)
    images = [path for path in (home / "photos").rglob("*") if path.suffix in (".jpg", ".png")]
    paths = sorted(str(path.relative_to(home)) for path in images)
    subject = [Path(path).name.partition("_")[0] for path in paths]
    vectors = np.random.default_rng(0).normal(size=(4, 6)).repeat(2, axis=0)
    vectors += 0.3 * np.random.default_rng(1).normal(size=vectors.shape)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    matrix = (unit @ unit.T).astype(np.float32)
    a, b = np.triu_indices(len(paths), 1)
    sides = {"path_a": [paths[i] for i in a], "path_b": [paths[i] for i in b]}
    who = {"subject_a": [subject[i] for i in a], "subject_b": [subject[i] for i in b]}
    table = pl.DataFrame({**sides, **who, "score": matrix[a, b]})
    for name in ("scores", "old", "new"):
        table.write_csv(home / f"{name}.csv")
        np.savez(home / f"{name}.npz", embedding=vectors.astype(np.float32), subject=subject, path=paths)
    bob = {"path_a": "bio_ref_key", "path_b": "probe_key"}
    bob |= {"subject_a": "bio_ref_subject_id", "subject_b": "probe_subject_id"}
    table.rename(bob).write_csv(home / "scores-dev.csv")
    rows = [f"{s} {t} {p} {x}" for p, s, t, x in table.select("path_b", "subject_a", "subject_b", "score").iter_rows()]
    (home / "scores-dev").write_text("\n".join(rows))
    same = table["subject_a"] == table["subject_b"]
    for name, kind in (("genuine", same), ("impostor", ~same)):
        (home / f"{name}.txt").write_text("\n".join(map(str, table.filter(kind)["score"])))
    np.save(home / "matrix.npy", matrix)
    (home / "matrix.mtx").write_bytes(b"S2\nt\nq\nMF 8 8 \x78\x56\x34\x12\n" + matrix.tobytes())
    pl.DataFrame({"path": paths, "subject": subject}).write_csv(home / "matrix.csv")
    table.select(*sides, *who).write_csv(home / "pairs.csv")
    (home / "my_module.py").write_text(
        "def compare(first, second):\n    return 0.9 * (first.partition('_')[0] == second.partition('_')[0])\n"
    )
    return home


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(home)
    monkeypatch.setenv("FACEGAP_STORE", str(home / "store"))
    yield home
    sys.modules.pop("my_module", None)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command(command: str, here: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    written: list[Evaluation] = []

    def keep(evaluation: Evaluation, out: Path, **_: object) -> Path:
        written.append(evaluation)
        return out

    monkeypatch.setattr("facegap.report.page.writer.write_report", keep)  # a page costs more than its numbers
    _, *arguments = shlex.split(command)
    code, _, err = run(*arguments)
    assert code == 0, err
    (evaluation,) = written
    expected = next((models for part, models in MODELS.items() if part in command), None)
    assert expected in (None, evaluation.models["model"].to_list())
    aucs = evaluation.metrics.filter(metric="auc")["value"]
    assert aucs.null_count() == 0


def test_the_page_has_a_command_for_each_format() -> None:
    assert len(COMMANDS) >= 11


def test_the_example(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def confident(first: str, second: str) -> SimpleNamespace:
        return SimpleNamespace(confidence=float(first.partition("_")[0] == second.partition("_")[0]))

    found = {"vendor": SimpleNamespace(compare=confident)}
    exec(EXAMPLE, found)
    evaluation = found["evaluation"]
    assert isinstance(evaluation, facegap.Evaluation)
    assert evaluation.value("auc", model="vendor", cohort="photos") == 1.0
