"""What Ray costs on one machine: `python -m benchmarks.scale [FOLDER]`, as a ratio to threads in the same run.

Ray is started with as many processors as threads have. FOLDER: photos, a folder per subject; without it only saved
embeddings are compared.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console

import facegap
from benchmarks.timing import ratio, take_turns
from facegap.data.comparator import Comparator
from facegap.run.executor import Executor, Threads, available_workers, executor_named
from facegap.scoring import EveryPair

ROUNDS = 3
EMBEDDINGS, DIMENSION, PER_SUBJECT = 30_000, 128, 10


def main() -> None:
    """Measure both halves of a study, and print seconds and the ratio."""
    console = Console(highlight=False)
    threads, on_ray = Threads(available_workers()), executor_named("ray")
    if len(sys.argv) > 1:
        manifest, model = facegap.read([sys.argv[1]], layout="folders"), facegap.parse_model("dlib")

        def embedded(executor: Executor) -> None:
            with TemporaryDirectory() as store:
                facegap.embed(manifest, model, store=facegap.EmbeddingStore(Path(store)), executor=executor)

        _show(console, f"embedding {len(manifest)} images", embedded, threads, on_ray)
    rng, subject = np.random.default_rng(0), np.arange(EMBEDDINGS, dtype=np.int32) // PER_SUBJECT
    means = rng.normal(size=(EMBEDDINGS // PER_SUBJECT, DIMENSION)).astype(np.float32)
    vectors = means[subject] + rng.normal(size=(EMBEDDINGS, DIMENSION)).astype(np.float32)

    def compared(executor: Executor) -> None:
        everyone, one = np.ones(EMBEDDINGS, bool), np.zeros(EMBEDDINGS, np.int32)
        EveryPair(vectors, everyone, Comparator.COSINE, subject, one, ("one",), executor, kept=None).count()

    _show(console, f"comparing {EMBEDDINGS} x {DIMENSION}", compared, threads, on_ray)
    console.print(f"this process took {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB at most")


def _show(console: Console, what: str, run: Callable[[Executor], None], threads: Executor, on_ray: Executor) -> None:
    run(on_ray)  # what is compiled or loaded once is not counted
    taken = take_turns({"threads": lambda: run(threads), "Ray": lambda: run(on_ray)}, ROUNDS)
    seconds = ", ".join(f"{name} {np.median(each):.2f} s" for name, each in taken.items())
    console.print(f"{what}: {seconds}; Ray over threads: {ratio(taken['Ray'], taken['threads']):.2f}")


if __name__ == "__main__":
    main()
