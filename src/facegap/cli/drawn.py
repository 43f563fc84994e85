"""Folders of synthetic faces that are drawn once, and whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from facegap.run.files import written_folder


def drawn(folder: Path, draw: Callable[[Path], None]) -> Path:
    """Return the folder; unless it is there `draw` fills a new one, which takes its name when it is complete.

    Raises:
        InputError: the folder cannot be made, or another run is making it.
    """
    if not folder.exists():
        with written_folder(folder) as made:
            draw(made)
    return folder
