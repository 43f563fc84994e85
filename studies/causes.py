"""Two cohorts that differ for a known cause: the people, the camera or both. What `facegap evaluate --explain` says.

`python -m studies.causes --draws 500 --seed 20261201` prints, for each population and number, how often the intervals
of the parts of the gap hold the truth, and how far the parts lie from it on average; then the table of `docs/why.md`.

A subject is a direction, an image that direction with noise, and the worse its photo the longer the noise: the log of
its length rises with `quality`, which is what is measured. Cohort x has worse photos by `camera` standard deviations,
and its people are pulled towards one face by `people`. `alike`: share of the variance of quality that the photos of a
subject have in common. A second measure differs as much between cohorts and does nothing.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.source import Pairs
from facegap.measures import Combine, Measure
from facegap.metrics.explaining import CohortScores, Columns, Number, decompose
from facegap.metrics.explaining.cohort_scores import Kind
from facegap.metrics.explaining.two import Two, Unweighted
from facegap.scoring import score_pairs
from studies.markdown import header, table_row

DIMENSION, IMAGES, NOISE, SLOPE, SHARED_FACE = 32, 4, 1.1, 0.2, 0.5
LEVEL = 0.95
CUT = 0.35
NUMBERS = (
    Number("auc"),
    Number("fnmr", "cut", cut=CUT),
    Number("fmr", "cut", cut=CUT),
    Number("tar", "fmr=0.01", rate=0.01),
)
MEASURES = [Measure(name, name, "", -np.inf, np.inf, Combine.LOWER, "drawn") for name in ("quality", "idle")]


@dataclass(frozen=True)
class Cause:
    """Why cohort x does worse; see the module."""

    name: str
    camera: float = 0.0
    people: float = 0.0
    alike: float = 0.0
    subjects: int = 80


CAUSES = (
    Cause("same people, worse camera", camera=0.8),
    Cause("other people, same camera", people=SHARED_FACE),
    Cause("both", camera=0.8, people=SHARED_FACE),
    Cause("both, photos of one subject alike", camera=0.8, people=SHARED_FACE, alike=0.5),
    Cause("neither"),
)


def photos(cause: Cause, worse: bool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return embeddings (n, D), subjects (n,) and measures (n, 2) of one cohort: x with the cause, y without."""
    n, root = cause.subjects * IMAGES, np.sqrt(DIMENSION)
    subject = np.repeat(np.arange(cause.subjects), IMAGES)
    centre = rng.normal(size=(cause.subjects, DIMENSION))
    centre[:, 0] += root * cause.people * worse
    centre /= np.linalg.norm(centre, axis=1, keepdims=True)
    drawn = rng.normal(size=(2, n)) * np.sqrt(1 - cause.alike)
    drawn += rng.normal(size=(2, cause.subjects))[:, subject] * np.sqrt(cause.alike)
    measured = drawn - cause.camera * worse
    length = NOISE * np.exp(rng.normal(0, 0.15, cause.subjects)[subject] - SLOPE * measured[0])
    vectors = centre[subject] + rng.normal(size=(n, DIMENSION)) * length[:, None] / root
    return vectors.astype(np.float32), subject, measured.T


def scores(vectors: np.ndarray, subject: np.ndarray, first: int, n_impostor: int | None, rng) -> CohortScores:
    """Return the comparisons of a cohort whose images have the rows from `first` on: all, or so many impostors."""
    n = len(subject)
    a, b = np.triu_indices(n, 1) if n_impostor is None else rng.integers(0, n, (2, n_impostor))
    same = subject[a] == subject[b]
    if n_impostor is not None:
        a, b = a[~same], b[~same]
        start = np.arange(n).reshape(-1, IMAGES)
        u, v = np.triu_indices(IMAGES, 1)
        a, b = np.concatenate([start[:, u].ravel(), a]), np.concatenate([start[:, v].ravel(), b])
        same = subject[a] == subject[b]
    similarity = score_pairs(vectors, Pairs(a, b, same, np.zeros(len(a), np.int64)), Comparator.COSINE)
    kinds = [Kind.of(a[k] + first, b[k] + first, similarity[k]) for k in (same, ~same)]
    return CohortScores(kinds[0], kinds[1], len(kinds[1].a))


def truth(cause: Cause, rng: np.random.Generator, *, subjects: int = 4000, draws: int = 4) -> np.ndarray:
    """Return (3, numbers): x, x with the photos of y, and y, of so many people that chance is small beside."""
    made, many = [], replace(cause, subjects=subjects)
    for seed in rng.integers(2**32, size=draws):  # the same for all three, so that they differ by the cause alone
        of = []
        for one, worse in ((many, True), (replace(many, camera=0.0), True), (many, False)):
            vectors, subject, _ = photos(one, worse, np.random.default_rng(seed))
            of.append(scores(vectors, subject, 0, 400_000, np.random.default_rng(seed + 1)))
        made.append([one.values(NUMBERS, np.ones(len(one.genuine.a)), np.ones(len(one.impostor.a))) for one in of])
    return np.mean(made, axis=0)


def drawn(cause: Cause, rng: np.random.Generator) -> tuple[Unweighted, Columns]:
    """Return two cohorts, drawn once, with what was measured of their images."""
    sides = [photos(cause, worse, rng) for worse in (True, False)]
    n = len(sides[0][1])
    both = [scores(vectors, subject, k * n, None, rng) for k, (vectors, subject, _) in enumerate(sides)]
    subject = np.concatenate([sides[0][1], sides[1][1] + cause.subjects])
    first = np.arange(2 * n) < n
    two = Two.of((both[0], both[1]), subject, (first, ~first))
    return Unweighted(two, NUMBERS), Columns.of(MEASURES, np.concatenate([side[2] for side in sides]))


PARTS = ("total", "with_measures", "rest")
NAMES = {"auc": "AUC", "fnmr": "FNMR", "fmr": "FMR", "tar": "TAR@FMR=0.01"}
HEADS = ("cause", "number", "gap", "goes with the measures", "does not", "not told")


@dataclass(frozen=True)
class Held:
    """How often the intervals of the parts of one gap held the truth.

    `true`: the three parts. `found` (told, 3, 3): of each draw in which it was told the value and the ends of each.
    """

    cause: str
    number: Number
    true: np.ndarray
    found: np.ndarray
    untold: int

    @property
    def shares(self) -> np.ndarray:
        """(3,) the shares of the intervals that hold the truth."""
        return ((self.found[..., 1] <= self.true) & (self.true <= self.found[..., 2])).mean(axis=0)

    def line(self) -> str:
        """Return all that is known of it."""
        said = [
            f"{part} {100 * share:.1f} % of {len(self.found)} (true {true:.4f}, mean {value.mean():.4f}, "
            f"sd {value.std():.4f}, width {(high - low).mean():.4f})"
            for part, share, true, (value, low, high) in zip(
                PARTS, self.shares, self.true, self.found.transpose(1, 2, 0), strict=True
            )
        ]
        return f"{self.cause}; {self.number.metric} {self.number.at}: {'; '.join(said)}; not told {self.untold}"

    def cells(self) -> list[str]:
        """Return its row in the table."""
        return [self.cause, NAMES[self.number.metric], *(f"{100 * share:.1f} %" for share in self.shares), self._untold]

    @property
    def _untold(self) -> str:
        return f"{100 * self.untold / (self.untold + len(self.found)):.0f} %"


def held(cause: Cause, draws: int, seed: int) -> list[Held]:
    """Return what came of each number of a population."""
    of_truth, *children = np.random.SeedSequence((seed, CAUSES.index(cause))).spawn(draws + 1)
    x, alike, y = truth(cause, np.random.default_rng(of_truth))
    found: list[list[list[tuple[float, float, float]]]] = [[] for _ in NUMBERS]
    for child in children:
        made = decompose(*drawn(cause, np.random.default_rng(child)), LEVEL)
        for told, gap in zip(found, made.gaps, strict=True):
            if gap.reason is None:
                parts = [getattr(gap, name) for name in PARTS]
                told.append([(part.value, part.low, part.high) for part in parts])
    true = np.stack([x - y, x - alike, alike - y], axis=1)
    return [
        Held(cause.name, number, of, np.array(told).reshape(-1, 3, 3), draws - len(told))
        for number, of, told in zip(NUMBERS, true, found, strict=True)
    ]


def main() -> None:
    """Print a line for each population and number, and the table of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rows = []
    for cause in CAUSES:
        rows += held(cause, asked.draws, asked.seed)
        print(*(row.line() for row in rows[-len(NUMBERS) :]), sep="\n", flush=True)
    print("", *header(HEADS, 2), *(table_row(row.cells()) for row in rows), sep="\n")


if __name__ == "__main__":
    main()
