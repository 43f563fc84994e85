"""What Ray costs on one machine: `python -m benchmarks.scale [FOLDER] [--rounds N]`, as a ratio to threads in one run.

Ray is started with as many processors as threads have; its start, and what workers load once, are not counted. FOLDER:
photos, a folder per subject; without it only saved embeddings are compared. Processor seconds are those of this process
and of all that it started, Ray's own processes among them: they say more where other programs keep the machine busy.
"""

import argparse
import os
import resource
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
import psutil
from rich.console import Console

import facegap
from benchmarks.timing import ratio, take_turns
from facegap.data.comparator import Comparator
from facegap.run.executor import Executor, Threads, available_workers, executor_named
from facegap.scoring import EveryPair

T = TypeVar("T")

ROUNDS = 3
EMBEDDINGS, DIMENSION, PER_SUBJECT = 100_000, 128, 10
FEW, FEW_EMBEDDINGS = 40, 20_000
"""So many are done first, so that every worker has loaded and compiled what it needs."""


def main() -> None:
    """Measure both halves of a study, and print seconds and ratios."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", nargs="?", type=Path)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    options = asked.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    os.environ.setdefault("RAY_worker_niceness", "0")  # it is 15, so other programs would go first: not so for threads
    ways = {"threads": Threads(available_workers()), "Ray": executor_named("ray")}
    if options.folder is not None:
        every, model = facegap.read([options.folder], layout="folders"), facegap.parse_model("dlib")

        def embedded(manifest: facegap.Manifest, executor: Executor) -> None:
            with TemporaryDirectory() as store:
                facegap.embed(manifest, model, store=facegap.EmbeddingStore(Path(store)), executor=executor)

        few = replace(every, frame=every.frame[:FEW])
        _show(console, f"embedding {len(every)} images", embedded, few, every, ways, options.rounds)

    def compared(images: int, executor: Executor) -> None:
        vectors, subject = _drawn(images)
        everyone, one = np.ones(images, bool), np.zeros(images, np.int32)
        EveryPair(vectors, everyone, Comparator.COSINE, subject, one, ("one",), executor, kept=None).count()

    what = f"comparing {EMBEDDINGS} x {DIMENSION}"
    _show(console, what, compared, FEW_EMBEDDINGS, EMBEDDINGS, ways, options.rounds)
    console.print(f"this process took {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB at most")


def _drawn(images: int) -> tuple[np.ndarray, np.ndarray]:
    rng, subject = np.random.default_rng(0), np.arange(images, dtype=np.int32) // PER_SUBJECT
    means = rng.standard_normal((images // PER_SUBJECT + 1, DIMENSION), np.float32)
    return means[subject] + rng.standard_normal((images, DIMENSION), np.float32), subject


def _show(
    console: Console, what: str, run: Callable[[T, Executor], None], few: T, every: T, ways: dict[str, Executor],
    rounds: int,
) -> None:  # fmt: skip
    processor: dict[str, list[float]] = {name: [] for name in ways}

    def counted(name: str) -> None:
        before = _processor_seconds()
        run(every, ways[name])
        processor[name].append(_processor_seconds() - before)

    for executor in ways.values():
        run(few, executor)
    taken = take_turns({name: partial(counted, name) for name in ways}, rounds)
    for unit, found in (("seconds", taken), ("processor seconds", processor)):
        said = ", ".join(f"{name} {np.median(each):.1f}" for name, each in found.items())
        console.print(f"{what}, {unit}: {said}; Ray over threads: {ratio(found['Ray'], found['threads']):.2f}")


def _processor_seconds() -> float:
    """Return what this process and those that it started, and that still live, have taken."""
    this = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (this, *this.children(recursive=True)))


if __name__ == "__main__":
    main()
