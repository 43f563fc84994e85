"""Loops are compiled wherever facegap runs, and kept where a folder is."""

from pathlib import Path

import numba
import pytest
from numba.core import config

from facegap.scoring.cpu import compiling


@pytest.mark.parametrize("root", ["folder", "file", None])
def test_a_loop_is_compiled_whether_it_can_be_kept_or_not(root, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    place = None if root is None else tmp_path / root / "compiled"
    monkeypatch.setattr(compiling, "ROOT", place)
    monkeypatch.setattr(config, "CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")  # no other place can be written

    @compiling.compiled()
    def twice(number: int) -> int:
        return 2 * number

    assert twice(21) == 42
    assert bool(list(Path(tmp_path).rglob("*.nbi"))) == (root == "folder")


def test_what_other_packages_compile_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(compiling, "ROOT", tmp_path)
    before = config.CACHE_DIR
    compiling.compiled()(lambda number: number)
    assert before == config.CACHE_DIR
    assert numba.njit(lambda number: number)(1) == 1
    assert not list(tmp_path.rglob("*.nbi"))
