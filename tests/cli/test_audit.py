"""`facegap audit` as a person uses it."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from children import run_alone
from facegap.cli.audit import _show
from facegap.jobs.audit import AUDIT_SCHEMA
from facegap.synthetic import write_population
from running import Run


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def album(path: Path, *, wrong: bool, people: int = 40) -> Path:
    """Write embeddings of some people, with one image under a wrong name and one person under two."""
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(people), 4)
    vectors = rng.normal(size=(people, 64))[person] + 0.5 * rng.normal(size=(len(person), 64))
    names = [f"[red]山田 {s:02}" for s in person]
    if wrong:
        names[0] = names[-1]
        names[people] = names[people + 1] = "somebody"
    paths = [f"{k}.jpg" for k in range(len(person))]
    np.savez(path, embedding=vectors.astype(np.float32), subject=names, path=paths)
    return path


def test_suspects_are_shown_and_listed(tmp_path):
    done = run_alone("audit", album(tmp_path / "album.npz", wrong=True), "--out", tmp_path / "new" / "audit.csv")
    assert done.returncode == 0, done.stderr
    for words in (
        "1  wrong-label: image a is probably of subject b",
        "1  one-person: probably one person under two names",
        "[red]山田 39",
    ):
        assert words in done.stdout
    found = pl.read_csv(tmp_path / "new" / "audit.csv", schema=AUDIT_SCHEMA)
    assert found["kind"].to_list() == ["wrong-label", "one-person"]
    assert found.row(0, named=True)["path_a"] == "0.jpg"
    assert found.row(0, named=True)["subject_b"] == "[red]山田 00"


def test_few_subjects_make_no_case_probable_and_the_reason_is_shown(run: Run, tmp_path):
    code, printed, wrong = run(
        "audit", album(tmp_path / "album.npz", wrong=True, people=8), "--out", tmp_path / "audit.csv"
    )
    assert code == 0, wrong
    assert "1  one-person: maybe one person under two names" in printed
    assert "probably" not in printed
    assert "Limits: saved embeddings: 9 subjects do not show how alike strangers can be" in printed
    assert pl.read_csv(tmp_path / "audit.csv", schema=AUDIT_SCHEMA)["by_chance"].is_null().all()


def test_an_empty_list_does_not_hide_that_nothing_could_be_told(run: Run, tmp_path):
    code, printed, wrong = run(
        "audit", album(tmp_path / "album.npz", wrong=False, people=3), "--out", tmp_path / "audit.csv"
    )
    assert code == 0, wrong
    assert "No label stands out as wrong, within these limits:" in printed
    assert "Limits: saved embeddings: cannot tell which labels are wrong: 3 subjects have an embedding" in printed


def test_only_what_is_unlikely_by_chance_is_called_probable(capsys):
    row = dict.fromkeys(AUDIT_SCHEMA, "")
    chances = (0.001, 0.05, 0.06, 0.9, None)
    rows = [row | {"kind": "one-person", "score": 0.5, "by_chance": chance} for chance in chances]
    _show(Console(highlight=False, width=100), pl.DataFrame(rows, schema=AUDIT_SCHEMA), limited=False)
    shown = capsys.readouterr().out
    assert "2  one-person: probably one person under two names" in shown
    assert "3  one-person: maybe one person under two names" in shown


def test_a_narrow_terminal_shows_every_column(run: Run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    _, printed, _ = run("audit", album(tmp_path / "album.npz", wrong=True), "--out", tmp_path / "audit.csv")
    tables = [line for line in printed.splitlines() if "┃" in line or "│" in line]
    assert max(map(len, tables)) <= 60
    assert "By chance" in tables[0]


def test_labels_without_a_suspect_give_an_empty_list(run: Run, tmp_path):
    code, printed, wrong = run("audit", album(tmp_path / "album.npz", wrong=False), "--out", tmp_path / "audit.csv")
    assert code == 0, wrong
    assert "No label stands out as wrong." in printed
    assert pl.read_csv(tmp_path / "audit.csv", schema=AUDIT_SCHEMA).is_empty()


def test_images_are_embedded_and_files_held_against_each_other(run: Run, tmp_path):
    folder = tmp_path / "people"
    write_population(folder, subjects=5, images=2, spread=0.8, seed=1)
    subjects = sorted(folder.iterdir())
    image = sorted(subjects[0].iterdir())[0]
    shutil.copy(image, subjects[0] / "again.jpg")
    shutil.copy(image, subjects[1] / "stray.jpg")
    code, printed, wrong = run(
        "audit", folder, "-m", "dlib", "--out", tmp_path / "audit.csv", "--store", tmp_path / "store"
    )
    assert code == 0, wrong
    found = pl.read_csv(tmp_path / "audit.csv", schema=AUDIT_SCHEMA)
    conflicts = found.filter(kind="label-conflict")
    assert {Path(path).name for path in conflicts["path_b"]} | {Path(conflicts["path_a"][0]).name} >= {"stray.jpg"}
    assert {Path(p).name for p in found.filter(kind="duplicate").select("path_a", "path_b").row(0)} == {
        image.name,
        "again.jpg",
    }
    assert "one image under two names" in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing", "-m", "dlib"], "missing"),
        (["album.npz", "-m", "dlib"], "saved embeddings need no model"),
        (["album.npz", "--comparator", "manhattan"], "manhattan"),
        (["album.npz", "--out", "album.npz/audit.csv"], "cannot be written"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(run: Run, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    album(tmp_path / "album.npz", wrong=False)
    code, printed, wrong = run("audit", *arguments)
    assert code == 2, printed + wrong
    assert says in wrong
    assert len(wrong.strip().splitlines()) == 1, wrong
