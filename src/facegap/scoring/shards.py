"""Comparisons in shards: some tiles of a cell that one worker adds up, so that little is handed on and kept."""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import accumulate
from typing import Any, NamedTuple, Protocol, Self, TypeVar

import numpy as np

from facegap.data.tally import Extremes, ScoreTally
from facegap.run.executor import Executor
from facegap.run.summing import sums
from facegap.scoring.backend import BySubject, Tile, TileCounts
from facegap.scoring.keeping import KeptSum
from facegap.scoring.subject_histogram import SubjectHistogram
from facegap.scoring.subject_sums import SubjectSums

LARGEST = 1 << 15
"""Block pairs in a shard, 8.6 billion comparisons: a minute of one processor."""

SHARDS = 256
"""The comparisons are cut into so many shards before a shard grows beyond a tile: enough for many workers."""


class Shard(NamedTuple):
    """Consecutive `tiles` of the cell `at`."""

    at: int
    tiles: tuple[Tile, ...]

    @property
    def block_pairs(self) -> int:
        """How many block pairs it holds."""
        return sum(len(tile.pairs) for tile in self.tiles)


def cut(tiles: Iterable[tuple[int, Tile]]) -> list[Shard]:
    """Return tiles, each with its cell, in shards; their number depends on the tiles alone."""
    tiles = list(tiles)
    size = min(sum(len(tile.pairs) for _, tile in tiles) // SHARDS, LARGEST)
    found: list[tuple[int, list[Tile]]] = []
    held = 0
    for at, tile in tiles:
        held += len(tile.pairs)
        if not found or found[-1][0] != at or held > size:
            found.append((at, []))
            held = len(tile.pairs)
        found[-1][1].append(tile)
    return [Shard(at, tuple(parts)) for at, parts in found]


class Sum(Protocol):
    """What adds up."""

    def __add__(self, other: Self, /) -> Self:
        """Return the sum."""
        ...


Total = TypeVar("Total", bound=Sum)


def added_up(
    make_worker: Callable[[], Callable[[Shard], Total]],
    shards: Sequence[Shard],
    zero: Total,
    *,
    executor: Executor,
    advance: Callable[[int], None],
    kept: KeptSum | None = None,
) -> Total:
    """Return the sum of what a worker makes of each shard, added to `zero` in order.

    `advance` is told how many block pairs are done. `kept`: where the sum of the first shards is found, if it was kept
    by a run before, and is kept from time to time.
    """
    done, total = kept.found(zero) if kept else (0, zero)
    pairs = [0, *accumulate(shard.block_pairs for shard in shards)]
    advance(pairs[done])
    for number, part in sums(executor, make_worker, shards[done:]):
        total += part
        advance(pairs[done + number] - pairs[done])
        done += number
        if kept:
            kept.keep(done, total)
    return total


@dataclass(frozen=True)
class CellCounts:
    """What some block pairs add to a cell of the tally: as `TileCounts`, but `genuine` (slots,) is counted too."""

    impostor: np.ndarray
    genuine: np.ndarray
    moments: np.ndarray
    highest_impostors: Extremes
    lowest_genuines: Extremes
    histogram: SubjectHistogram | None

    @classmethod
    def zero(cls, slots: int, by_subject: BySubject | None = None) -> Self:
        """Return counts of nothing."""
        histogram = by_subject and SubjectHistogram.zero(by_subject.layout, by_subject.n)
        impostor, genuine = np.zeros((2, slots), np.int64)
        return cls(impostor, genuine, np.zeros((2, 2), object), Extremes.none(), Extremes.none(), histogram)

    def __add__(self, other: "CellCounts") -> "CellCounts":
        return CellCounts(
            self.impostor + other.impostor,
            self.genuine + other.genuine,
            self.moments + other.moments,
            self.highest_impostors.merge(other.highest_impostors, highest=True),
            self.lowest_genuines.merge(other.lowest_genuines, highest=False),
            _both(self.histogram, other.histogram),
        )

    def with_tile(self, part: TileCounts) -> "CellCounts":
        """Return the counts with those of a tile; the arrays of `self` grow."""
        self.impostor[:] += part.impostor
        np.add.at(self.genuine, part.genuine, 1)
        return CellCounts(
            self.impostor,
            self.genuine,
            self.moments + part.moments,
            self.highest_impostors.merge(part.highest_impostors, highest=True),
            self.lowest_genuines.merge(part.lowest_genuines, highest=False),
            _both(self.histogram, part.histogram),
        )


@dataclass(frozen=True)
class Cells:
    """Counts of some cells, by the index of the cell."""

    of: dict[int, CellCounts]

    def __add__(self, other: "Cells") -> "Cells":
        """Return the sum."""
        both = {at: self.of[at] + counts if at in self.of else counts for at, counts in other.of.items()}
        return Cells({**self.of, **both})

    def added_to(self, tally: ScoreTally) -> ScoreTally:
        """Return the tally with the counts; its arrays grow."""
        high, low = tally.highest_impostors, tally.lowest_genuines
        for at, counts in self.of.items():
            tally.impostor[at] += counts.impostor
            tally.genuine[at] += counts.genuine
            tally.moments[at] += counts.moments
            high = high.merge(counts.highest_impostors, highest=True)
            low = low.merge(counts.lowest_genuines, highest=False)
        return replace(tally, highest_impostors=high, lowest_genuines=low)


@dataclass(frozen=True)
class ShardCounter:
    """Sets up a worker that counts shards. `make_counter` sets up one that counts tiles, of so many `slots`."""

    make_counter: Callable[[], Callable[[Tile], TileCounts]]
    slots: int

    def __call__(self) -> Callable[[Shard], Cells]:
        """Return what counts a shard."""
        count = self.make_counter()

        def counted(shard: Shard) -> Cells:
            counts = CellCounts.zero(self.slots)
            for tile in shard.tiles:
                counts = counts.with_tile(count(tile))
            return Cells({shard.at: counts})

        return counted


@dataclass(frozen=True)
class ShardAdder:
    """Sets up a worker that adds the tiles of a shard to their subjects. `make_adder` sets up one for tiles."""

    make_adder: Callable[[], Callable[[Tile], SubjectSums]]

    def __call__(self) -> Callable[[Shard], SubjectSums]:
        """Return what adds a shard."""
        add = self.make_adder()
        return lambda shard: reduce(operator.add, map(add, shard.tiles))


@dataclass(frozen=True)
class InLists:
    """Sets up a worker that puts each result in a list, for lists add up. `make_worker` sets up one that does not."""

    make_worker: Callable[[], Callable[[Any], Any]]

    def __call__(self) -> Callable[[Any], list[Any]]:
        """Return what works on an item."""
        work = self.make_worker()
        return lambda item: [work(item)]


def _both(one: SubjectHistogram | None, other: SubjectHistogram | None) -> SubjectHistogram | None:
    return one + other if one is not None and other is not None else other or one
