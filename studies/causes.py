"""Two cohorts that differ for a known cause: the people, the camera or both. What `facegap evaluate --explain` says.

`python -m studies.causes --draws 200` prints, for each population and number, how often the intervals of the parts of
the gap hold the truth, and how far the parts lie from it on average.

A subject is a direction, an image that direction with noise, and the worse its photo the longer the noise: the log of
its length rises with `quality`, which is what is measured. Cohort x has worse photos by `camera` standard deviations,
and its people are pulled towards one face by `people`. `alike`: share of the variance of quality that the photos of a
subject have in common. A second measure differs as much between cohorts and does nothing.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.source import Pairs
from facegap.measures import Combine, Measure
from facegap.metrics.explaining import CohortScores, Columns, Number, decompose
from facegap.metrics.explaining.cohort_scores import Kind
from facegap.metrics.explaining.two import Two, Unweighted
from facegap.scoring import score_pairs

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
    Cause("both, photos of a subject alike", camera=0.8, people=SHARED_FACE, alike=0.5),
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


def lines(cause: Cause, draws: int, seed: int) -> Iterator[str]:
    """Yield a line for each number of a population."""
    of_truth, *children = np.random.SeedSequence((seed, CAUSES.index(cause))).spawn(draws + 1)
    x, alike, y = truth(cause, np.random.default_rng(of_truth))
    wanted = {"total": x - y, "with_measures": x - alike, "rest": alike - y}
    held = {name: np.zeros((len(NUMBERS), 2)) for name in wanted}
    sums = {name: [[] for _ in NUMBERS] for name in wanted}
    untold = np.zeros(len(NUMBERS), int)
    for child in children:
        found, columns = drawn(cause, np.random.default_rng(child))
        for k, gap in enumerate(decompose(found, columns, LEVEL).gaps):
            if gap.reason is not None:
                untold[k] += 1
                continue
            for name, true in wanted.items():
                part = getattr(gap, name)
                held[name][k] += [part.low <= true[k] <= part.high, 1]
                sums[name][k].append((part.value, part.high - part.low))
    for k, number in enumerate(NUMBERS):
        said = []
        for name, true in wanted.items():
            (hit, n), values = held[name][k], np.array(sums[name][k]).reshape(-1, 2)
            mean = values.mean(axis=0) if len(values) else [np.nan, np.nan]
            spread = values[:, 0].std() if len(values) else np.nan
            said.append(
                f"{name} {100 * hit / max(n, 1):.1f} % of {n:.0f} (true {true[k]:.4f}, mean {mean[0]:.4f}, "
                f"sd {spread:.4f}, width {mean[1]:.4f})"
            )
        yield f"{cause.name}; {number.metric} {number.at}: {'; '.join(said)}; not told {untold[k]}"


def main() -> None:
    """Print the lines of every population."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for cause in CAUSES:
        for line in lines(cause, asked.draws, asked.seed):
            print(line, flush=True)


if __name__ == "__main__":
    main()
