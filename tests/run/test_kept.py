"""What is made once and kept in the cache folder."""

from pathlib import Path

import pytest

from facegap.run.kept import FOLDER, kept


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


def never() -> bytes:
    raise AssertionError("it was made before")


def test_it_is_made_once(store: Path) -> None:
    assert kept("thing", lambda: b"content") == b"content"
    assert kept("thing", never) == b"content"
    assert kept("other", lambda: b"") == b""


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content + b"!", lambda content: b""])
def test_what_is_damaged_is_made_anew(store: Path, damage) -> None:
    kept("thing", lambda: b"content")
    file = store / FOLDER / "thing"
    file.write_bytes(damage(file.read_bytes()))
    assert kept("thing", lambda: b"anew") == b"anew"
    assert kept("thing", never) == b"anew"


def test_a_place_that_cannot_be_written_costs_no_run(store: Path) -> None:
    store.write_bytes(b"a file, no folder")
    assert [kept("thing", lambda: b"content") for _ in range(2)] == [b"content"] * 2
