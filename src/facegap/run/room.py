"""Room for large arrays: in memory as far as a user allows, else in files that are mapped and go with the array."""

import math
import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np

from facegap.errors import StoreError
from facegap.run.executor import Executor
from facegap.run.seeing import Seeing

SENT = 1 << 26
"""Bytes up to which an array is sent to workers on other machines; a larger one they read from a file, if they can."""


@dataclass
class Room:
    """Makes float32 arrays of zeros. `most`: bytes of them that are in memory at the same time, None for any number.

    `open_folder` makes a folder of a name, for a file; without it all lies in memory.
    """

    open_folder: Callable[[str], Path] | None = None
    most: int | None = None
    _held: int = 0

    def zeros(self, shape: tuple[int, ...], executor: Executor | None = None) -> np.ndarray:
        """Return an array; `executor`: whose workers are to read it.

        Raises:
            StoreError: it has to lie in a file, and none can be written, or the workers do not see it.
        """
        size = math.prod(shape) * np.dtype(np.float32).itemsize
        fits = self.most is None or self._held + size <= self.most
        apart = executor if isinstance(executor, Seeing) and not (fits and size <= SENT) else None
        if self.open_folder is None or (fits and not apart):
            return self._in_memory(shape, size)
        try:
            folder = self.open_folder(2 * uuid4().hex)
            if apart and not apart.sees(folder):
                folder.rmdir()
                if fits:
                    return self._in_memory(shape, size)
                raise StoreError(
                    "{size:,} bytes of embeddings are more than --memory allows, and the workers do not see "
                    "{parent}: name a --store on a disk that all machines see",
                    size=size,
                    parent=folder.parent,
                )
            array = np.memmap(folder / "vectors", np.float32, "w+", shape=shape)
        except OSError as error:
            raise StoreError(
                "{size:,} bytes of embeddings are more than --memory allows, and no file can be written for them "
                "({reason}): name another --store",
                size=size,
                reason=error.strerror,
            ) from None
        weakref.finalize(array, shutil.rmtree, folder, ignore_errors=True)
        return array

    def _in_memory(self, shape: tuple[int, ...], size: int) -> np.ndarray:
        array = np.zeros(shape, np.float32)
        self._held += size
        weakref.finalize(array, self._release, size)
        return array

    def _release(self, size: int) -> None:
        self._held -= size


class Mapped(NamedTuple):
    """A float32 array in a file, as one process tells another of it."""

    path: str
    shape: tuple[int, ...]

    def array(self) -> np.ndarray:
        """Return the array, to be read."""
        return np.memmap(self.path, np.float32, "r", shape=self.shape)
