"""Trees of small files: readers look at names and never at pixels."""

from collections.abc import Callable
from pathlib import Path

import pytest

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a function that makes files below a fresh folder and returns the folder."""

    def make(*names: str, folder: str = "photos") -> Path:
        for name in names:
            file = tmp_path / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(name.encode())
        (tmp_path / folder).mkdir(exist_ok=True)
        return tmp_path / folder

    return make
