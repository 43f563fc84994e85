"""Counts of genuine and impostor scores between thresholds: all that the metrics read of a study's comparisons."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.drawn import Drawn

SWEEP = tuple((np.arange(10, 110) / 100).tolist())
"""Thresholds of the usual sweep, 0.10 to 1.09 in steps of 0.01 in the native unit; always among the cuts."""

EXTREMES = 20
"""How many of the most telling errors of each kind a tally keeps."""

MOMENT_UNIT = 2.0**30
"""Moments are added up as integers of this fineness, so that the order of work cannot change them."""


@dataclass(frozen=True)
class Counts:
    """The comparisons of one population, sorted into slots between cuts.

    `cuts`: (K,) float32 similarity (see `Comparator`), rising: the thresholds at which everything is known exactly.
    `genuine`, `impostor`: (2K+1,) int64; slot 2k+1 holds the scores equal to cut k, slot 2k those between cut k-1
    and cut k. `failed_genuine`, `failed_impostor`: comparisons that could not be made since an image has no
    embedding. `moments`: (2, 2) Python ints, sum and sum of squares of the genuine (row 0) and impostor (row 1)
    scores, in units of 1 / `MOMENT_UNIT`.

    Of comparisons that were drawn, or that count by subject, all of these are sums of weights, in whole numbers of 1 /
    `unit`; `evidence` then counts the comparisons themselves.
    """

    comparator: Comparator
    cuts: np.ndarray
    genuine: np.ndarray
    impostor: np.ndarray
    failed_genuine: int
    failed_impostor: int
    moments: np.ndarray
    unit: int = 1
    evidence: "Counts | None" = None

    @property
    def made(self) -> "Counts":
        """The comparisons that were made, each counted once."""
        return self.evidence or self

    @cached_property
    def n_genuine(self) -> int:
        """Genuine comparisons made, or their weight."""
        return int(self.genuine.sum())

    @cached_property
    def n_impostor(self) -> int:
        """Impostor comparisons made, or their weight."""
        return int(self.impostor.sum())

    def twice_beaten(self) -> np.ndarray:
        """Return (2, 2K+1) int64: twice the impostor scores below (0) and the genuine scores above (1) each slot.

        Ties, the scores of the slot itself, count once.
        """
        below = 2 * np.cumsum(self.impostor) - self.impostor
        above = 2 * (self.n_genuine - np.cumsum(self.genuine)) + self.genuine
        return np.stack([below, above])

    def with_failures_rejected(self) -> "Counts":
        """Count each comparison with a failed image as rejected at every threshold.

        These are the generalised rates of ISO/IEC 19795-1.
        """
        genuine, impostor = self.genuine.copy(), self.impostor.copy()
        genuine[0] += self.failed_genuine
        impostor[0] += self.failed_impostor
        evidence = self.evidence and self.evidence.with_failures_rejected()
        return replace(self, genuine=genuine, impostor=impostor, evidence=evidence)


@dataclass(frozen=True)
class Extremes:
    """The most telling comparisons of a kind, in order: `similarity` (E,) float32, `a` and `b` (E,) rows."""

    similarity: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @classmethod
    def none(cls) -> "Extremes":
        """Return an empty list."""
        return cls(np.empty(0, np.float32), np.empty(0, np.int64), np.empty(0, np.int64))

    def keep(self, *, highest: bool) -> "Extremes":
        """Return the `EXTREMES` highest or lowest; ties go to the lower rows, so the order of work does not matter."""
        order = np.lexsort((self.b, self.a, -self.similarity if highest else self.similarity))[:EXTREMES]
        return Extremes(self.similarity[order], self.a[order], self.b[order])

    def merge(self, other: "Extremes", *, highest: bool) -> "Extremes":
        """Return the most telling of both."""
        return Extremes(
            np.concatenate([self.similarity, other.similarity]),
            np.concatenate([self.a, other.a]),
            np.concatenate([self.b, other.b]),
        ).keep(highest=highest)


@dataclass(frozen=True)
class Weighed:
    """Sums of the weights of comparisons, in whole numbers of 1 / `unit`; the arrays are as in `ScoreTally`."""

    genuine: np.ndarray
    impostor: np.ndarray
    failed: np.ndarray
    moments: np.ndarray
    unit: int


@dataclass(frozen=True)
class ScoreTally:
    """Every comparison of a study, per unordered pair of cohorts. Tallies over the same cuts add up.

    C cohorts give P = C (C + 1) / 2 cells, see `cell`. `cuts` (K,), `genuine` and `impostor` (P, 2K+1), `failed`
    (P, 2) int64 (genuine, impostor) and `moments` (P, 2, 2) are as in `Counts`. `highest_impostors` and
    `lowest_genuines` hold rows of the manifest. `drawn`: where the comparisons are a sample of those that there are,
    what they stand for. `weighed`: where comparisons have weights of their own, such as by subject, their sums, in
    place of `drawn`. The counts of the tally are still those of the comparisons themselves.
    """

    comparator: Comparator
    cohorts: tuple[str, ...]
    cuts: np.ndarray
    genuine: np.ndarray
    impostor: np.ndarray
    failed: np.ndarray
    moments: np.ndarray
    highest_impostors: Extremes
    lowest_genuines: Extremes
    drawn: Drawn | None = None
    weighed: Weighed | None = None

    @classmethod
    def empty(cls, comparator: Comparator, cohorts: tuple[str, ...], cuts: np.ndarray) -> "ScoreTally":
        """Return a tally without comparisons."""
        cells = len(cohorts) * (len(cohorts) + 1) // 2
        slots = 2 * len(cuts) + 1
        return cls(
            comparator=comparator,
            cohorts=cohorts,
            cuts=cuts,
            genuine=np.zeros((cells, slots), np.int64),
            impostor=np.zeros((cells, slots), np.int64),
            failed=np.zeros((cells, 2), np.int64),
            moments=np.zeros((cells, 2, 2), object),
            highest_impostors=Extremes.none(),
            lowest_genuines=Extremes.none(),
        )

    def __add__(self, other: "ScoreTally") -> "ScoreTally":
        if self.cohorts != other.cohorts or not np.array_equal(self.cuts, other.cuts):
            raise ValueError("only tallies over the same cohorts and cuts add up")
        return replace(
            self,
            genuine=self.genuine + other.genuine,
            impostor=self.impostor + other.impostor,
            failed=self.failed + other.failed,
            moments=self.moments + other.moments,
            highest_impostors=self.highest_impostors.merge(other.highest_impostors, highest=True),
            lowest_genuines=self.lowest_genuines.merge(other.lowest_genuines, highest=False),
        )

    def between(self, probe: str, gallery: str) -> Counts:
        """Return the comparisons of two cohorts (or within one, where they are the same)."""
        return self._sum([cell(self.cohorts.index(probe), self.cohorts.index(gallery))])

    def has_genuine(self, probe: str, gallery: str) -> bool:
        """Return whether two cohorts have a genuine comparison between them, made or failed."""
        at = cell(self.cohorts.index(probe), self.cohorts.index(gallery))
        return bool(self.genuine[at].any() or self.failed[at, 0])

    def pooled(self) -> Counts:
        """Return all comparisons, within and across cohorts."""
        return self._sum(list(range(len(self.genuine))))

    def _sum(self, cells: list[int]) -> Counts:
        ones = np.ones((len(cells), 2), np.int64)
        once = self._added(self, cells, ones)
        if self.weighed is not None:
            return replace(self._added(self.weighed, cells, ones), unit=self.weighed.unit, evidence=once)
        if self.drawn is None:
            return once
        return replace(self._added(self, cells, self.drawn.units[cells]), unit=self.drawn.unit, evidence=once)

    def _added(self, sums: "ScoreTally | Weighed", cells: list[int], units: np.ndarray) -> Counts:
        """Return the comparisons of some cells, each counted `units` (cells, 2) times."""
        failed = (units * sums.failed[cells]).sum(axis=0)
        return Counts(
            comparator=self.comparator,
            cuts=self.cuts,
            genuine=(units[:, :1] * sums.genuine[cells]).sum(axis=0),
            impostor=(units[:, 1:] * sums.impostor[cells]).sum(axis=0),
            failed_genuine=int(failed[0]),
            failed_impostor=int(failed[1]),
            moments=(units[:, :, None].astype(object) * sums.moments[cells]).sum(axis=0),
        )


def cell(p: int, q: int) -> int:
    """Return the index of the unordered pair of cohorts p and q."""
    low, high = min(p, q), max(p, q)
    return high * (high + 1) // 2 + low


def cells_of(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return (P,) int64 the same for (P,) codes of cohorts."""
    low, high = np.minimum(p, q).astype(np.int64), np.maximum(p, q).astype(np.int64)
    return high * (high + 1) // 2 + low
