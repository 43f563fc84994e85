"""Real embeddings: studies are drawn from a universe of people whose true rates are then known.

The universe is a file of saved embeddings of the same images by two models. It stays outside the repository.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from facegap import Comparator
from facegap.errors import InputError
from studies.populations import COHORTS, MODELS, Draw
from studies.reading import Quantity, Reading, Readings
from studies.truth import BINS, CELLS, Curve, Truth, count_scores

MOST_IMAGES = 10
"""Images of a subject at most: else a few famous people make most genuine comparisons."""

FMR = 0.01
"""Each model ships with the threshold that has this FMR in the whole universe."""

JITTER = 0.02
"""How far jitter moves a score: the standard deviation."""

EUCLIDEAN = ("dlib",)
"""Models whose embeddings are compared by distance; all others by cosine."""


@dataclass(frozen=True)
class Design:
    """What a study draws: `subjects` of those with `least` images or more, half of them in each cohort.

    `jittered`: both models are the second one with independent noise, so that in truth they are equal.
    """

    name: str
    subjects: int
    least: int
    jittered: bool = False


DESIGNS = (
    Design("LFW, 60 of 2+ images", 60, 2),
    Design("LFW, 150 of 2+ images", 150, 2),
    Design("LFW, 300 of all", 300, 1),
    Design("LFW, 60, one model jittered twice", 60, 2, jittered=True),
    Design("LFW, 150, one model jittered twice", 150, 2, jittered=True),
)


@dataclass(frozen=True)
class Universe:
    """All people there are. `subject`: (N,) int32, codes from 0. `names`, `vectors`, `comparators`: by model."""

    subject: np.ndarray
    names: tuple[str, ...]
    vectors: tuple[np.ndarray, ...]
    comparators: tuple[Comparator, Comparator]

    @classmethod
    def read(cls, path: Path) -> "Universe":
        """Read `subject` and the (N, D) embeddings of two models, and keep at most `MOST_IMAGES` of each subject.

        Raises:
            InputError: the file holds something else.
        """
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        if "subject" not in arrays or len(arrays) != 3:
            found = ", ".join(arrays) or "nothing"
            raise InputError(
                f"{path} holds {found}: expected `subject` and one array of embeddings for each of 2 models"
            )
        subject = np.unique(arrays.pop("subject"), return_inverse=True)[1].astype(np.int32)
        order = np.random.default_rng(1).permutation(len(subject))
        order = order[np.argsort(subject[order], kind="stable")]
        place = np.arange(len(order)) - np.searchsorted(subject[order], subject[order])
        rows = order[place < MOST_IMAGES]
        comparators = tuple(Comparator.EUCLIDEAN if name in EUCLIDEAN else Comparator.COSINE for name in arrays)
        vectors = tuple(_scaled(v[rows], c) for v, c in zip(arrays.values(), comparators, strict=True))
        return cls(subject[rows], tuple(arrays), vectors, (comparators[0], comparators[1]))

    def among(self, least: int) -> "Universe":
        """Return the subjects with `least` images or more."""
        held = np.bincount(self.subject)
        rows = held[self.subject] >= least
        subject = np.unique(self.subject[rows], return_inverse=True)[1].astype(np.int32)
        return replace(self, subject=subject, vectors=tuple(v[rows] for v in self.vectors))

    @cached_property
    def people(self) -> int:
        """How many subjects there are."""
        return int(self.subject.max()) + 1

    @cached_property
    def rows_of(self) -> list[np.ndarray]:
        """The images of each subject."""
        return np.split(np.argsort(self.subject, kind="stable"), np.cumsum(np.bincount(self.subject))[:-1])

    def histograms(self, model: int) -> tuple[np.ndarray, tuple[float, float]]:
        """Return (2, BINS): the genuine and impostor scores of a model, and between which ends the bins lie."""
        vectors = self.vectors[model]
        products = vectors @ vectors.T
        if self.comparators[model] is Comparator.EUCLIDEAN:
            squares = (vectors**2).sum(axis=1)
            products = -np.sqrt(np.maximum(squares[:, None] + squares - 2 * products, 0))
        ends = float(products.min()), float(products.max()) + 1e-6
        counts = np.zeros((len(CELLS), 2, BINS), np.int64)
        everyone = np.zeros(len(vectors), np.int32)
        count_scores(products, self.subject, everyone, ends[0], BINS / (ends[1] - ends[0]), counts)
        return counts[0], ends


def _scaled(vectors: np.ndarray, comparator: Comparator) -> np.ndarray:
    if comparator is Comparator.EUCLIDEAN:
        return vectors
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def truth(universe: Universe, design: Design) -> Truth:
    """Return the values of the whole universe, best F1 at the share of genuine comparisons that studies have.

    Cohorts are random halves: in truth they are equal.
    """
    shipped, values = [], {}
    models = (1, 1) if design.jittered else (0, 1)
    for name, model in zip(MODELS, models, strict=True):
        counts, ends = universe.histograms(model)
        threshold: float | None = None
        for cohort, n in (("all", design.subjects), *((c, design.subjects // 2) for c in COHORTS)):
            drawn = n / universe.people
            genuine, impostor = counts[0].sum() * drawn, counts[1].sum() * drawn * (n - 1) / (universe.people - 1)
            curve = Curve.of(counts[0], counts[1], ends, genuine / (genuine + impostor), smooth=False)
            if threshold is None:
                threshold = float(curve.edges[curve.at_fmr(FMR)])
            sign = universe.comparators[model].sign
            for metric, at, value in curve.values(threshold):
                values[name, cohort, metric, at] = sign * value if metric == "threshold" else value
        assert threshold is not None
        shipped.append(universe.comparators[model].sign * threshold)
    return Truth((shipped[0], shipped[1]), values)


def draw(universe: Universe, design: Design, rng: np.random.Generator) -> Draw:
    """Draw subjects without replacement; the first half of them is cohort x."""
    chosen = rng.permutation(universe.people)[: design.subjects]
    rows = [universe.rows_of[one] for one in chosen]
    subject = np.repeat(np.arange(len(chosen), dtype=np.int32), [len(one) for one in rows])
    cohort = (subject >= design.subjects // 2).astype(np.int32)
    place = np.concatenate(rows)
    if not design.jittered:
        return Draw(subject, cohort, [v[place] for v in universe.vectors], universe.comparators)
    vectors = universe.vectors[1][place]
    # Two noisy images of length 1 move their product by the root of two times what one dimension moves.
    copies = [vectors + rng.normal(0, JITTER / 2**0.5, vectors.shape) for _ in MODELS]
    copies = [(v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32) for v in copies]
    return Draw(subject, cohort, copies, (universe.comparators[1], universe.comparators[1]))


def judged(found: Readings, universe: Universe, design: Design) -> Readings:
    """Return the readings that have a truth, as a sample without replacement asks for.

    A difference of two random halves varies as if the universe were infinite, and so does what jitter adds.
    """
    factor = (1 - design.subjects / universe.people) ** 0.5
    if design.jittered:
        return {key: one for key, one in found.items() if key[1].kind == "models"}
    return {key: _pulled(one, key[1], factor) for key, one in found.items()}


def _pulled(reading: Reading, quantity: Quantity, factor: float) -> Reading:
    return reading.pulled_in(factor) if quantity.kind in ("single", "models") else reading


def contrast_of(kinds: Sequence[str], design: Design) -> list[str]:
    """Return for each kind of quantity whether it is null: cohorts always are, two different models are not."""
    return ["difference" if kind == "models" and not design.jittered else "null" for kind in kinds]
