"""Files are tried in another process, as if it were this one."""

from pathlib import Path

from facegap.errors import ModelError
from facegap.run.apart import tried


def size_of(path: str) -> int:
    return Path(path).stat().st_size


def test_a_relative_path_is_found_after_the_caller_has_changed_its_folder(tmp_path, monkeypatch):
    for number in (1, 2):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "file").write_bytes(b"x" * number)
        monkeypatch.chdir(place)
        found = tried(size_of, "file", content=f"{place}", package="numpy", room=1 << 30, error=ModelError, name="file")
        assert found == number
