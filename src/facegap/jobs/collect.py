"""The first half of every job: which images there are, and what each model makes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.datasets import content_findings, read
from facegap.errors import InputError
from facegap.jobs.embedding import Pace, embed_all, hash_images
from facegap.jobs.origins import origin_findings
from facegap.jobs.study import Study
from facegap.models import Model, ModelSource, parse_model
from facegap.report.text import on_the_way
from facegap.run.cache import default_root
from facegap.run.heat import cooled
from facegap.run.progress import Progress, silent
from facegap.scoring import must_compile
from facegap.store import EmbeddingStore

NO_FACES = FaceSpec("none", "")
"""No face is looked for: the images, or embeddings, are taken as they are."""


@dataclass(frozen=True)
class Made:
    """What one model made of the images, and how their faces were found."""

    spec: ModelSpec
    faces: FaceSpec
    embeddings: Embeddings


@dataclass(frozen=True)
class Collected:
    """The images of a study and their embeddings by each model.

    `manifest` with what the labels and the files' contents show. `hashes`: (N,) sha256 of the files, none where the
    input brought embeddings.
    """

    manifest: Manifest
    hashes: Sequence[str]
    made: Sequence[Made]


def mute(line: str) -> None:
    """Say nothing: the default of jobs that say what goes on, in lines."""


def accept(manifest: Manifest) -> None:
    """Refuse no input."""


def collect(
    study: Study,
    *,
    refuse: Callable[[Manifest], None] = accept,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Collected:
    """Read the inputs of a study and embed them, through the store.

    `refuse` raises if the input cannot be used for what comes next, before any image is embedded. The same seed draws
    the same sample of the images for every job.

    Raises:
        InputError: the inputs or the models cannot be used.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    models = [parse_model(model) if isinstance(model, str) else model for model in study.models]

    def unfit(manifest: Manifest) -> None:
        _check(manifest, models)
        refuse(manifest)

    found = find(study, refuse=unfit, progress=progress, say=say)
    if found.manifest.vectors is not None:
        return replace(found, made=[_saved(found.manifest.vectors, study.comparator)])
    return embed_images(found, study, models, progress=progress, say=say)


def find(
    study: Study,
    *,
    refuse: Callable[[Manifest], None] = accept,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Collected:
    """Read the inputs of a study and look at the files, without any model; see `collect`.

    Raises:
        InputError: the inputs cannot be used.
    """
    draw = np.random.default_rng(study.seed).spawn(1)[0]
    manifest = read(
        study.inputs, layout=study.layout, cohort_by=study.cohort_by, images=study.images,
        sample=study.sample, most_images=study.most_images, rng=draw,
    )  # fmt: skip
    for source in manifest.sources:
        say(source.summary)
    refuse(manifest)
    manifest = manifest.with_findings(*origin_findings(manifest))
    if must_compile():
        say(on_the_way.compiling())
    if manifest.vectors is not None:
        return Collected(manifest, [], [])
    hashes = hash_images(manifest.paths, workers=study.workers, progress=progress)
    return Collected(manifest.with_findings(*content_findings(manifest, hashes)), hashes, [])


def embed_images(
    found: Collected,
    study: Study,
    models: Sequence[ModelSource | Model],
    *,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Collected:
    """Return the images with their embeddings by each model, through the store.

    Raises:
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    for model in models:
        if model.note:
            say(model.note)
    return replace(found, made=_embed(study, found.manifest, models, found.hashes, progress, say))


def pace_of(study: Study, say: Callable[[str], None]) -> Pace:
    """Return what hands out images at the pace that the study allows."""
    return iter if study.max_cpu_temp is None else partial(cooled, limit=study.max_cpu_temp, say=say)


def _check(manifest: Manifest, models: Sequence[ModelSource | Model]) -> None:
    if manifest.vectors is None and not models:
        raise InputError("no model was named: give at least one with --model, e.g. --model dlib")
    if manifest.vectors is not None and models:
        raise InputError("saved embeddings need no model: leave --model out, or give a folder of images")
    names = [model.spec.name for model in models]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"two models are called {repeated[0]!r}: name them apart, e.g. --model new=FILE.onnx")


def _embed(
    study: Study,
    manifest: Manifest,
    models: Sequence[ModelSource | Model],
    hashes: Sequence[str],
    progress: Progress,
    say: Callable[[str], None],
) -> list[Made]:
    store = EmbeddingStore(study.store or default_root())
    made = embed_all(
        manifest,
        models,
        faces=study.faces,
        store=store,
        hashes=hashes,
        workers=study.workers,
        pace=pace_of(study, say),
        progress=progress,
    )
    for model, embeddings in zip(models, made, strict=True):
        say(on_the_way.stored(model.spec.name, embeddings.found, len(manifest), store.root))
    return [
        Made(model.spec, study.faces.spec(model.spec.crop), embeddings)
        for model, embeddings in zip(models, made, strict=True)
    ]


def _saved(vectors: np.ndarray, comparator: Comparator) -> Made:
    """Treat embeddings that were read from a file like those of a model."""
    finite = np.all(np.isfinite(vectors), axis=1).astype(bool)
    outcome = np.where(finite, Outcome.OK, Outcome.MODEL_FAILED).astype(np.uint8)
    detail = tuple("" if good else "the embedding holds values that are not finite" for good in finite)
    embeddings = Embeddings(vectors, outcome, detail, np.full((len(vectors), 4), np.nan, np.float32))
    return Made(ModelSpec("saved embeddings", "saved", "", "", 0, vectors.shape[1], comparator), NO_FACES, embeddings)
