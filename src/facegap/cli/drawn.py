"""Folders of synthetic faces that are drawn once, and whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from facegap.errors import InputError


def drawn(folder: Path, draw: Callable[[Path], None]) -> Path:
    """Return the folder; unless it is there `draw` fills a new one, which takes its name when it is complete.

    Raises:
        InputError: the folder cannot be made.
    """
    if not folder.exists():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"the folder {folder.parent} cannot be made ({error}): name another with --out") from None
        with TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as unfinished:
            draw(Path(unfinished) / "faces")
            (Path(unfinished) / "faces").rename(folder)
    return folder
