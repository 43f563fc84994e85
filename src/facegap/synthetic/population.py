"""Whole cohorts of synthetic subjects, written as image folders.

The pictures are drawn by a program: they show what facegap does, and say nothing about how any model works on people.
The `HARD` cohort is hard by construction, because its subjects were drawn with heads and features that resemble each
other; colours and hair vary as much as in the `GENERAL` cohort. Neither stands for any group of people.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegap.errors import InputError
from facegap.run.files import written_folder
from facegap.run.places import check_output_folder
from facegap.synthetic.developing import render_jpeg
from facegap.synthetic.identity import draw_identity

MAX_SPREAD = 1.5  # beyond, features collide and faces stop being faces
MIN_SIZE = 64


@dataclass(frozen=True)
class Spread:
    """How much the subjects of a cohort differ: a factor on every standard deviation, and one on those of the shape."""

    all: float
    geometry: float | None = None


GENERAL = Spread(all=0.8)
HARD = Spread(all=0.8, geometry=0.5)


def write_demo(
    out: Path,
    *,
    subjects: int = 60,
    images: int = 5,
    seed: int = 1,
    size: int = 224,
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
) -> None:
    """Write the demo's two cohorts, `out/general` with `subjects` subjects and `out/hard` with twice as many others.

    Of the hard cohort half can be learnt from and half judged on. `progress(done, total)` counts the subjects of both.

    Raises:
        InputError: as `write_population`.
    """
    _require_empty(out)
    _require_least(0, seed=seed)
    cohorts = (("general", "g", GENERAL, subjects), ("hard", "h", HARD, 2 * subjects))
    for place, (name, prefix, spread, size_of_cohort) in enumerate(cohorts):

        def report(done: int, _: int, before: int = place * subjects) -> None:
            if progress is not None:
                progress(before + done, 3 * subjects)

        write_population(
            out / name,
            subjects=size_of_cohort,
            images=images,
            spread=spread.all,
            geometry_spread=spread.geometry,
            seed=_cohort_seed(seed, place),
            size=size,
            prefix=prefix,
            progress=report,
            workers=workers,
        )


def write_population(
    out: Path,
    *,
    subjects: int,
    images: int,
    spread: float,
    geometry_spread: float | None = None,
    seed: int,
    size: int = 224,
    prefix: str = "synthetic",
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
) -> None:
    """Draw `subjects` subjects and write `images` photos of each as `out/<subject>/<subject>_<k>.jpg`.

    Subjects are named `<prefix>001`, `<prefix>002` and so on. Image k of subject s depends on `seed`, the spreads and
    `size` alone: more subjects, more images or more workers leave it as it is. `progress(done, total)` counts subjects.

    Raises:
        InputError: `out` is a folder with something in it, or a file, or cannot be written, or is being written by
            another run; or a number is out of range.
    """
    _require_least(1, subjects=subjects, images=images, workers=workers)
    _require_least(0, seed=seed)
    _require_least(MIN_SIZE, size=size)
    _require_spread(spread=spread, geometry_spread=geometry_spread)
    _require_empty(out)
    with written_folder(out) as made:
        jobs = [
            _Subject(made / f"{prefix}{number:03d}", child, images, spread, geometry_spread, size)
            for number, child in enumerate(np.random.SeedSequence(seed).spawn(subjects), start=1)
        ]
        for done, _ in enumerate(_run(jobs, workers), start=1):
            if progress is not None:
                progress(done, subjects)


@dataclass(frozen=True)
class _Subject:
    """One subject to be drawn and written."""

    folder: Path
    seed: np.random.SeedSequence
    images: int
    spread: float
    geometry_spread: float | None
    size: int

    def write(self) -> None:
        # One stream for who the subject is and one per photo, so that no photo depends on how many came before it.
        of_identity, *of_photos = (np.random.default_rng(child) for child in self.seed.spawn(1 + self.images))
        identity = draw_identity(of_identity, spread=self.spread, geometry_spread=self.geometry_spread)
        self.folder.mkdir()
        for number, rng in enumerate(of_photos, start=1):
            photo = render_jpeg(identity, rng, size=self.size)
            (self.folder / f"{self.folder.name}_{number}.jpg").write_bytes(photo)


def _run(jobs: list[_Subject], workers: int) -> Iterator[None]:
    """Write the subjects, in this process or in `workers` others; yield once per subject done."""
    if workers == 1:
        yield from (job.write() for job in jobs)
        return
    from loky import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        for future in as_completed([pool.submit(job.write) for job in jobs]):
            yield future.result()


def _cohort_seed(seed: int, place: int) -> int:
    """Give each cohort of a demo a seed of its own, so that no subject of one is a subject of another."""
    return int(np.random.SeedSequence((seed, place)).generate_state(1)[0])


def _require_empty(out: Path) -> None:
    check_output_folder(out)
    if out.is_dir() and any(out.iterdir()):
        raise InputError("{out} is not empty; give a new or an empty folder, so that no image is overwritten", out=out)


def _require_least(least: int, **numbers: int) -> None:
    for name, value in numbers.items():
        if value < least:
            raise InputError("{name} is {value}; give {least} or more", name=name, value=value, least=least)


def _require_spread(**spreads: float | None) -> None:
    for name, value in spreads.items():
        if value is not None and not 0.0 <= value <= MAX_SPREAD:
            raise InputError(
                "{name} is {value}; give a number from 0 to {max_spread}", name=name, value=value, max_spread=MAX_SPREAD
            )
