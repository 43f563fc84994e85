"""The people a plan is made from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from facegap.comparator import Comparator
from facegap.datasets import read
from facegap.embedding import embed, hash_images
from facegap.errors import InputError
from facegap.manifest import Manifest
from facegap.models import Model, ModelSource, parse_model
from facegap.progress import Progress, silent
from facegap.store import EmbeddingStore, default_root
from facegap.study import Study

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


def _mute(line: str) -> None:
    """Say nothing: the default."""


def read_pilot(study: Study, *, progress: Progress = silent, say: Callable[[str], None] = _mute) -> Pilot:
    """Read the inputs of a study and embed them, through the store, as `evaluate` does.

    Only the fields of `study` that say what is read and embedded, and how, are looked at.

    Raises:
        InputError: the inputs cannot be used or planned from.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    models = [parse_model(model) if isinstance(model, str) else model for model in study.models]
    draw = np.random.default_rng(study.seed).spawn(1)[0]
    manifest = read(
        study.inputs, layout=study.layout, cohort_by=study.cohort_by, images=study.images, sample=study.sample, rng=draw
    )
    for line in (*(s.summary for s in manifest.sources), *(m.note for m in models if m.note)):
        say(line)
    _check(manifest, models)
    if manifest.vectors is None:
        names, comparators = [m.spec.name for m in models], [m.spec.comparator for m in models]
        vectors = _embed(study, manifest, models, progress, say)
    else:
        names, comparators, vectors = ["saved embeddings"], [study.comparator], [manifest.vectors]
    usable = np.all([np.isfinite(each).all(axis=1) for each in vectors], axis=0)
    people = [found for cohort in manifest.cohorts if (found := _people(manifest, cohort, vectors, usable, say))]
    if not people:
        raise InputError(
            f"{manifest.name} is too small to plan from: expected a cohort with {LEAST_SUBJECTS} subjects of two "
            "usable images or more; give more subjects, or plan from an assumption with --auc"
        )
    return Pilot(tuple(names), tuple(comparators), tuple(people), lost=1 - float(usable.mean()))


def _check(manifest: Manifest, models: Sequence[ModelSource | Model]) -> None:
    """Refuse what cannot be planned from before any work is done."""
    if manifest.pairs is not None:
        raise InputError("a list of pairs says what to compare and cannot be planned from: give its folder of images")
    if manifest.vectors is not None and models:
        raise InputError("saved embeddings need no model: leave --model out, or give a folder of images")
    if manifest.vectors is None and not models:
        raise InputError("no model was named: give at least one with --model, e.g. --model dlib")
    names = [model.spec.name for model in models]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"two models are called {repeated[0]!r}: name them apart, e.g. --model new=FILE.onnx")


def _embed(
    study: Study,
    manifest: Manifest,
    models: Sequence[ModelSource | Model],
    progress: Progress,
    say: Callable[[str], None],
) -> list[np.ndarray]:
    hashes = hash_images(manifest.paths, workers=study.workers, progress=progress)
    store, vectors = EmbeddingStore(study.store or default_root()), []
    for model in models:
        made = embed(
            manifest, model, faces=study.faces, store=store, hashes=hashes, workers=study.workers, progress=progress
        )
        say(f"{model.spec.name}: {made.found} of {len(manifest)} embeddings found in the store {store.root}")
        vectors.append(made.vectors)
    return vectors


def _people(
    manifest: Manifest, cohort: str, vectors: Sequence[np.ndarray], usable: np.ndarray, say: Callable[[str], None]
) -> People | None:
    """Return the usable images of a cohort, or None where they are too few to plan from."""
    rows = usable & (manifest.cohort_codes == manifest.cohorts.index(cohort))
    subject = manifest.subject_codes[rows]
    several = int((np.unique(subject, return_counts=True)[1] > 1).sum())
    if several < LEAST_SUBJECTS:
        say(f"{cohort} is left out: {several} subjects have two images or more, fewer than {LEAST_SUBJECTS}")
        return None
    return People(cohort, subject, tuple(each[rows] for each in vectors))
