"""`facegap store` as a person uses it: what is kept, and how it is forgotten."""

import hashlib
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facegap.cli.app import main
from facegap.store import EmbeddingStore, Record

Run = Callable[..., tuple[int, str, str]]
KEY = "a" * 64


@pytest.fixture
def run(monkeypatch, capsys) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["facegap", "store", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def people(tmp_path) -> Path:
    """Two images each of three subjects, one of them with a name like a style."""
    for number, subject in enumerate(("ann", "bob", "[red]cy")):
        (tmp_path / "people" / subject).mkdir(parents=True)
        for k in range(2):
            Image.new("RGB", (4, 4), (number * 40, k * 40, 0)).save(tmp_path / "people" / subject / f"{k}.png")
    return tmp_path / "people"


@pytest.fixture
def store(tmp_path, people) -> Path:
    """A store that knows all images of the people."""
    images = [sha256(path) for path in sorted(people.rglob("*.png"))]
    EmbeddingStore(tmp_path / "store").add(KEY, [Record(i, 0, None, None, np.ones(3, np.float32)) for i in images])
    return tmp_path / "store"


def known(store: Path, images: Path) -> int:
    wanted = [images] if images.is_file() else images.rglob("*.png")
    return len(EmbeddingStore(store).load(KEY, [sha256(path) for path in wanted]).records)


@pytest.mark.parametrize("options", [[], ["--list"]])
def test_what_is_kept_is_listed(run, store, options):
    code, out, _ = run(store, *options)
    assert code == 0
    assert KEY[:12] in out
    assert "embeddings │      6 │      0 │     1" in out


def test_the_store_that_commands_use_is_the_default(run, store, monkeypatch):
    monkeypatch.setenv("FACEGAP_STORE", str(store))
    assert KEY[:12] in run("--list")[1]


def test_subjects_are_forgotten_with_what_names_them(run, store, people):
    code, out, _ = run(store, "--forget", "ann", "--forget", "[red]cy", "--in", people)
    assert code == 0
    assert "4 images asked: 4 embeddings, 0 crops, 0 measured images and 0 scores removed" in out
    assert [known(store, people / name) for name in ("ann", "bob", "[red]cy")] == [0, 2, 0]


def test_one_subject_alone_can_be_forgotten(run, store, people):
    for path in (people / "bob").iterdir():
        path.rename(people / f"rob_{path.name}")
    (people / "bob").rmdir()
    assert run(store, "--forget", "rob", "--in", people, "--layout", "prefix")[0] == 0
    assert [known(store, people / f"rob_{k}.png") for k in range(2)] == [0, 0]
    assert known(store, people / "ann") == 2


def test_files_and_their_sha256_are_forgotten(run, store, people):
    gone = sha256(people / "bob" / "1.png")
    code, out, _ = run(store, "--forget", people / "ann" / "0.png", "--forget", gone)
    assert code == 0
    assert "2 images asked: 2 embeddings" in out
    assert [known(store, people / name) for name in ("ann", "bob", "[red]cy")] == [1, 1, 2]


def test_pruning_keeps_the_images_of_a_folder(run, store, people):
    assert "4 embeddings" in run(store, "--prune", "--in", people / "ann", "--layout", "prefix")[1]
    assert known(store, people) == known(store, people / "ann") == 2


def test_a_store_is_shared(run, tmp_path):
    assert run(tmp_path / "new", "--share")[0] == 0
    assert stat.S_IMODE((tmp_path / "new" / "v2").stat().st_mode) == 0o2770


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--forget", "ann"], "'ann' is no file: give an image, or its sha256"),
        (["--forget", "dan", "--in", "people"], "'dan' is no subject of people: nothing was removed"),
        (["--in", "people"], "--in goes with --forget or --prune"),
        (["--list", "--prune"], "exclude each other"),
        (["--forget", "ann", "--in", "nobody"], "does not exist"),
        (["--prune", "--in", "saved.npz"], "saved embeddings are in no store"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_removes_nothing(run, store, people, monkeypatch, arguments, said):
    monkeypatch.chdir(people.parent)
    np.savez("saved.npz", embedding=np.ones((2, 3)), subject=["a", "b"])
    code, _, err = run(store, *arguments)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert known(store, people) == 6


def test_an_image_that_cannot_be_read_is_said_and_nothing_is_removed(run, store, people):
    table = people.parent / "table.csv"
    table.write_text("path,subject\npeople/ann/0.png,ann\npeople/ann/gone.png,ann\npeople/bob/0.png,bob\n")
    code, _, err = run(store, "--forget", "ann", "--in", table)
    assert code == 2
    assert "gone.png cannot be read" in err
    assert known(store, people) == 6


def test_a_store_that_is_not_there_is_one_line(run, tmp_path):
    code, _, err = run(tmp_path / "absent")
    assert code == 2
    assert "there is no store" in err
