"""The cache folder follows the environment, and a file in it is whole or absent."""

import pytest

from facegap.cache import default_root, whole_file


def test_the_default_place_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "a"))
    assert default_root() == tmp_path / "a"
    monkeypatch.delenv("FACEGAP_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    assert default_root() == tmp_path / "b" / "facegap"


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
