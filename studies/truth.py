"""The true rates of a simulated population, from samples so large that their own error does not matter."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import Polynomial
from threadpoolctl import threadpool_limits

from studies.populations import COHORTS, CONTRASTS, MODELS, Contrast, Nature, Population, draw_people

BINS = 1 << 15
"""Equal bins of [-1, 1] in which the true distributions are held; a threshold is always an edge."""

DRAWS, SUBJECTS, IMAGES = 250, 240, 4
"""How much is drawn: 60,000 subjects and 115 million comparisons per model."""

Cell = tuple[str, str]


@dataclass(frozen=True)
class Curve:
    """The true error rates of one model on one population over the threshold.

    `edges`: (BINS + 1,) rising thresholds. `fmr`, `fnmr`: (BINS + 1,) the rates where closeness >= edge is accepted.
    `share`: the share of genuine comparisons.
    """

    edges: np.ndarray
    fmr: np.ndarray
    fnmr: np.ndarray
    share: float

    def auc(self) -> float:
        """Area under the ROC curve."""
        return float(-np.trapezoid(1 - self.fnmr, self.fmr))

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
        fitted = Polynomial.fit(self.edges[top], f1[top], 4)
        k = top[np.argmax(fitted(self.edges[top]))]
        return float(fitted(self.edges[k])), float(self.edges[k])

    def values(self, shipped: float) -> Iterator[tuple[str, str, float]]:
        """Yield metric, operating point and true value of all that the study looks at."""
        yield "auc", "", self.auc()
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

    `shipped`: the threshold that both models ship with; its true FMR is the population's where nothing differs.
    """

    shipped: float
    values: dict[tuple[str, str, str, str], float]


def truth(population: Population, contrast: str) -> Truth:
    """Return the true values of a population."""
    shipped = _curve(population, "null", MODELS[0], "all")
    threshold = float(shipped.edges[shipped.at_fmr(population.fmr)])
    values = {
        (model, cohort, metric, at): value
        for model in MODELS
        for cohort in (*COHORTS, "all")
        for metric, at, value in _curve(population, contrast, model, cohort).values(threshold)
    }
    return Truth(threshold, values)


def _curve(population: Population, contrast: str, model: str, cohort: str) -> Curve:
    """Mix the cells as a draw of the population mixes them."""
    sampled, made = distributions(population.nature, CONTRASTS[contrast]), population.comparisons()
    cells = list(made) if cohort == "all" else [(cohort, cohort)]
    sums = np.sum([np.array(made[cell])[:, None] * sampled[model, cell] for cell in cells], axis=0)
    totals = np.sum([made[cell] for cell in cells], axis=0)
    rejected = np.concatenate([np.zeros((2, 1)), np.cumsum(sums, axis=1)], axis=1) / totals[:, None]
    edges = np.linspace(-1, 1, BINS + 1)
    return Curve(edges, 1 - rejected[1], rejected[0], float(totals[0] / totals.sum()))


@lru_cache
def distributions(nature: Nature, contrast: Contrast) -> dict[tuple[str, Cell], np.ndarray]:
    """Return for each model and pair of cohorts (2, BINS): the genuine and the impostor scores, each adding up to 1.

    Without a difference, everything is one distribution and is taken together.
    """
    counts = {(model, cell): np.zeros((2, BINS)) for model in MODELS for cell in (("x", "x"), ("x", "y"), ("y", "y"))}
    with threadpool_limits(1):
        for seed in np.random.SeedSequence(20240607).spawn(DRAWS):
            _add(counts, nature, contrast, np.random.default_rng(seed))
    alike = contrast == CONTRASTS["null"]
    together = np.sum(list(counts.values()), axis=0)
    return {key: _shares(together if alike else own) for key, own in counts.items()}


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _add(counts: dict, nature: Nature, contrast: Contrast, rng: np.random.Generator) -> None:
    drawn = draw_people(nature, contrast, np.full(SUBJECTS, IMAGES), rng)
    half = SUBJECTS // 2 * IMAGES
    rows = {"x": slice(0, half), "y": slice(half, None)}
    own = np.add.outer(np.arange(half) // IMAGES, -(np.arange(half) // IMAGES)) == 0
    upper = np.triu(np.ones((half, half), bool), 1)
    for model, vectors in zip(MODELS, drawn.vectors, strict=True):
        for p, q in (("x", "x"), ("x", "y"), ("y", "y")):
            place = ((vectors[rows[p]] @ vectors[rows[q]].T + 1) * (BINS / 2)).astype(np.int32)
            found = counts[model, (p, q)]
            if p == q:
                found[0] += np.bincount(place[own & upper], minlength=BINS)[:BINS]
                found[1] += np.bincount(place[~own & upper], minlength=BINS)[:BINS]
            else:
                found[1] += np.bincount(place.ravel(), minlength=BINS)[:BINS]
