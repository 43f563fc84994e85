"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from facegap.errors import InputError
from facegap.run.files import whole_file, written_whole


def half_written(path: Path, error: BaseException) -> None:
    with written_whole(path) as (draft,):
        draft.write_text("half")
        raise error


def test_drafts_take_the_place_of_older_files_together(tmp_path):
    a, b = tmp_path / "a.bin", tmp_path / "b.bin"
    a.write_text("old")
    with written_whole(a, b) as (draft_a, draft_b):
        draft_a.write_text("new")
        draft_b.write_text("also new")
        assert a.read_text() == "old"
        assert not b.exists()
    assert (a.read_text(), b.read_text()) == ("new", "also new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", "b.bin"]


def test_what_is_new_is_on_the_disk_before_anything_takes_the_place_of_the_old(tmp_path, monkeypatch):
    place, steps, sync, rename = tmp_path / "a.bin", [], os.fsync, os.rename
    place.write_text("old")

    def synced(number):
        steps.append((os.fstat(number).st_ino, place.read_text()))
        sync(number)

    def renamed(source, target, **options):
        steps.append("rename")
        rename(source, target, **options)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    with written_whole(place) as (draft,):
        draft.write_text("new")
    assert (place.stat().st_ino, "old") in steps[: steps.index("rename")]
    assert steps[-1] == (tmp_path.stat().st_ino, "new"), "and at last its new name is"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("a bug"), KeyboardInterrupt()])
def test_whatever_fails_older_files_stay(tmp_path, error):
    a = tmp_path / "a.bin"
    a.write_text("old")
    with pytest.raises(InputError if isinstance(error, OSError) else type(error)):
        half_written(a, error)
    assert a.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_full_disk_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"No space left on device.*older files are as they were"):
        half_written(tmp_path / "a.bin", OSError(28, "No space left on device"))


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another place"), written_whole(tmp_path / "file" / "a.bin"):
        pass


def write_half(path):
    with whole_file(path) as file:
        file.write(b"half")
        raise KeyError


def test_half_a_file_is_never_seen(tmp_path):
    path = tmp_path / "file"
    path.write_text("older")
    with pytest.raises(KeyError):
        write_half(path)
    assert path.read_text() == "older"
    with whole_file(path) as file:
        file.write(b"newer")
        assert path.read_text() == "older"
    assert path.read_text() == "newer"
    assert list(tmp_path.iterdir()) == [path]
