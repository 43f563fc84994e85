"""A sample of the comparisons that there are, drawn by subject, where each of them costs money or time.

Cohorts are what a study is about, so each gets its part, however small it is. Genuine comparisons are few and every one
tells, so all are kept where they are at most half of the sample. Within a stratum, the comparisons of one kind in a
cohort or between two, all have the same chance: any other split costs precision of its rates, which are over
comparisons. They are taken at equal steps through the subjects, see `strata`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from facegap.data.across import sharing
from facegap.data.drawn import Drawn
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.sizes import Sizes, SizesOfImages, SizesOfList
from facegap.data.source import Images, Pairs, Source
from facegap.data.tally import cell, cells_of
from facegap.data.templates import TEMPLATE
from facegap.datasets.strata import Side, Stratum, equal_steps
from facegap.errors import InputError

LEAST = 2
"""Comparisons that are drawn at least in each stratum that has so many."""

OWN_SHARE = 2 / 3
"""Part of the impostor comparisons that lie within cohorts, or between two that share subjects; the others tell what
all cohorts together do. With two cohorts all three strata get the same."""


class _Numbered(Protocol):
    """Comparisons by number."""

    def __len__(self) -> int: ...

    def at(self, number: np.ndarray, /) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass(frozen=True)
class _Listed:
    """The comparisons of one stratum of a list, pair of subjects by pair of subjects: `a`, `b` (n,) rows."""

    a: np.ndarray
    b: np.ndarray

    def __len__(self) -> int:
        return len(self.a)

    def at(self, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.a[number], self.b[number]


def draw_pairs(source: Source, most: int, rng: np.random.Generator) -> Source:
    """Return images with `most` of their comparisons to make, or of those of their list; all where there are no more.

    Raises:
        InputError: the source has no images that are compared one by one, or `most` is too few.
    """
    if not isinstance(source, Images):
        raise InputError("--pairs draws from comparisons of images, and what was given costs nothing: leave it out")
    if TEMPLATE in source.manifest.frame:
        raise InputError(
            "--pairs draws from comparisons of images, and templates are compared as a whole: leave it out"
        )
    strata = list(_strata(source, rng))
    every = np.array([[len(kind) for kind in kinds] for kinds in strata])
    if most >= every.sum():
        return source
    drawn = Drawn(every, _allotted(every, most, _own(source.manifest)), _sizes(source))
    _refuse(drawn, most)
    found = [
        (*stratum.at(equal_steps(len(stratum), int(taken), rng)), kind == 0)
        for kinds, of_cell in zip(strata, drawn.taken, strict=True)
        for kind, (stratum, taken) in enumerate(zip(kinds, of_cell, strict=True))
    ]
    a, b = (np.concatenate([one[side] for one in found]).astype(np.int64) for side in (0, 1))
    same = np.concatenate([np.full(len(one[0]), one[2]) for one in found])
    pairs = Pairs(a, b, same, np.zeros(len(a), np.int64), drawn)
    return replace(source, pairs=pairs).with_findings(_finding(drawn))


def _strata(source: Images, rng: np.random.Generator) -> Iterator[tuple[_Numbered, _Numbered]]:
    """Yield the genuine and the impostor comparisons of each pair of cohorts, by `cell`."""
    manifest = source.manifest
    place = rng.permutation(int(manifest.subject_codes.max()) + 1)[manifest.subject_codes]
    cohorts = range(len(manifest.cohorts))
    if source.pairs is not None:
        yield from _listed(source.pairs, place, manifest)
        return
    rows = [np.flatnonzero(manifest.cohort_codes == code) for code in cohorts]
    sides = [Side.of(some, place[some], rng) for some in rows]
    for q in cohorts:
        for p in range(q + 1):
            yield Stratum(sides[p], sides[q], genuine=True), Stratum(sides[p], sides[q], genuine=False)


def _listed(pairs: Pairs, place: np.ndarray, manifest: Manifest) -> Iterator[tuple[_Numbered, _Numbered]]:
    sides = np.stack([pairs.a, pairs.b])
    at = cells_of(*manifest.cohort_codes[sides])
    low, high = np.sort(place[sides], axis=0)
    order = np.lexsort((high, low))
    for c in range(len(manifest.cohorts) * (len(manifest.cohorts) + 1) // 2):
        kinds = [order[(at[order] == c) & (pairs.same[order] == same)] for same in (True, False)]
        genuine, impostor = (_Listed(pairs.a[some], pairs.b[some]) for some in kinds)
        yield genuine, impostor


def _sizes(source: Images) -> Sizes:
    """Return how many comparisons two subjects have, drawn or not."""
    subject, cohort = source.manifest.subject_codes, source.manifest.cohort_codes
    if source.pairs is None:
        return SizesOfImages.of(subject, cohort, np.ones(len(subject), bool))
    return SizesOfList.of(subject, cohort, [(source.pairs.a, source.pairs.b)])


def _own(manifest: Manifest) -> np.ndarray:
    """Return (P,) bool: the cohorts, and the pairs of them that share subjects, which have numbers of their own."""
    names = manifest.cohorts
    own = np.zeros(len(names) * (len(names) + 1) // 2, bool)
    shared = sharing(manifest.subject_codes, manifest.cohort_codes, names).values()
    for first, second in (*((name, name) for name in names), *shared):
        own[cell(names.index(first), names.index(second))] = True
    return own


def _allotted(every: np.ndarray, most: int, own: np.ndarray) -> np.ndarray:
    """Return (P, 2) int64: how many of `every` (P, 2) are drawn, `most` in all; fewer than there are."""
    genuine, impostor = every.sum(axis=0).tolist()
    of_genuine = min(genuine, max(most // 2, most - impostor))
    left, (inside, outside) = most - of_genuine, (int(every[some, 1].sum()) for some in (own, ~own))
    of_own = min(inside, max(round(OWN_SHARE * left), left - outside))
    taken = np.zeros_like(every)
    taken[:, 0] = _filled(every[:, 0], of_genuine)
    taken[own, 1] = _filled(every[own, 1], of_own)
    taken[~own, 1] = _filled(every[~own, 1], left - of_own)
    return taken


def _filled(sizes: np.ndarray, total: int) -> np.ndarray:
    """Return (n,) int64 parts of `total`, as equal as the `sizes` (n,) allow that they may not exceed."""
    taken = np.zeros(len(sizes), np.int64)
    order = np.argsort(sizes, kind="stable")
    for done, k in enumerate(order.tolist()):
        taken[k] = min(int(sizes[k]), total // (len(order) - done))
        total -= int(taken[k])
    return taken


def _refuse(drawn: Drawn, most: int) -> None:
    if (drawn.taken < np.minimum(drawn.every, LEAST)).any():
        strata = int((drawn.every > 0).sum())
        raise InputError(
            "{most} comparisons are too few for the genuine and impostor ones of all cohorts, {strata} kinds in all: "
            "draw {enough} or more",
            most=most,
            strata=strata,
            enough=10 * strata,
        )


def _finding(drawn: Drawn) -> Finding:
    weights = drawn.weights[drawn.taken > 0]
    genuine, impostor = drawn.taken.sum(axis=0).tolist()
    all_genuine, all_impostor = drawn.every.sum(axis=0).tolist()
    return Finding.of(
        FindingCode.DRAWN_COMPARISONS,
        drawn=genuine + impostor, of=all_genuine + all_impostor, genuine=genuine, of_genuine=all_genuine,
        impostor=impostor, of_impostor=all_impostor, least=float(weights.min()), most=float(weights.max()),
    )  # fmt: skip
