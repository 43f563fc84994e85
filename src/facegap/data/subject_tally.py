"""What each subject adds to the comparisons of a study: all that the intervals need, linear in the subjects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from facegap.data.tally import cell


@dataclass(frozen=True)
class Listed:
    """The highest impostor scores of a population, one by one: all from `bar` on.

    `similarity`: (r,) float32. `a`, `b`: (r,) int64, the subjects that were compared. `weight`: (r,) float64, None
    where each counts once.
    """

    similarity: np.ndarray
    a: np.ndarray
    b: np.ndarray
    bar: float
    weight: np.ndarray | None = None

    @classmethod
    def none(cls, bar: float = float("inf")) -> "Listed":
        """Return an empty list."""
        return cls(np.empty(0, np.float32), np.empty(0, np.int64), np.empty(0, np.int64), bar)

    @classmethod
    def joined(cls, parts: Sequence["Listed"]) -> "Listed":
        """Return one list of all, complete from the highest of their bars on."""
        bar = max(part.bar for part in parts)
        chosen = [part if part.bar == bar else part.above(bar) for part in parts]
        similarity, a, b = (
            np.concatenate([getattr(part, name) for part in chosen]) for name in ("similarity", "a", "b")
        )
        weights = [part.weight for part in chosen if part.weight is not None]
        return cls(similarity, a, b, bar, np.concatenate(weights) if len(weights) == len(chosen) else None)

    def above(self, bar: float) -> "Listed":
        """Return what is on the list from a higher bar on."""
        high = self.similarity >= np.float32(bar)
        weight = None if self.weight is None else self.weight[high]
        return Listed(self.similarity[high], self.a[high], self.b[high], bar, weight)

    def among(self, subject: np.ndarray) -> "Listed":
        """Return the list with `subject` (n,) in place of the places 0 to n - 1."""
        return replace(self, a=subject[self.a].astype(np.int64), b=subject[self.b].astype(np.int64))

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """(k,) int64: the pairs of subjects on the list, as numbers, rising; and (r,): which one each score is of."""
        low, high = np.minimum(self.a, self.b), np.maximum(self.a, self.b)
        return np.unique((low << 32) | high, return_inverse=True)

    @cached_property
    def _ranked(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """(r,) the similarity of all, negative and so rising, (r,) which pair of subjects each is of, (r,) weights."""
        order = np.argsort(-self.similarity, kind="stable")
        return -self.similarity[order], self.pairs[1][order], None if self.weight is None else self.weight[order]

    def accepted(self, similarity: float) -> np.ndarray:
        """Return (k,): how many scores of each of `pairs` reach `similarity`, which is not below the bar."""
        rising, which, weight = self._ranked
        first = int(np.searchsorted(rising, np.float32(-similarity), side="right"))
        return np.bincount(which[:first], None if weight is None else weight[:first], len(self.pairs[0]))


@dataclass(frozen=True)
class SubjectCounts:
    """The comparisons of one population, subject by subject.

    n subjects take part. `subject`: (n,) int64, their codes, rising. `evaluated`: (T,) float32 similarity, rising.
    `genuine`, `impostor`: (n, T+1) int64; bin 0 holds the scores below every evaluated threshold, bin k those from
    evaluated threshold k-1 up to evaluated threshold k. An impostor comparison belongs to two subjects and is counted
    for both. `ranks`: (n, 2, 2) int64, in row 0 the sum over the subject's genuine comparisons of twice the number of
    impostor scores below (ties count one), in row 1 that over its impostor comparisons of twice the number of genuine
    scores above; column 0 over all of them, column 1 over those at or above `tail`. `moments`: (n, 2, 2) int64, sum and
    sum of squares of the genuine (row 0) and impostor (row 1) scores in units of 1 / `tally.MOMENT_UNIT`. `failed`: (n,
    2) int64, genuine and impostor comparisons that could not be made.

    `squares`, `products`: (T,) float64, the sums over pairs of subjects of a^2 and a m, where a of the pair's m
    impostor comparisons are accepted at an evaluated threshold; `sizes`: the sum of m^2. They may come from a sample of
    the pairs, scaled up. `listed`: those that were listed one by one.

    Of comparisons that were drawn, or that count by subject, all of these are sums of weights, float64, as in
    `tally.Counts`; `evidence` then counts the comparisons themselves.
    """

    subject: np.ndarray
    evaluated: np.ndarray
    tail: float
    genuine: np.ndarray
    impostor: np.ndarray
    ranks: np.ndarray
    moments: np.ndarray
    failed: np.ndarray
    squares: np.ndarray
    products: np.ndarray
    sizes: float
    listed: Listed
    evidence: "SubjectCounts | None" = None

    @property
    def made(self) -> "SubjectCounts":
        """The comparisons that were made, each counted once."""
        return self.evidence or self

    def weighed(self, units: np.ndarray) -> "SubjectCounts":
        """Return the counts of comparisons that stand for `units` (2,), genuine and impostor ones.

        `ranks` are against the weights of the other kind already.
        """
        genuine, impostor = units.astype(np.float64).tolist()
        kinds = units.astype(np.float64)[None, :, None]
        return replace(
            self,
            genuine=genuine * self.genuine,
            impostor=impostor * self.impostor,
            ranks=kinds * self.ranks,
            moments=kinds * self.moments,
            failed=kinds[:, :, 0] * self.failed,
            squares=impostor**2 * self.squares,
            products=impostor**2 * self.products,
            sizes=impostor**2 * self.sizes,
            listed=replace(self.listed, weight=np.full(len(self.listed.a), impostor)),
            evidence=self,
        )

    def accepted(self, similarity: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) genuine and (n,) impostor comparisons accepted at an evaluated threshold.

        Raises:
            ValueError: `similarity` is no evaluated threshold.
        """
        first = self.place(similarity) + 1
        return self._at_or_above[0][:, first], self._at_or_above[1][:, first]

    @cached_property
    def _at_or_above(self) -> tuple[np.ndarray, np.ndarray]:
        """(n, T+1) each: comparisons in a bin or above it."""
        genuine, impostor = (counts[:, ::-1].cumsum(axis=1)[:, ::-1] for counts in (self.genuine, self.impostor))
        return genuine, impostor

    def knows(self, similarity: float) -> bool:
        """Return whether `similarity` is an evaluated threshold."""
        k = int(np.searchsorted(self.evaluated, np.float32(similarity)))
        return k < len(self.evaluated) and self.evaluated[k] == np.float32(similarity)

    def place(self, similarity: float) -> int:
        """Return the index of an evaluated threshold.

        Raises:
            ValueError: `similarity` is no evaluated threshold.
        """
        if not self.knows(similarity):
            raise ValueError(f"similarity {similarity!r} is no evaluated threshold of this tally")
        return int(np.searchsorted(self.evaluated, np.float32(similarity)))


@dataclass(frozen=True)
class SubjectTally:
    """`SubjectCounts` of every unordered pair of cohorts; see `cell`.

    `cells`: P of them. `wide`: for each, (n, 2, 2) like `ranks`, but against the scores of all cohorts together.
    `wide_tail`: the similarity from which `wide` counts the tail.
    """

    cohorts: tuple[str, ...]
    cells: tuple[SubjectCounts, ...]
    wide: tuple[np.ndarray, ...]
    wide_tail: float

    def between(self, probe: str, gallery: str) -> SubjectCounts:
        """Return the comparisons of two cohorts (or within one, where they are the same)."""
        return self.cells[cell(self.cohorts.index(probe), self.cohorts.index(gallery))]

    def pooled(self) -> SubjectCounts:
        """Return all comparisons, within and across cohorts."""
        subject = np.unique(np.concatenate([counts.subject for counts in self.cells]))
        first = self.cells[0]
        if len(self.cells) == 1:
            return first

        def added(parts: list[np.ndarray]) -> np.ndarray:
            total = np.zeros((len(subject), *parts[0].shape[1:]), np.result_type(*parts))
            for counts, part in zip(self.cells, parts, strict=True):
                total[np.searchsorted(subject, counts.subject)] += part
            return total

        return replace(
            first,
            subject=subject,
            tail=self.wide_tail,
            genuine=added([counts.genuine for counts in self.cells]),
            impostor=added([counts.impostor for counts in self.cells]),
            ranks=added(list(self.wide)),
            moments=added([counts.moments for counts in self.cells]),
            failed=added([counts.failed for counts in self.cells]),
            squares=np.sum([counts.squares for counts in self.cells], axis=0),
            products=np.sum([counts.products for counts in self.cells], axis=0),
            sizes=float(sum(counts.sizes for counts in self.cells)),
            listed=Listed.joined([counts.listed for counts in self.cells]),
            evidence=None if first.evidence is None else self._made().pooled(),
        )

    def _made(self) -> "SubjectTally":
        """Return the comparisons that were made, each counted once."""
        return replace(self, cells=tuple(counts.made for counts in self.cells))
