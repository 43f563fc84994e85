"""What Ray costs on one machine: `python -m benchmarks.scale [FOLDER] [--rounds N]`, as a ratio to threads in one run.

Ray is started with as many processors as threads have. What is paid once, its start and what workers load, is told
apart from the work. FOLDER: photos, a folder per subject; without it only saved embeddings are compared. Processor
seconds say more than the clock where other programs keep the machine busy: with Ray, they are those of this process and
of all that it started, Ray's own processes among them; with threads, those of this process alone.
"""

import argparse
import os
import resource
import threading
import time
from collections.abc import Callable
from contextlib import suppress
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

LOOK = 1.0
"""Seconds after which the processes are looked at again: the system forgets what one took that has ended."""


class Processes:
    """The processor seconds of this process, and of all that it started, whether they still live or not."""

    def __init__(self) -> None:
        self._seen: dict[psutil.Process, float] = {}
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._look_again, daemon=True).start()

    def seconds(self) -> tuple[float, float]:
        """Return those of this process, and those of the others."""
        this = psutil.Process()
        with self._one_at_a_time:
            for one in this.children(recursive=True):
                with suppress(psutil.Error):  # it has just ended
                    self._seen[one] = sum(one.cpu_times()[:2])
            return sum(this.cpu_times()[:2]), sum(self._seen.values())

    def _look_again(self) -> None:
        while True:
            time.sleep(LOOK)
            self.seconds()


def main() -> None:
    """Measure both halves of a study, and print seconds and ratios."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", nargs="?", type=Path)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    options = asked.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    os.environ.setdefault("RAY_worker_niceness", "0")  # it is 15, so other programs would go first: not so for threads
    processes = Processes()
    at, before = time.perf_counter(), sum(processes.seconds())
    ways = {"threads": Threads(available_workers()), "Ray": executor_named("ray")}
    taken, spent = time.perf_counter() - at, sum(processes.seconds()) - before
    console.print(f"starting Ray: {taken:.1f} seconds, {spent:.1f} processor seconds")
    if options.folder is not None:
        every, model = facegap.read([options.folder], layout="folders"), facegap.parse_model("dlib")

        def embedded(manifest: facegap.Manifest, executor: Executor) -> None:
            with TemporaryDirectory() as store:
                facegap.embed(manifest, model, store=facegap.EmbeddingStore(Path(store)), executor=executor)

        few = replace(every, frame=every.frame[:FEW])
        _show(console, processes, f"embedding {len(every)} images", embedded, few, every, ways, options.rounds)

    def compared(images: int, executor: Executor) -> None:
        vectors, subject = _drawn(images)
        everyone, one = np.ones(images, bool), np.zeros(images, np.int32)
        EveryPair(vectors, everyone, Comparator.COSINE, subject, one, ("one",), executor, kept=None).count()

    what = f"comparing {EMBEDDINGS} x {DIMENSION}"
    _show(console, processes, what, compared, FEW_EMBEDDINGS, EMBEDDINGS, ways, options.rounds)
    console.print(f"this process took {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB at most")


def _drawn(images: int) -> tuple[np.ndarray, np.ndarray]:
    rng, subject = np.random.default_rng(0), np.arange(images, dtype=np.int32) // PER_SUBJECT
    means = rng.standard_normal((images // PER_SUBJECT + 1, DIMENSION), np.float32)
    return means[subject] + rng.standard_normal((images, DIMENSION), np.float32), subject


def _show(
    console: Console, processes: Processes, what: str, run: Callable[[T, Executor], None], few: T, every: T,
    ways: dict[str, Executor], rounds: int,
) -> None:  # fmt: skip
    processor: dict[str, list[float]] = {name: [] for name in ways}
    idle: list[float] = []

    def counted(name: str, some: T = every) -> None:
        at, before = time.perf_counter(), processes.seconds()
        run(some, ways[name])
        own, others = (now - then for now, then in zip(processes.seconds(), before, strict=True))
        if name == "threads":
            idle.append(others / (time.perf_counter() - at))
        processor[name].append(own if name == "threads" else own + others)

    for name in (*ways, *ways):
        counted(name, few)
    first, again = processor["Ray"]
    console.print(f"{what}: workers on Ray load what they need once, {first - again:.1f} processor seconds")
    for found in (*processor.values(), idle):
        found.clear()
    taken = take_turns({name: partial(counted, name) for name in ways}, rounds)
    net = [all_of_it - np.median(idle) * clock for all_of_it, clock in zip(processor["Ray"], taken["Ray"], strict=True)]
    both = {"seconds": taken, "processor seconds": processor}
    both["processor seconds without those of an idle Ray"] = {**processor, "Ray": net}
    for unit, found in both.items():
        said = ", ".join(f"{name} {np.median(each):.1f}" for name, each in found.items())
        console.print(f"{what}, {unit}: {said}; Ray over threads: {ratio(found['Ray'], found['threads']):.2f}")
    console.print(f"{what}: an idle Ray took {np.median(idle):.3f} processor seconds a second while threads worked")


if __name__ == "__main__":
    main()
