"""Scoring against the bare matrix product and the plain double loop, in one run: only the ratios mean anything.

Run with `make bench`.
"""

import itertools
import time

import numpy as np
from rich.console import Console
from rich.table import Table

from facegap.comparator import Comparator
from facegap.metrics import wanted_knots
from facegap.scoring import compare_all, compare_subjects

IMAGES_PER_SUBJECT = 10
LOOP_IMAGES = 400


def population(n: int, dimension: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, D) float32 embeddings and (n,) int32 subjects."""
    subject = (np.arange(n) // IMAGES_PER_SUBJECT).astype(np.int32)
    centres = rng.standard_normal((subject[-1] + 1, dimension), dtype=np.float32)
    return centres[subject] + 1.2 * rng.standard_normal((n, dimension), dtype=np.float32), subject


def facegap_rate(vectors: np.ndarray, subject: np.ndarray, comparator: Comparator) -> tuple[float, float]:
    """Return comparisons a second, from embeddings to counts, and what intervals add to that time, as a share."""
    n = len(vectors)
    cohort, ok = np.zeros(n, np.int32), np.ones(n, bool)
    start = time.perf_counter()
    tally = compare_all(vectors, subject, cohort, ok, comparator=comparator, cohorts=("c",), thresholds=[0.5])
    scored = time.perf_counter()
    knots = wanted_knots(tally, [0.5])
    compare_subjects(
        vectors, subject, cohort, ok, tally,
        knots=knots.closeness, tails=knots.tails, wide_tail=knots.wide_tail,
    )  # fmt: skip
    sure = time.perf_counter()
    return n * (n - 1) / 2 / (scored - start), (sure - scored) / (scored - start)


def product_rate(vectors: np.ndarray, rows: int = 2048) -> float:
    """Return comparisons a second of the matrix products alone, each row block against what follows it."""
    n = len(vectors)
    start = time.perf_counter()
    done = 0
    for i in range(0, n, rows):
        done += (vectors[i : i + rows] @ vectors[i:].T).size
    return done / (time.perf_counter() - start)


def loop_rate(vectors: np.ndarray) -> float:
    """Return comparisons a second of one distance at a time in Python, scores only."""
    start = time.perf_counter()
    scores = [np.linalg.norm(a - b) for a, b in itertools.combinations(vectors[:LOOP_IMAGES], 2)]
    return len(scores) / (time.perf_counter() - start)


def main() -> None:
    rng = np.random.default_rng(0)
    facegap_rate(*population(600, 16, rng), Comparator.COSINE)  # compiles the kernels
    facegap_rate(*population(600, 16, rng), Comparator.EUCLIDEAN)
    table = Table(
        "images", "dimensions", "comparator", "comparisons/s", "of the bare product", "times the Python loop",
        "intervals add",
    )  # fmt: skip
    for n, dimension, comparator in itertools.product((3_000, 10_000, 30_000), (128, 512), Comparator):
        vectors, subject = population(n, dimension, rng)
        ours, added = facegap_rate(vectors, subject, comparator)
        table.add_row(
            f"{n:,}",
            str(dimension),
            comparator,
            f"{ours / 1e6:.0f} million",
            f"{ours / product_rate(vectors):.2f}",
            f"{ours / loop_rate(vectors):.0f}",
            f"{added:.0%}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
