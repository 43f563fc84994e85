"""What the models of a study make of its images, through the store, at the pace and with the room that it allows."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from facegap.data.boxes import box_columns
from facegap.data.manifest import Manifest
from facegap.datasets import attributes_of
from facegap.jobs.collected import NO_FACES, Made
from facegap.jobs.embedding import Pace, embed_and_measure
from facegap.jobs.study import Study
from facegap.measures import column_measures, column_values, image_measures
from facegap.metrics.explaining import Measured
from facegap.models import Model, ModelSource
from facegap.report.text import on_the_way
from facegap.report.text.contracts import contract_text
from facegap.report.text.findings import finding_text
from facegap.run.executor import Executor
from facegap.run.heat import cooled
from facegap.run.progress import Progress
from facegap.run.room import Room
from facegap.store import SUMS, EmbeddingStore, make_folder, store_root


def embed_study(
    study: Study,
    manifest: Manifest,
    models: Sequence[ModelSource | Model],
    hashes: Sequence[str] | None,
    executor: Executor | None,
    progress: Progress,
    say: Callable[[str], None],
    room: Room | None = None,
) -> tuple[list[Made], Measured | None, Sequence[str]]:
    """Return what each model makes of the images, what is measured of them, if asked, and their sha256.

    They are read together with the images unless they are known.
    """
    for model in models:
        if model.note and not study.anonymous:  # it may name a file
            say(contract_text(model.note))
        for finding in model.findings:
            say(on_the_way.warning(finding_text(finding)))
    store = EmbeddingStore(store_root(study.store))
    faces = study.faces.with_brought(model.detector for model in models)
    if faces != study.faces and not study.anonymous:
        say(on_the_way.brought_detector(faces.detector or ""))
    specs = [faces.spec(model.spec.crop) for model in models]
    columns = box_columns(manifest.frame.columns)
    if columns and not faces.given and any(spec.detector != NO_FACES.detector for spec in specs):
        say(on_the_way.boxes_passed_over(columns))
    measures = image_measures() if study.explain else ()
    made, values, hashes = embed_and_measure(
        manifest,
        models,
        measures,
        faces=faces,
        store=store,
        hashes=hashes,
        workers=study.workers,
        executor=executor,
        pace=pace_of(study, say),
        progress=progress,
        room=room or room_of(study),
    )
    for model, embeddings in zip(models, made, strict=True):
        place = None if study.anonymous else store.root
        say(on_the_way.stored(model.spec.name, embeddings.found, len(manifest), place))
    found = [Made(model.spec, spec, embeddings) for model, spec, embeddings in zip(models, specs, made, strict=True)]
    return found, Measured(measures, values) if study.explain else None, hashes


def room_of(study: Study) -> Room:
    """Return the room for the embeddings of a study, in files beside the store where memory is short."""
    return Room(partial(make_folder, store_root(study.store), SUMS), study.memory)


def with_columns(measured: Measured, manifest: Manifest, cohort_by: Sequence[str]) -> Measured:
    """Return what was measured with the columns that the images came with, but for those that make the cohorts."""
    taken = {one.name for one in measured.measures} | attributes_of(cohort_by)
    columns = column_measures(manifest.frame, taken)
    values = [measured.values, *(column_values(manifest.frame, one.name)[:, None] for one in columns)]
    return Measured([*measured.measures, *columns], np.concatenate(values, axis=1))


def pace_of(study: Study, say: Callable[[str], None]) -> Pace:
    """Return what hands out images at the pace that the study allows."""
    limit = study.max_cpu_temp
    if limit is None:
        return iter
    return partial(cooled, limit=limit, tell=lambda now: say(on_the_way.heat_text(now, limit)))
