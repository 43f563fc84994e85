"""How much each benchmark does: in the ten minutes of `make bench`, and in the seconds of `--quick`."""

from dataclasses import dataclass

from facegap import Comparator

EUCLIDEAN, COSINE = Comparator.EUCLIDEAN, Comparator.COSINE


@dataclass(frozen=True)
class Case:
    """One population to be scored: how many images, of which dimension, and how often."""

    images: int
    dimension: int
    comparator: Comparator
    rounds: int


@dataclass(frozen=True)
class Sizes:
    """How much each benchmark does.

    `rounds`: how often ways take turns. `crops`: faces for dlib's network; the fast one takes ten times as many.
    `one_by_one`, `images`: image files for the usual script and for facegap's. `cases`: what is scored. `sweep`,
    `loop`, `peer`: images whose scores facegap and scikit-learn, the usual script, and the other packages evaluate.
    `starts`: how often Python is started. `scores`: given scores that facegap measures; the others get fewer.
    """

    rounds: int
    crops: int
    one_by_one: int
    images: int
    cases: tuple[Case, ...]
    sweep: int
    loop: int
    peer: int
    starts: int
    scores: int


FULL = Sizes(
    rounds=3,
    crops=24,
    one_by_one=60,
    images=480,
    cases=(
        *(Case(n, 128, EUCLIDEAN, r) for n, r in ((1_000, 7), (3_000, 7), (10_000, 5), (30_000, 3), (100_000, 1))),
        *(Case(n, 512, COSINE, r) for n, r in ((1_000, 7), (3_000, 7), (10_000, 5), (30_000, 3), (100_000, 1))),
        Case(30_000, 128, COSINE, 3),
        Case(10_000, 512, EUCLIDEAN, 5),
    ),
    sweep=3_000,
    loop=600,
    peer=1_000,
    starts=9,
    scores=10_000_000,
)

QUICK = Sizes(
    rounds=1,
    crops=2,
    one_by_one=2,
    images=6,
    cases=tuple(Case(n, 128, EUCLIDEAN, 1) for n in (300, 900)),
    sweep=300,
    loop=60,
    peer=100,
    starts=1,
    scores=20_000,
)
