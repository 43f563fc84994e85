"""The cache folders follow the environment, and lie where something can be written."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from facegap.run.cache import compiled_root, default_root

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes and owners of folders are those of POSIX")


@pytest.fixture
def temporary(monkeypatch, tmp_path) -> Path:
    """Take the user's cache folder away: below a file nothing can be made, not even by root. Return $TMPDIR."""
    for name in ("FACEGAP_STORE", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def own(temporary: Path) -> Path:
    return temporary / f"facegap-{os.geteuid()}"


def test_the_default_place_follows_the_environment(temporary, monkeypatch, tmp_path):
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "a"))
    assert default_root() == tmp_path / "a"
    monkeypatch.delenv("FACEGAP_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    assert default_root() == tmp_path / "b" / "facegap"
    assert compiled_root() == tmp_path / "b" / "facegap" / "compiled"
    assert not (tmp_path / "b").exists(), "who only asks makes no folder"


def test_where_the_users_folder_cannot_be_written_a_temporary_one_of_this_user_alone_is_made(temporary):
    assert default_root() == own(temporary)
    assert compiled_root() == own(temporary) / "compiled"
    assert stat.S_IMODE(own(temporary).stat().st_mode) == 0o700


def test_a_user_without_a_home_has_a_place(temporary, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as it is for a number that no user has
    assert default_root() == own(temporary)


def test_compiled_loops_lie_beside_the_store_before_a_temporary_folder(temporary, monkeypatch, tmp_path):
    store = tmp_path / "store"
    store.mkdir(mode=0o700)
    monkeypatch.setenv("FACEGAP_STORE", str(store))
    assert compiled_root() == store / "compiled"
    store.chmod(0o777)
    assert compiled_root() == own(temporary) / "compiled", "what others can write must not run as code"


def test_a_temporary_folder_that_others_can_write_is_not_used(temporary):
    own(temporary).mkdir()
    own(temporary).chmod(0o777)
    assert compiled_root() is None
    assert default_root() != own(temporary)


def test_a_temporary_folder_that_is_a_link_is_not_used(temporary, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    own(temporary).symlink_to(tmp_path / "elsewhere")
    assert compiled_root() is None


def test_the_folder_that_numba_was_given_holds(temporary, monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "chosen"))
    assert compiled_root() == tmp_path / "chosen"
