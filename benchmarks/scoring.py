"""Scores against the bare matrix product, from a thousand images to a hundred thousand."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.section import Goal, Section, duration, figure, size
from benchmarks.sizes import Case
from benchmarks.timing import Seconds, ratio

SHARES = {512: 0.75, 128: 0.6}
"""Share of the bare product's rate that is asked for, by dimension."""

JUDGED = 30_000
"""Images at which the shares are held to that: what is fixed no longer counts, and there is more than one round."""

LARGE = 100_000
GROWS_FROM = 10_000
COLUMNS = (
    "images", "dimensions", "comparator", "pairs", "time", "pairs a second", "of the bare product",
    "with intervals", "intervals add", "memory", "memory with intervals",
)  # fmt: skip
ABOUT = """\
All pairs of a population, within one cohort, from embeddings to counts, on all cores: `facegap.score` without and with
the sums over subjects that intervals stand on. *The bare product* is the matrix product of the same rows alone,
`numpy.matmul` on all cores, the upper triangle in panels, nothing kept: its rate counts every product it makes. Memory
is the process's peak beyond the embeddings, a copy of them included."""


@dataclass(frozen=True)
class Scored:
    """What one population cost. `seconds`: of `counts`, `intervals` and `product`. `peaks`: bytes of the first two."""

    case: Case
    seconds: Seconds
    products: int
    peaks: dict[str, int]

    @property
    def pairs(self) -> int:
        """Comparisons of the population."""
        return self.case.images * (self.case.images - 1) // 2

    @property
    def rate(self) -> float:
        """Comparisons a second, counts alone."""
        return self.pairs / median(self.seconds["counts"])

    @property
    def share(self) -> float:
        """That rate as a share of the bare product's."""
        return self._share("counts")

    @property
    def share_sure(self) -> float:
        """The rate with sums over subjects, as a share of the bare product's."""
        return self._share("intervals")

    @property
    def added(self) -> float:
        """Time that intervals add, as a share of the time without."""
        return ratio(self.seconds["intervals"], self.seconds["counts"]) - 1

    def _share(self, way: str) -> float:
        return ratio(self.seconds["product"], self.seconds[way]) * self.pairs / self.products

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row of the table."""
        return (
            f"{self.case.images:,}",
            str(self.case.dimension),
            self.case.comparator.value,
            figure(self.pairs),
            duration(median(self.seconds["counts"])),
            figure(self.rate),
            f"{self.share:.2f}",
            f"{self.share_sure:.2f}",
            f"{self.added:.0%}",
            size(self.peaks["counts"]),
            size(self.peaks["intervals"]),
        )


def measure(cases: Iterable[Case], say: Callable[[str], None]) -> list[Scored]:
    """Score each population in a process of its own."""
    found = []
    for case in cases:
        say(f"scoring {case.images:,} images, {case.dimension} dimensions, {case.comparator}")
        asked = map(str, (case.images, case.dimension, case.comparator.value, case.rounds))
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.scoring_run", *asked],
            cwd=Path(__file__).parents[1], check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        found.append(Scored(case, **json.loads(run.stdout)))
    return found


def section(found: Sequence[Scored]) -> Section:
    """Return the table, how cost grows, and what was asked for."""
    return Section(
        "Scoring",
        ABOUT,
        COLUMNS,
        tuple(one.cells for one in found),
        notes=tuple(_growth(found)),
        goals=tuple(_goals(found)),
    )


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return p of the power law cost = c * size^p that fits best (least squares of the logarithms)."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def _growth(found: Sequence[Scored]) -> Iterable[str]:
    for dimension, comparator in dict.fromkeys((one.case.dimension, one.case.comparator) for one in found):
        alike = [one for one in found if (one.case.dimension, one.case.comparator) == (dimension, comparator)]
        large = [one for one in alike if one.case.images >= GROWS_FROM] or alike
        if len(large) < 2:
            continue
        images = [one.case.images for one in large]
        time = exponent(images, [median(one.seconds["counts"]) for one in large])
        memory = exponent(images, [one.peaks["counts"] for one in large])
        yield (
            f"{dimension} dimensions, {comparator}, from {images[0]:,} to {images[-1]:,} images: time grows as "
            f"N^{time:.2f}, memory as N^{memory:.2f}."
        )


def _goals(found: Sequence[Scored]) -> Iterable[Goal]:
    for one in found:
        case = one.case
        named = f"{case.images:,} x {case.dimension}, {case.comparator}"
        if case.images == JUDGED:
            yield Goal(f"{named}: share of the bare product's rate", SHARES[case.dimension], one.share)
            yield Goal(f"{named}: time that intervals add", 100, 100 * one.added, " %", most=True)
        elif case.images == LARGE and case.dimension == max(SHARES):
            yield Goal(f"{named}: time without intervals", 60, median(one.seconds["counts"]), " s", most=True)
            yield Goal(f"{named}: memory beyond the embeddings", 1, one.peaks["counts"] / 1e9, " GB", most=True)
