"""Scoring against the bare matrix product and the plain double loop, in one run: only the ratios mean anything.

Run with `make bench`. With `--cpu` on one thread and in processor time, which a busy machine distorts least.
"""

import itertools
import sys
import time
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from facegap.comparator import Comparator
from facegap.executor import Threads, available_workers
from facegap.metrics import wanted_knots
from facegap.scoring import Kept, compare_all, compare_subjects

IMAGES_PER_SUBJECT = 10
LOOP_IMAGES = 400
ROUNDS = 3
"""How often all are timed in turn; the medians of the ratios count."""

Clock = Callable[[], float]


def population(n: int, dimension: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, D) float32 embeddings and (n,) int32 subjects."""
    subject = (np.arange(n) // IMAGES_PER_SUBJECT).astype(np.int32)
    centres = rng.standard_normal((subject[-1] + 1, dimension), dtype=np.float32)
    return centres[subject] + 1.2 * rng.standard_normal((n, dimension), dtype=np.float32), subject


def facegap_seconds(
    vectors: np.ndarray, subject: np.ndarray, comparator: Comparator, *, intervals: bool, workers: int, clock: Clock
) -> float:
    """Return the seconds from embeddings to counts, by subject too where `intervals` are wanted."""
    n = len(vectors)
    cohort, ok, executor = np.zeros(n, np.int32), np.ones(n, bool), Threads(workers)
    start = clock()
    kept = Kept() if intervals else None
    tally = compare_all(
        vectors, subject, cohort, ok,
        comparator=comparator, cohorts=("c",), thresholds=[0.5], executor=executor, kept=kept,
    )  # fmt: skip
    if intervals:
        knots = wanted_knots(tally, [0.5])
        compare_subjects(
            vectors, subject, cohort, ok, tally,
            knots=knots.closeness, tails=knots.tails, wide_tail=knots.wide_tail, executor=executor, kept=kept,
        )  # fmt: skip
    return clock() - start


def product_seconds(vectors: np.ndarray, *, clock: Clock, rows: int = 2048) -> float:
    """Return the seconds that the matrix products of all pairs take alone, each row block against what follows it."""
    n = len(vectors)
    room = np.empty(rows * n, np.float32)
    start = clock()
    done = 0
    for i in range(0, n, rows):
        near, far = vectors[i : i + rows], vectors[i:]
        out = room[: len(near) * len(far)].reshape(len(near), len(far))
        done += np.matmul(near, far.T, out=out).size
    return (clock() - start) / done * (n * (n - 1) / 2)


def loop_seconds(vectors: np.ndarray) -> float:
    """Return the seconds that one distance at a time in Python would take for all pairs, scores only."""
    n = len(vectors)
    start = time.perf_counter()
    scores = [np.linalg.norm(a - b) for a, b in itertools.combinations(vectors[:LOOP_IMAGES], 2)]
    return (time.perf_counter() - start) / len(scores) * (n * (n - 1) / 2)


def main() -> None:
    on_one = "--cpu" in sys.argv[1:]
    clock, workers = (time.process_time, 1) if on_one else (time.perf_counter, available_workers())
    sizes = [int(size) for size in sys.argv[1:] if size.isdigit()] or [3_000, 10_000, 30_000]
    rng = np.random.default_rng(0)
    for comparator in Comparator:  # compiles the kernels
        facegap_seconds(*population(600, 16, rng), comparator, intervals=True, workers=1, clock=clock)
    table = Table(
        "images", "dimensions", "comparator", "comparisons/s", "of the bare product", "with intervals",
        "intervals add", "times the Python loop",
    )  # fmt: skip
    with threadpool_limits(workers, user_api="blas"):
        for n, dimension, comparator in itertools.product(sizes, (128, 512), Comparator):
            vectors, subject = population(n, dimension, rng)
            rounds = []
            for _ in range(ROUNDS):
                bare = product_seconds(vectors, clock=clock)
                alone, whole = (
                    facegap_seconds(vectors, subject, comparator, intervals=intervals, workers=workers, clock=clock)
                    for intervals in (False, True)
                )
                rounds.append((alone, bare / alone, bare / whole, whole / alone - 1))
            alone, share, whole_share, added = np.median(rounds, axis=0)
            table.add_row(
                f"{n:,}",
                str(dimension),
                comparator,
                f"{n * (n - 1) / 2 / alone / 1e6:.0f} million",
                f"{share:.2f}",
                f"{whole_share:.2f}",
                f"{added:.0%}",
                f"{loop_seconds(vectors) / alone:.0f}",
            )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
