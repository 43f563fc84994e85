"""Sums of long comparings, kept in files so that a study that was killed goes on: an hour is not lost to a reboot.

A file holds arrays and no code, and beside them their sha256: one that lost or changed a bit is passed over.
"""

import hashlib
import logging
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.lib.npyio import NpzFile

from facegap.run.files import whole_file
from facegap.run.room import Room
from facegap.run.versions import version

logger = logging.getLogger(__name__)

VERSION = 1
"""Of the files, of what is counted, and of how comparisons are cut into shards: no other version goes on with them."""

LONG = 1 << 12
"""Block pairs, a billion comparisons, from which on sums are looked for and kept: for fewer the digest would cost."""

EVERY = 60.0
"""Seconds of work after which sums are kept."""

SHARE = 20
"""Keeping them takes one part in so many of the time at most."""

DONE, SUFFIX = "done", ".npz"

Like = TypeVar("Like")


@dataclass
class Keeper:
    """Keeps the sums of one study; `open_folder` makes the folder for a digest. `room`: for the embeddings laid out.

    What is counted within `EVERY` seconds is not kept.
    """

    open_folder: Callable[[str], Path]
    room: Room = field(default_factory=Room)
    _used: set[Path] = field(default_factory=set)
    _waiting: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    _due: float = field(default_factory=lambda: time.monotonic() + EVERY)

    def find(self, digest: str, name: str, like: Like) -> tuple[int, Like] | None:
        """Return what `keep` was given for this digest and name, if that is kept; `like`: the same sum of nothing."""
        try:
            folder = self.open_folder(digest)
            self._used.add(folder)
            with (folder / f"{name}{SUFFIX}").open("rb") as opened, NpzFile(opened, allow_pickle=False) as file:
                arrays = dict(file)
            if str(arrays.pop("sha256")) == _sha256(arrays):
                return int(arrays[DONE]), _restored(like, arrays)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            logger.debug("no sums of %s were found (%s)", name, error)
        return None

    def keep(self, digest: str, name: str, done: int, total: Any) -> None:
        """Keep a sum, and how much is done of it: now if it is time, else with one that comes later."""
        self._waiting[digest, name] = done, total
        begun = time.monotonic()
        if begun < self._due:
            return
        try:
            for (key, each), (number, held) in self._waiting.items():
                self._write(self.open_folder(key) / f"{each}{SUFFIX}", number, held)
        except OSError as error:
            logger.warning("the counts are not kept (%s): a run that is killed begins the comparing again", error)
        self._waiting.clear()
        self._due = time.monotonic() + max(EVERY, SHARE * (time.monotonic() - begun))

    def remove(self) -> None:
        """Remove all that is kept of the study: it has its numbers."""
        self._waiting.clear()
        for folder in self._used:
            shutil.rmtree(folder, ignore_errors=True)

    def _write(self, path: Path, done: int, total: Any) -> None:
        arrays = {**dict(_arrays(total)), DONE: np.array(done)}
        with whole_file(path) as file:
            np.savez(file, **arrays, sha256=np.array(_sha256(arrays)))  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True)
class KeptSum:
    """One sum that a keeper keeps."""

    keeper: Keeper
    digest: str
    name: str

    def found(self, zero: Like) -> tuple[int, Like]:
        """Return how much is done of it and the sum; `zero` where nothing is kept."""
        return self.keeper.find(self.digest, self.name, zero) or (0, zero)

    def keep(self, done: int, total: Any) -> None:
        """See `Keeper.keep`."""
        self.keeper.keep(self.digest, self.name, done, total)


def kept_sums(keeper: Keeper | None, block_pairs: int, *decides: Any) -> Callable[[str], KeptSum | None]:
    """Return what gives the sum of a name, None where so few block pairs are compared that none is kept.

    `decides`: all that the sums follow from, as `digest_of` takes it.
    """
    if keeper is None or block_pairs < LONG:
        return lambda _: None
    return partial(KeptSum, keeper, digest_of(*decides))


def digest_of(*values: Any) -> str:
    """Return the sha256 in hex of arrays, and of what else says itself by its `repr`, under this code's version."""
    made_by = VERSION, version("facegap"), version("numpy"), version("numba")
    found = hashlib.sha256(repr(made_by).encode())
    for value in values:
        if isinstance(value, np.ndarray):
            found.update(repr((value.dtype.str, value.shape)).encode())
            found.update(np.ascontiguousarray(value).data)
        else:
            found.update(repr(value).encode())
    return found.hexdigest()


def _sha256(arrays: dict[str, np.ndarray]) -> str:
    return digest_of(*(part for name in sorted(arrays) for part in (name, arrays[name])))


def _arrays(total: Any, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays and numbers of a dataclass of such, by their names; whole numbers of any size as text."""
    if is_dataclass(total):
        for each in fields(total):
            yield from _arrays(getattr(total, each.name), f"{name}{each.name}.")
    elif isinstance(total, dict):
        for key, value in total.items():
            yield from _arrays(value, f"{name}{key}.")
    elif total is not None:
        array = np.asarray(total)
        yield name, array.astype(str) if array.dtype == object else array


def _restored(like: Any, arrays: dict[str, np.ndarray], name: str = "") -> Any:
    """Return what `_arrays` took apart; `like` has the same parts."""
    if is_dataclass(like):
        parts = {each.name: _restored(getattr(like, each.name), arrays, f"{name}{each.name}.") for each in fields(like)}
        return type(like)(**parts)  # pyright: ignore[reportCallIssue]
    if isinstance(like, dict):
        return {key: _restored(value, arrays, f"{name}{key}.") for key, value in like.items()}
    if like is None:
        return None
    found = arrays[name]
    if not isinstance(like, np.ndarray):
        return found.item()
    return np.array([int(text) for text in found.flat], object).reshape(found.shape) if like.dtype == object else found
