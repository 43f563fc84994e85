"""Which regularisation adaptation takes: the one that tells unseen subjects apart best."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import get_cached_controller

from facegap.data.comparator import Comparator
from facegap.errors import InputError
from facegap.jobs.adapt.lda import Scatter
from facegap.jobs.adapt.linear_step import Head, ready
from facegap.metrics import Rates
from facegap.run.executor import Serial
from facegap.run.progress import Progress, silent
from facegap.scoring import compare_all

SHRINKAGES = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
"""From hardly any to full, which leaves the embeddings as they are but for centring and choosing directions."""

FOLDS = 5
LEAST_SUBJECTS = 4
"""Two folds of two: with fewer there is no impostor comparison to choose by."""

ENOUGH = 200
"""Subjects of a fold that are scored, at most: the choice among recipes needs no more."""


@dataclass(frozen=True)
class StepRecipe:
    """How a head is made: unit length first or not, how much is shrunk, and how many directions are kept."""

    normalise: bool
    shrinkage: float
    dimension: int

    @property
    def label(self) -> str:
        """In words."""
        first = "unit length first, " if self.normalise else ""
        return f"{first}shrinkage {self.shrinkage:g}, {self.dimension} dimensions"


@dataclass(frozen=True)
class Choice:
    """The chosen recipe; `auc`: mean over folds of its AUC within cohorts; `tried`: among how many recipes."""

    recipe: StepRecipe
    auc: float
    tried: int


@dataclass(frozen=True)
class Learnt:
    """N images to learn from: `vectors` (N, D) float32, all finite; `subject`, `cohort` (N,) int32 codes."""

    vectors: np.ndarray
    subject: np.ndarray
    cohort: np.ndarray

    def only(self, rows: np.ndarray) -> "Learnt":
        """Return the images in `rows`, (N,) bool or an index."""
        return Learnt(self.vectors[rows], self.subject[rows], self.cohort[rows])


def make_head(images: Learnt, recipe: StepRecipe) -> Head:
    """Learn the head of one recipe."""
    ((_, head),) = _heads(images, recipe.normalise, [recipe.shrinkage], [recipe.dimension])
    return head


def choose(images: Learnt, *, seed: int, progress: Progress = silent) -> Choice:
    """Choose a recipe by cross-validation over subjects: learn from some folds of subjects, tell the others apart.

    The same images and seed give the same choice; of equals the first is taken.

    Raises:
        InputError: there are too few subjects.
    """
    subjects = np.unique(images.subject)
    if len(subjects) < LEAST_SUBJECTS:
        raise InputError(
            "{n_subjects} subjects to learn from are too few to choose a regularisation by: give images of more, so "
            "that at least {least_subjects} are not held out",
            n_subjects=len(subjects),
            least_subjects=LEAST_SUBJECTS,
        )
    folds = min(FOLDS, len(subjects) // 2)
    place = np.random.default_rng(seed).permutation(len(subjects)) % folds
    smallest = len(subjects) - np.bincount(place).max()
    dimensions = _dimensions(images.vectors.shape[1], int(smallest))
    found: dict[StepRecipe, list[float]] = {}
    for fold in range(folds):
        judged = np.isin(images.subject, subjects[place == fold])
        shown = images.only(np.isin(images.subject, subjects[place == fold][:ENOUGH]))
        for normalise in (False, True):
            for recipe, head in _heads(images.only(~judged), normalise, SHRINKAGES, dimensions):
                found.setdefault(recipe, []).append(_auc(head(shown.vectors), shown))
        progress("choosing the regularisation", fold + 1, folds)
    mean = {recipe: float(np.nanmean(values)) for recipe, values in found.items() if not np.isnan(values).all()}
    if not mean:
        raise InputError("no fold of subjects has genuine and impostor comparisons in one cohort: give more subjects")
    best = max(mean, key=lambda recipe: mean[recipe])
    return Choice(best, mean[best], len(mean))


def _dimensions(size: int, subjects: int) -> list[int]:
    """Return how many directions to try: all, and those in which so many subjects can differ, halved twice."""
    rank = min(size, subjects - 1)
    return sorted({max(2, rank // part) for part in (1, 2, 4)} | {size}, reverse=True)


def _heads(
    images: Learnt, normalise: bool, shrinkages: Sequence[float], dimensions: Sequence[int]
) -> Iterator[tuple[StepRecipe, Head]]:
    # One thread, so that their number cannot show in the last digits.
    with get_cached_controller().limit(limits=1, user_api="blas"):
        scatter = Scatter.of(ready(images.vectors, normalise), images.subject)
        for shrinkage in shrinkages:
            columns = scatter.directions(shrinkage).astype(np.float32)
            for dimension in dimensions:
                matrix = np.ascontiguousarray(columns[:, :dimension])
                yield (
                    StepRecipe(normalise, shrinkage, dimension),
                    Head(scatter.mean.astype(np.float32), matrix, normalise),
                )


def _auc(vectors: np.ndarray, images: Learnt) -> float:
    """Return the mean AUC within the cohorts that have one, else NaN."""
    present, cohort = np.unique(images.cohort, return_inverse=True)
    names = tuple(map(str, present))
    tally = compare_all(
        vectors,
        images.subject,
        cohort.astype(np.int32),
        np.ones(len(vectors), bool),
        comparator=Comparator.COSINE,
        cohorts=names,
        executor=Serial(),
    )
    rates = [Rates(tally.between(name, name)) for name in names]
    values = [one.auc() for one in rates if one.defined]
    return float(np.mean(values)) if values else float("nan")
