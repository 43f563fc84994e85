"""The sha256 of image files."""

import hashlib
from collections.abc import Callable, Sequence

from facegap.data.image_file import read_image_file
from facegap.run.executor import Executor, Threads, available_workers
from facegap.run.progress import Progress, silent


def hash_images(
    paths: Sequence[str],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> list[str]:
    """Return N sha256 of the images' bytes in hex, or "" where a file cannot be read."""
    hashes, executor = [], executor or Threads(workers or available_workers())
    for done, value in enumerate(executor.map(_hasher, paths), 1):
        hashes.append(value)
        progress("reading", done, len(paths))
    return hashes


def _hasher() -> Callable[[str], str]:
    return hash_image


def hash_image(path: str) -> str:
    """Return the sha256 of an image's bytes in hex, or "" where the file cannot be read."""
    try:
        return hashlib.sha256(read_image_file(path)).hexdigest()
    except (OSError, ValueError):  # a NUL in a path is a ValueError
        return ""
