"""Scores one population in a process of its own, so that its memory is its own, and prints seconds and bytes as JSON.

python -m benchmarks.scoring_run IMAGES DIMENSION COMPARATOR ROUNDS
"""

import json
import sys

import facegap
from benchmarks.memory import begin, most_held
from benchmarks.population import draw, study
from benchmarks.product import upper_triangle
from benchmarks.timing import take_turns

WARM = 600


def run(images: int, dimension: int, comparator: facegap.Comparator, rounds: int) -> dict:
    """Return the seconds of every way by round, products made, and peak bytes beyond the embeddings."""
    small = study(*draw(WARM, dimension), comparator)
    facegap.score(*small)  # compiles the kernels
    vectors, subject = draw(images, dimension)
    taken = study(vectors, subject, comparator)
    before, peaks, made = 0, {}, []

    def prepare() -> None:
        nonlocal before
        before = begin()

    def after(way: str) -> None:
        peaks[way] = max(peaks.get(way, 0), most_held() - before)

    seconds = take_turns(
        {
            "counts": lambda: facegap.score(*taken, intervals=False),
            "intervals": lambda: facegap.score(*taken, intervals=True),
            "product": lambda: made.append(upper_triangle(vectors)),
        },
        rounds,
        prepare=prepare,
        after=after,
    )
    return {"seconds": seconds, "products": made[0], "peaks": peaks}


if __name__ == "__main__":
    images, dimension, comparator, rounds = sys.argv[1:]
    print(json.dumps(run(int(images), int(dimension), facegap.Comparator(comparator), int(rounds))))
