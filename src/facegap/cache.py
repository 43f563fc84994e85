"""The folder that keeps what need not be made twice, and how a file gets anywhere whole."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def default_root() -> Path:
    """Return `$FACEGAP_STORE`, or the user's cache folder."""
    if chosen := os.environ.get("FACEGAP_STORE"):
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "facegap"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that takes the place of `path` once it is complete and on disk; an error leaves `path` alone.

    Raises:
        OSError: the folder cannot be written.
    """
    partial = path.with_name(f"{uuid.uuid4().hex}.part")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
