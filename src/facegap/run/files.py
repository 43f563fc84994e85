"""Files that are written whole or not at all."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from facegap.errors import InputError


@contextmanager
def written_whole(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a draft's path for each file of one folder; if all goes well, each draft takes its file's place.

    The drafts lie beside the files, under the names of the files in a folder of their own, and reach the disk before
    any of them moves. If anything fails (a full disk, an interrupt), older files stay as they were.

    Raises:
        InputError: the files cannot be written.
    """
    folder = paths[0].parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        drafts = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    except OSError as error:
        raise InputError(f"{paths[0]} cannot be written ({error.strerror}): choose another place") from None
    try:
        made = tuple(drafts / path.name for path in paths)
        yield made
        for draft in made:
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
        for draft, path in zip(made, paths, strict=True):
            draft.replace(path)
    except OSError as error:
        raise InputError(
            f"{paths[0]} cannot be written ({error.strerror or error}): free space or choose another place; "
            "older files are as they were"
        ) from None
    finally:
        with suppress(OSError):
            for left in drafts.iterdir():
                left.unlink()
            drafts.rmdir()


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
