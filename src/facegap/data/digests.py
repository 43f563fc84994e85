"""The sha256 of many images, in 32 bytes each: as texts they would take four times as many."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np

BYTES = 32


class Digests(Sequence[str]):
    """N sha256, as items in hex, or "" where there is none.

    `raw`: (N, 32) uint8 bytes of each, all 0 where there is none.
    """

    def __init__(self, raw: np.ndarray) -> None:
        self.raw = raw

    @classmethod
    def none(cls, n: int) -> "Digests":
        """Return N times none."""
        return cls(np.zeros((n, BYTES), np.uint8))

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Digests":
        """Return the sha256 of texts, each in hex or ""; what is one already stays itself."""
        if isinstance(texts, Digests):
            return texts
        held = bytearray()
        for text in texts:
            held += _bytes(text)
        return cls(np.frombuffer(held, np.uint8).reshape(-1, BYTES))

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> "Digests": ...

    def __getitem__(self, row: int | slice) -> "str | Digests":
        if isinstance(row, slice):
            return Digests(self.raw[row])
        found = self.raw[row]
        return found.tobytes().hex() if found.any() else ""

    def __setitem__(self, row: int, text: str) -> None:
        self.raw[row] = np.frombuffer(_bytes(text), np.uint8)

    def without(self, rows: np.ndarray) -> "Digests":
        """Return them with none in `rows` (N,) bool."""
        return Digests(np.where(rows[:, None], np.uint8(0), self.raw))

    @property
    def known(self) -> np.ndarray:
        """(N,) bool: where there is one."""
        return np.any(self.raw, axis=1)

    def first_rows(self) -> np.ndarray:
        """Return for each of N rows the first one, int32, that has the same sha256; where there is none, itself."""
        order, first = self.order(), np.arange(len(self), dtype=np.int32)
        words = self.raw.view(np.uint64)
        begins = np.ones(len(self), bool)
        begins[1:] = np.any([word[order[1:]] != word[order[:-1]] for word in words.T], axis=0)
        starts = np.flatnonzero(begins)
        first[order] = np.repeat(order[starts], np.diff(starts, append=len(self)))
        none = np.flatnonzero(~self.known)
        first[none] = none
        return first

    def order(self) -> np.ndarray:
        """Return the N rows, int32, in the order of their sha256; equal ones as they come."""
        return np.argsort(self.sortable(), kind="stable").astype(np.int32)

    def sortable(self) -> np.ndarray:
        """Return the same (N,) values as numpy compares them: it takes bytes of 0 at an end for none, as all do."""
        return self.raw.view(f"S{BYTES}")[:, 0]


class Lookup:
    """Says in which row a sha256 is, and so whether it is among them."""

    def __init__(self, digests: Digests) -> None:
        self._digests, self._order = digests, digests.order()

    def __contains__(self, text: str) -> bool:
        raw, order, wanted = self._digests.raw, self._order, _bytes(text)

        def at(place: int) -> bytes:
            return raw[order[place]].tobytes()

        place = bisect_left(range(len(self)), wanted, key=at)
        return place < len(self) and at(place) == wanted

    def __len__(self) -> int:
        return len(self._order)

    def rows(self, texts: Iterable[str]) -> np.ndarray:
        """Return for each text, a sha256 in hex, the first row that has it; -1 where none has."""
        wanted, have = Digests.of(texts), self._digests.sortable()
        if not len(self):
            return np.full(len(wanted), -1)
        place = np.searchsorted(have, wanted.sortable(), sorter=self._order)
        row = self._order[np.minimum(place, len(self) - 1)]
        return np.where(have[row] == wanted.sortable(), row, -1)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text) if text else bytes(BYTES)
