"""A folder that is written whole or not at all."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from facegap.errors import InputError
from facegap.run.files.claim import DRAFTS, claimed
from facegap.run.files.placing import exchange, finish, put, sync, sync_names

REPLACING = ".replacing"
"""What is complete, inside a folder whose content is replaced name by name."""


@contextmanager
def claimed_folder(out: Path, owned: Sequence[str]) -> Iterator[Path]:
    """Claim a folder, and finish what a dead run had complete for the names that we own in it.

    Raises:
        InputError: another run is writing it, or the place cannot be written.
    """
    place = out.resolve()
    with claimed(place) as work:
        finish(place / REPLACING, place, owned)
        yield work


@contextmanager
def written_folder(out: Path, owned: Sequence[str] = ()) -> Iterator[Path]:
    """Give the path of a new folder; if all goes well, its content takes the place of what `out` holds under the names.

    Where `out` is absent, or holds nothing but what we own, the new folder takes its name by one rename. Where it
    holds more, or cannot be renamed (a volume, the folder we are in), or the system has no such rename, the content is
    first complete in `REPLACING` inside it, and then moved name by name; `current` reads the new one from then on, and
    the next run finishes what a dead run began.

    `owned`: what is replaced, in order; by default what the new folder holds.

    Raises:
        InputError: the folder cannot be written, or another run is writing it.
    """
    place = out.resolve()
    try:
        with claimed_folder(out, owned) as work:
            drafts = work / DRAFTS
            drafts.mkdir()
            try:
                yield drafts
                sync(drafts)
                _settle(drafts, place, owned or sorted(inside.name for inside in drafts.iterdir()))
            finally:
                shutil.rmtree(drafts, ignore_errors=True)
    except OSError as error:
        raise InputError(
            "the folder {out} cannot be written ({reason}): free space or choose another; what it held is as it was",
            out=out,
            reason=error.strerror or error,
        ) from None


def current(folder: Path, name: str) -> Path:
    """Return where a file of a folder is: the new one, also while the content is being replaced."""
    new = folder / REPLACING / name
    return new if new.is_file() else folder / name


def _settle(drafts: Path, place: Path, owned: Sequence[str]) -> None:
    """Bring the new folder to its place."""
    if not place.exists():
        drafts.rename(place)
    elif not (_all_ours(drafts, place, owned) and exchange(drafts, place)):
        drafts.rename(place / REPLACING)
        put(place / REPLACING, place, owned)
    sync_names(place.parent)


def _all_ours(drafts: Path, place: Path, owned: Sequence[str]) -> bool:
    """Return whether a folder can be replaced as a whole: nobody would miss anything."""
    if {inside.name for inside in place.iterdir()} - set(owned) or Path.cwd().is_relative_to(place):
        return False
    new, old = drafts.stat(), place.stat()
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        return False
    shutil.copymode(place, drafts)
    return True
