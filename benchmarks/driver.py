"""What the process that asks holds for each image: `python -m benchmarks.driver [drawn|every [IMAGES IMAGES]]`.

Workers elsewhere are played: what they would answer, or write to the store, is made up, so no image is read. Two sizes
of a study are run in processes of their own, and what the larger one holds more is divided by its images more. The
embeddings lie in a file (`--memory`), and there are as many subjects in both: their counts are not of images.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console

import facegap
from benchmarks.memory import give_back, held_apart_from_files
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Outcome
from facegap.jobs.chunks import Chunk, Worked, WorkerMaker
from facegap.jobs.written_apart import WritingMaker
from facegap.models import ModelSource
from facegap.run.executor import Threads, available_workers, weightless
from facegap.store import Record

SIZES = {"drawn": (20_000, 100_000), "every": (10_000, 30_000)}
"""Images of the two studies: where some comparisons are drawn, and where every image is compared with every other."""

SUBJECTS, DIMENSION, PAIRS = 500, 16, 10_000
LOOK = 0.01
"""Seconds after which memory is looked at again."""


@dataclass(frozen=True)
class Played:
    """Workers of which only the answers are made up, as one machine has them; comparing is done by threads."""

    workers: int = 2
    shares_memory: bool = field(default=False, init=False)

    def map(
        self,
        make_worker: Callable[[], Callable[[Any], Any]],
        items: Iterable[Any],
        *,
        weigh: Callable[[Any], float] = weightless,
    ) -> Iterator[Any]:
        """Yield what a worker makes of each item."""
        if isinstance(make_worker, WritingMaker):
            yield from map(replace(make_worker, maker=lambda: _made_up)(), items)
        elif isinstance(make_worker, WorkerMaker):
            yield from map(_made_up, items)
        else:
            yield from Threads(available_workers()).map(make_worker, items, weigh=weigh)


class Elsewhere(Played):
    """Such workers on other machines, which see the store and write to it."""

    def sees(self, _: Path) -> bool:
        """See `Seeing.sees`."""
        return True


def _made_up(chunk: Chunk) -> Worked:
    worked = Worked()
    for task in chunk.tasks:
        image = sha256(str(task.row).encode()).hexdigest()
        worked.images[task.row] = image
        rng = np.random.default_rng([task.row // 40, task.row])
        mean = np.random.default_rng(task.row // 40 % SUBJECTS).standard_normal(DIMENSION)
        vector = (mean + rng.standard_normal(DIMENSION)).astype(np.float32)
        worked.made.append((task.row, 0, Record(image, Outcome.OK, None, (1.0, 2.0, 90.0, 91.0), vector)))
    return worked


PLAYED = {"threads": Played(), "elsewhere": Elsewhere()}


class Watch:
    """Remembers the most memory that this process held in each step, as progress tells the steps."""

    def __init__(self) -> None:
        give_back()
        self.before, self.step, self.most, self.ended = held_apart_from_files(), "reading", {}, threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def __call__(self, task: str, done: int, total: int) -> None:
        """See `Progress`."""
        self.step = task

    def _look(self) -> None:
        while not self.ended.wait(LOOK):
            self.most[self.step] = max(self.most.get(self.step, 0), held_apart_from_files() - self.before)


def measured(images: int, compared: str, executor: Played, folder: Path) -> dict[str, float]:
    """Return the bytes held at most, by step, and those of the manifest."""
    row = np.arange(images)
    names = {"path": [f"faces/{k:09}.jpg" for k in row], "subject": row // 40 % SUBJECTS}
    (folder / "faces").mkdir()
    for name in names["path"]:
        (folder / name).touch()  # nobody opens them but to look at the first header
    pl.DataFrame(names).with_columns(pl.col("subject").cast(pl.String)).write_parquet(folder / "people.parquet")
    del names, row
    spec = facegap.ModelSpec("m", "onnxruntime", "m", "whole", 32, DIMENSION, Comparator.COSINE)
    model = ModelSource(spec, lambda: facegap.Model(embed=lambda crops: crops, spec=spec))
    study = facegap.Study(
        inputs=[folder / "people.parquet"], models=[model], store=folder / "store", memory=0,
        pairs=PAIRS if compared == "drawn" else None,
    )  # fmt: skip
    manifest = facegap.read(study.inputs)
    size = manifest.frame.estimated_size()
    del manifest
    with Watch() as watch:
        facegap.evaluate(study, executor=executor, progress=watch)
    return {"manifest": size, **watch.most}


def main() -> None:
    """Print a table."""
    if sys.argv[1:2] == ["--one"]:
        with TemporaryDirectory() as folder:
            print(json.dumps(measured(int(sys.argv[2]), sys.argv[3], PLAYED[sys.argv[4]], Path(folder))))
        return
    console = Console(highlight=False)
    for compared in sys.argv[1:2] or SIZES:
        few, many = map(int, sys.argv[2:4] or SIZES[compared])
        for name in PLAYED:
            held = [_in_a_process(str(images), compared, name) for images in (few, many)]
            for step in held[1]:
                grown = (held[1][step] - held[0].get(step, 0)) / (many - few)
                most = f"{held[1][step] / 1e6:.1f} MB for {many:,}"
                console.print(f"{compared}, {name}, {step}: {grown:.0f} bytes an image, {most}")


def _in_a_process(*asked: str) -> dict[str, Any]:
    run = [sys.executable, "-m", "benchmarks.driver", "--one", *asked]
    return json.loads(subprocess.run(run, stdout=subprocess.PIPE, check=True).stdout)


if __name__ == "__main__":
    main()
