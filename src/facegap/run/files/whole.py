"""Files that are written whole or not at all."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from facegap.errors import InputError
from facegap.run.files.claim import DRAFTS, READY, claimed
from facegap.run.files.placing import finish, put, sync


@contextmanager
def claimed_files(*paths: Path) -> Iterator[Path]:
    """Claim files of one folder under the name of the first, and finish what a dead run had complete for them.

    Raises:
        InputError: another run is writing them, or the place cannot be written.
    """
    with claimed(paths[0]) as work:
        finish(work / READY, work.parent, [path.name for path in paths])
        yield work


@contextmanager
def written_whole(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a draft's path for each file of one folder; if all goes well, each draft takes its file's place.

    The drafts lie in a folder beside the files, under the names of the files, and reach the disk before any of them
    moves. If anything fails (a full disk, an interrupt), older files stay as they were. One rename decides that the
    new ones are complete; a run that dies after it is finished by the next run for the same files.

    A pipe or a device, `/dev/stdout` for one, has no older content: it is written as it is.

    Raises:
        InputError: the files cannot be written, or another run is writing them.
    """
    if len(paths) == 1:
        paths = (paths[0].resolve(),)  # a link stays a link
        if paths[0].exists() and not paths[0].is_file() and not paths[0].is_dir():
            yield paths
            return
    try:
        with claimed_files(*paths) as work:
            drafts = work / DRAFTS
            drafts.mkdir()
            try:
                made = tuple(drafts / path.name for path in paths)
                yield made
                sync(drafts)
                drafts.rename(work / READY)
                put(work / READY, work.parent, [path.name for path in paths])
            finally:
                shutil.rmtree(drafts, ignore_errors=True)
    except OSError as error:
        raise InputError(
            "{path} cannot be written ({reason}): free space or choose another place; older files are as they were",
            path=paths[0],
            reason=error.strerror or error,
        ) from None


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
