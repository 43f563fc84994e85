"""The people a plan is made from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.manifest import Manifest
from facegap.data.source import Source
from facegap.errors import InputError
from facegap.jobs.collect import collect
from facegap.jobs.study import Study
from facegap.report.text import on_the_way
from facegap.run.executor import Executor
from facegap.run.progress import Progress, mute, silent

LEAST_SUBJECTS = 10
"""Subjects below which a cohort tells nothing of how much subjects differ, and that every plan asks for at least."""


@dataclass(frozen=True)
class People:
    """The images of one cohort that every model could embed.

    `subject`: (N,) int32. `vectors`: one (N, D) float32 per model.
    """

    cohort: str
    subject: np.ndarray
    vectors: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Pilot:
    """Embeddings to plan from.

    `models`, `comparators`: as the vectors of each of `people`, one per cohort. `lost`: share of the images that some
    model could not embed. `assumption`: what was assumed where nothing was measured, else "".
    """

    models: tuple[str, ...]
    comparators: tuple[Comparator, ...]
    people: tuple[People, ...]
    lost: float = 0.0
    assumption: str = ""


def read_pilot(
    study: Study,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Pilot:
    """Read the inputs of a study and embed them, through the store, as `evaluate` does.

    Raises:
        InputError: the inputs cannot be used or planned from.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    found = collect(study, refuse=_refuse, executor=executor, progress=progress, say=say)
    manifest, vectors = found.manifest, [one.embeddings.vectors for one in found.made]
    usable = np.all([one.embeddings.ok for one in found.made], axis=0)
    people = [each for cohort in manifest.cohorts if (each := _people(manifest, cohort, vectors, usable, say))]
    if not people:
        raise InputError(
            "{dataset} is too small to plan from: expected a cohort with {least_subjects} subjects of two usable "
            "images or more; give more subjects, or plan from an assumption with --auc",
            dataset=manifest.name,
            least_subjects=LEAST_SUBJECTS,
        )
    return Pilot(
        tuple(one.spec.name for one in found.made),
        tuple(one.spec.comparator for one in found.made),
        tuple(people),
        lost=1 - float(usable.mean()),
    )


def _refuse(source: Source) -> None:
    if source.listed:
        raise InputError("a list of pairs says what to compare and cannot be planned from: give its folder of images")


def _people(
    manifest: Manifest, cohort: str, vectors: Sequence[np.ndarray], usable: np.ndarray, say: Callable[[str], None]
) -> People | None:
    """Return the usable images of a cohort, or None where they are too few to plan from."""
    rows = usable & (manifest.cohort_codes == manifest.cohorts.index(cohort))
    subject = manifest.subject_codes[rows]
    several = int((np.unique(subject, return_counts=True)[1] > 1).sum())
    if several < LEAST_SUBJECTS:
        say(on_the_way.cohort_left_out(cohort, several, LEAST_SUBJECTS))
        return None
    return People(cohort, subject, tuple(each[rows] for each in vectors))
