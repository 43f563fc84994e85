"""A million embeddings compared in all pairs, on Ray or in threads: `python -m benchmarks.million FOLDER ray [IMAGES]`.

Counts by subject are kept in FOLDER: kill it, run it again, and it goes on. It prints each minute how many comparisons
are done, how many a second this run made, how long all would take, and the most memory that this process held.
"""

import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.memory import most_held
from facegap.data.comparator import Comparator
from facegap.run.executor import executor_named
from facegap.run.room import Room
from facegap.scoring import Keeper, Kept, compare_all
from facegap.store import SUMS, make_folder

DIMENSION, PER_SUBJECT = 128, 10
SHOWN_EVERY = 60.0


class Shown:
    """Prints how far the comparing is."""

    def __init__(self, comparisons: int) -> None:
        self.console, self.comparisons = Console(highlight=False, soft_wrap=True), comparisons
        self.first, self.begun, self.shown = -1, 0.0, 0.0

    def __call__(self, task: str, done: int, total: int) -> None:
        """See `Progress`."""
        now = time.monotonic()
        if self.first < 0:
            self.first, self.begun, self.shown = done, now, now
            self.console.print(f"{task}: begins with {done:,} of {total:,} block pairs done")
        elif now - self.shown >= SHOWN_EVERY or done == total:
            self.shown = now
            rate = (done - self.first) / total * self.comparisons / (now - self.begun)
            self.console.print(
                f"{task}: {done:,} of {total:,} block pairs after {now - self.begun:.0f} s, {rate / 1e6:.0f} million "
                f"comparisons a second, {self.comparisons / rate / 60:.0f} min for all; {most_held() >> 20} MiB at most"
            )


def main() -> None:
    """Compare, and print on the way."""
    folder, name = Path(sys.argv[1]), sys.argv[2]
    images = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    subject = np.arange(images, dtype=np.int32) // PER_SUBJECT
    rng = np.random.default_rng(0)
    means = rng.standard_normal((images // PER_SUBJECT + 1, DIMENSION), np.float32)
    vectors = rng.standard_normal((images, DIMENSION), np.float32)
    vectors += means[subject]

    def open_folder(digest: str) -> Path:
        return make_folder(folder, SUMS, digest)

    keeper = Keeper(open_folder, Room(open_folder))
    tally = compare_all(
        vectors, subject, np.zeros(images, np.int32), np.ones(images, bool),
        comparator=Comparator.COSINE, cohorts=("one",), executor=executor_named(name), kept=Kept(0), keeper=keeper,
        progress=Shown(images * (images - 1) // 2),
    )  # fmt: skip
    assert int(tally.genuine.sum() + tally.impostor.sum()) == images * (images - 1) // 2
    keeper.remove()


if __name__ == "__main__":
    main()
