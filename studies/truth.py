"""The true rates of a simulated population, from so many draws that their own error does not matter."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numba
import numpy as np
from numpy.polynomial import Polynomial
from threadpoolctl import threadpool_limits

from studies import laws, populations
from studies.populations import COHORTS, CONTRASTS, MODELS, Draw, Population, draw

BINS = 1 << 15
"""Equal bins in which the true distributions are held; a threshold is always an edge."""

DRAWS = 1000
"""Draws of the very design that is judged: the error of the truth is 3 % of a study's standard error."""

CELLS = (("x", "x"), ("x", "y"), ("y", "y"))
PARTIAL = 0.01
"""The FMR up to which the partial area reaches."""

CACHE = Path(tempfile.gettempdir()) / "facegap-studies"
"""Where true distributions are kept from one run to the next."""


@dataclass(frozen=True)
class Curve:
    """The true error rates of one model on one population over the threshold.

    `edges`: (BINS + 1,) rising thresholds, as similarity. `fmr`, `fnmr`: (BINS + 1,) the rates where similarity >= edge
    is accepted. `share`: the share of genuine comparisons. `smooth`: whether a polynomial finds the top of F1; of a
    finite universe it is where it is.
    """

    edges: np.ndarray
    fmr: np.ndarray
    fnmr: np.ndarray
    share: float
    smooth: bool = True

    @classmethod
    def of(cls, genuine: np.ndarray, impostor: np.ndarray, ends: tuple[float, float], share: float, **how) -> "Curve":
        """Return the curve of two (BINS,) histograms between `ends`."""
        rejected = [np.r_[0.0, np.cumsum(one)] / one.sum() for one in (genuine, impostor)]
        return cls(np.linspace(*ends, len(genuine) + 1), 1 - rejected[1], rejected[0], share, **how)

    def auc(self) -> float:
        """Area under the ROC curve."""
        return float(-np.trapezoid(1 - self.fnmr, self.fmr))

    def partial_auc(self) -> float:
        """Area under the ROC curve below FMR = `PARTIAL`, scaled so that chance is 0.5 and perfection 1 (McClish)."""
        inside = self.fmr <= PARTIAL
        tar = np.interp(PARTIAL, self.fmr[::-1], 1 - self.fnmr[::-1])
        x, y = np.r_[self.fmr[inside][::-1], PARTIAL], np.r_[1 - self.fnmr[inside][::-1], tar]
        area, least = np.trapezoid(y, x), PARTIAL**2 / 2
        return float((1 + (area - least) / (PARTIAL - least)) / 2)

    def d_prime(self) -> float:
        """Distance of the two score means in units of the root mean variance."""
        middle = (self.edges[1:] + self.edges[:-1]) / 2
        densities = np.diff(self.fnmr), -np.diff(self.fmr)
        means = [float(one @ middle) for one in densities]
        variances = [float(one @ (middle - mean) ** 2) for one, mean in zip(densities, means, strict=True)]
        return abs(means[0] - means[1]) / float(np.sqrt(sum(variances) / 2))

    def at_fmr(self, fmr: float) -> int:
        """Return the index of the edge whose FMR is nearest to `fmr`."""
        return int(np.argmin(np.abs(self.fmr - fmr)))

    def nearest(self, threshold: float) -> int:
        """Return the index of the edge nearest to a threshold."""
        return int(np.argmin(np.abs(self.edges - threshold)))

    def eer(self) -> int:
        """Return the index of the edge where FMR and FNMR are nearest."""
        return int(np.argmin(np.abs(self.fmr - self.fnmr)))

    def best_f1(self) -> tuple[float, float]:
        """Return the best F1, at the share of genuine comparisons that every draw has, and its threshold.

        The top is flat, so what is left of chance would move the place of the highest edge: a polynomial through the
        top gives it.
        """
        true = self.share * (1 - self.fnmr)
        f1 = 2 * true / (true + (1 - self.share) * self.fmr + self.share)
        top = np.flatnonzero(f1 >= 0.99 * f1.max())
        height = Polynomial.fit(self.edges[top], f1[top], 4)(self.edges[top]) if self.smooth else f1[top]
        k = int(np.argmax(height))
        return float(height[k]), float(self.edges[top[k]])

    def values(self, shipped: float) -> Iterator[tuple[str, str, float]]:
        """Yield metric, operating point and true value of all that the study looks at; `shipped` is a similarity."""
        yield "auc", "", self.auc()
        yield "pauc", f"fmr={PARTIAL:g}", self.partial_auc()
        yield "d_prime", "", self.d_prime()
        k = self.nearest(shipped)
        yield "fmr", "shipped", float(self.fmr[k])
        yield "fnmr", "shipped", float(self.fnmr[k])
        k = self.at_fmr(0.01)
        yield "tar", "fmr=0.01", float(1 - self.fnmr[k])
        yield "threshold", "fmr=0.01", float(self.edges[k])
        k = self.eer()
        yield "eer", "", float(self.fmr[k] + self.fnmr[k]) / 2
        yield "threshold", "eer", float(self.edges[k])
        value, threshold = self.best_f1()
        yield "f1", "best-f1", value
        yield "threshold", "best-f1", threshold


@dataclass(frozen=True)
class Truth:
    """The true values of a population: `values[model, cohort, metric, at]`, cohort `x`, `y` or `all`.

    `shipped`: the threshold that each model ships with, in its native unit; where nothing differs its true FMR is the
    population's.
    """

    shipped: tuple[float, float]
    values: dict[tuple[str, str, str, str], float]


def truth(population: Population, contrast: str) -> Truth:
    """Return the true values of a population."""
    null = _curve(population, "null", 0, "all")
    threshold = float(null.edges[null.at_fmr(population.fmr)])
    values = {
        (model, cohort, metric, at): value
        for k, model in enumerate(MODELS)
        for cohort in (*COHORTS, "all")
        for metric, at, value in _curve(population, contrast, k, cohort).values(threshold)
    }
    return Truth((threshold, threshold), values)


def _curve(population: Population, contrast: str, model: int, cohort: str) -> Curve:
    counts = distributions(population, contrast)[model]
    cells = slice(None) if cohort == "all" else [CELLS.index((cohort, cohort))]
    genuine, impostor = counts[cells].sum(axis=0)
    return Curve.of(genuine, impostor, (-1.0, 1.0), float(genuine.sum() / (genuine.sum() + impostor.sum())))


@lru_cache
def distributions(population: Population, contrast: str) -> np.ndarray:
    """Return (2, 3, 2, BINS): how many scores of each model, cell and kind (genuine, impostor) lie in each bin.

    They are kept on disk. Where nothing differs, models are alike and so are cohorts: they are taken together, and
    differences are exactly 0.
    """
    place = CACHE / f"{_key(population, contrast)}.npz"
    if place.exists():
        counts = np.load(place)["counts"]
    else:
        counts = _counted(population, contrast)
        CACHE.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(place.with_suffix(f".{id(counts)}.npz"), counts=counts)
        place.with_suffix(f".{id(counts)}.npz").replace(place)
    return _together(counts) if contrast == "null" else counts.astype(np.float64)


def _key(population: Population, contrast: str) -> str:
    """Return a name for what is drawn: it changes with the code that draws."""
    code = [Path(str(module.__file__)).read_bytes() for module in (laws, populations)] + [Path(__file__).read_bytes()]
    asked = f"{population.name} {population.sizes} {contrast} {DRAWS}".encode()
    return hashlib.sha256(b"\n".join([asked, *code])).hexdigest()[:32]


def _counted(population: Population, contrast: str) -> np.ndarray:
    counts = np.zeros((len(MODELS), len(CELLS), 2, BINS), np.int64)
    with threadpool_limits(1):
        for seed in np.random.SeedSequence(20240607).spawn(DRAWS):
            drawn = draw(population, CONTRASTS[contrast], np.random.default_rng(seed))
            for k in range(len(MODELS)):
                add(drawn, k, (-1.0, 1.0), counts[k])
    return counts


def add(drawn: Draw, model: int, ends: tuple[float, float], counts: np.ndarray) -> None:
    """Add the comparisons of a draw by cosine to `counts` (3, 2, BINS)."""
    vectors = drawn.vectors[model]
    count_scores(vectors @ vectors.T, drawn.subject, drawn.cohort, ends[0], BINS / (ends[1] - ends[0]), counts)


@numba.njit(cache=True)
def count_scores(similarity, subject, cohort, low, scale, counts):
    """Count the (N, N) scores above the diagonal in `counts` (3, 2, BINS), by cell, kind and bin."""
    last = counts.shape[2] - 1
    for i in range(len(subject)):
        for j in range(i + 1, len(subject)):
            place = min(max(int((similarity[i, j] - low) * scale), 0), last)
            counts[cohort[i] + cohort[j], 0 if subject[i] == subject[j] else 1, place] += 1


def _together(counts: np.ndarray) -> np.ndarray:
    """Return the counts with the shape of the scores that all models, and both cohorts, have together."""
    totals = counts.sum(axis=-1, keepdims=True)
    both = counts.sum(axis=0, keepdims=True).astype(np.float64)
    both[:, [0, 2]] = both[:, [0, 2]].sum(axis=1, keepdims=True)
    return totals * both / np.maximum(both.sum(axis=-1, keepdims=True), 1)
