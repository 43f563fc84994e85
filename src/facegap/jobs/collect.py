"""The first half of every job: which images there are, and what each model makes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from facegap.data.boxes import box_columns
from facegap.data.embeddings import Embeddings
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, Images, SavedEmbeddings, Source
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.templates import TEMPLATE
from facegap.datasets import content_findings, draw_pairs
from facegap.datasets.inputs import named
from facegap.errors import InputError
from facegap.jobs.anonymous import INPUT, Codes, without_places
from facegap.jobs.black_box import black_box
from facegap.jobs.doubts import doubts
from facegap.jobs.embedding import Pace, embed_and_measure, hash_images
from facegap.jobs.feeding import checked
from facegap.jobs.given import Given, given_model, saved_model, scored_model
from facegap.jobs.grey_depth import depth_findings
from facegap.jobs.origins import origin_findings
from facegap.jobs.readable import readable
from facegap.jobs.reading import read_source
from facegap.jobs.study import Study
from facegap.measures import column_measures, column_values, image_measures
from facegap.metrics.explaining import Measured
from facegap.models import GivenModel, Model, ModelSource, PairModel, parse_given, parse_model, parse_pair_model
from facegap.report.text import on_the_way
from facegap.report.text.contracts import contract_text
from facegap.report.text.findings import finding_text
from facegap.report.text.inputs import input_text
from facegap.run.executor import Executor
from facegap.run.heat import cooled
from facegap.run.progress import Progress, mute, silent
from facegap.run.room import Room
from facegap.scoring import must_compile
from facegap.store import SUMS, EmbeddingStore, ScoreStore, make_folder, store_root

NO_FACES = FaceSpec("none", "")
"""No face is looked for: the images, or embeddings, are taken as they are."""

NO_CODES = Codes()

DRAWN = FindingCode.DRAWN_COMPARISONS.kind
"""The kind of finding that says how comparisons were drawn."""


@dataclass(frozen=True)
class Made:
    """What one model made of the images, and how their faces were found.

    `scores`: of comparisons, where a model gave these alone; its embeddings then hold no vectors.
    """

    spec: ModelSpec
    faces: FaceSpec
    embeddings: Embeddings
    scores: GivenScores | None = None


@dataclass(frozen=True)
class Collected:
    """The images of a study and their embeddings by each model.

    `source` with what the labels and the files' contents show. `hashes`: (N,) sha256 of the files, none where the
    input brought no files. `codes`: those of an anonymous study. `measured`: what was measured of the images, if asked.
    """

    source: Source
    hashes: Sequence[str]
    made: Sequence[Made]
    codes: Codes = NO_CODES
    measured: Measured | None = None

    @property
    def manifest(self) -> Manifest:
        """Who is in which image."""
        return self.source.manifest

    @cached_property
    def pictures(self) -> Sequence[str]:
        """(N,) sha256 of the files, "" where several files are the same and no picture: nothing follows from that."""
        return readable(self.manifest.paths, self.hashes) if self.source.photos else self.hashes


def accept(source: Source) -> None:
    """Refuse no input."""


def collect(
    study: Study,
    *,
    refuse: Callable[[Source], None] = accept,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
    room: Room | None = None,
) -> Collected:
    """Read the inputs of a study and embed them, through the store.

    `refuse` raises if the input cannot be used for what comes next, before any image is embedded. The same seed draws
    the same sample of the images for every job. `executor`: where the work runs, by default `study.workers` workers of
    this machine; it changes no result. `room`: for the embeddings that are made of images.

    Raises:
        InputError: the inputs or the models cannot be used.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    asked = [parsed(model) if isinstance(model, str) else model for model in study.models]
    models = [model for model in asked if not isinstance(model, GivenModel | PairModel)]
    given = [model for model in asked if isinstance(model, GivenModel)]
    boxes = [model for model in asked if isinstance(model, PairModel)]
    if not study.inputs and given:
        study = replace(study, inputs=[given[0].path])

    def unfit(source: Source) -> None:
        _check(source, models, given, boxes)
        refuse(source)

    source = _read(study, unfit, say, scored=not (models or boxes))
    if models:
        made, measured, hashes = _embed(study, source.manifest, models, None, executor, progress, say, room)
        found = _embedded(_looked_at(study, source, hashes, NO_CODES), models, made, measured, say)
    else:
        found = _looked_at(study, source, _hashes(study, source, executor, progress), NO_CODES)
    answers = [given_model(model, found.source) for model in given]
    store = ScoreStore(store_root(study.store))
    for model in boxes:
        assert isinstance(found.source, Images)
        answers.append(black_box(model, found.source, found.hashes, store, progress=progress, say=say))
    findings = [found.codes.hidden(f) if study.anonymous else f for one in answers for f in one.findings]
    brought = _brought(found.source, study, {model.path.resolve() for model in given})
    others = _checked(replace(found, made=[*brought, *map(_made, answers)]), say)
    made = {one.spec.name: one for one in (*found.made, *others.made)}
    order = [model.name if isinstance(model, GivenModel | PairModel) else model.spec.name for model in asked]
    return replace(
        others,
        source=others.source.with_findings(*findings),
        made=[*others.made[: len(brought)], *(made[name] for name in order)],
    )


def parsed(text: str) -> GivenModel | PairModel | ModelSource:
    """Return the model that a text names.

    Raises:
        ModelError: there is no such model, or it cannot be used.
    """
    return parse_given(text) or parse_pair_model(text) or parse_model(text)


def find(
    study: Study,
    *,
    refuse: Callable[[Source], None] = accept,
    codes: Codes = NO_CODES,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
    scored: bool = True,
) -> Collected:
    """Read the inputs of a study and look at the files, without any model; see `collect`.

    `scored`: a list with scores is read for these; see `read_source`.
    `codes`: those that are known of an anonymous study, so that a subject has one code wherever it is found.

    Raises:
        InputError: the inputs cannot be used.
    """
    source = _read(study, refuse, say, scored=scored)
    return _looked_at(study, source, _hashes(study, source, executor, progress), codes)


def _read(study: Study, refuse: Callable[[Source], None], say: Callable[[str], None], *, scored: bool) -> Source:
    draw = np.random.default_rng(study.seed).spawn(1)[0]
    given = named(study.inputs, INPUT) if study.anonymous else study.inputs
    source = read_source(
        given, layout=study.layout, cohort_by=study.cohort_by, images=study.images,
        sample=study.sample, most_images=study.most_images, rng=draw,
        scored=scored, direction=study.direction,
        subject_from=study.subject_from, merge_ids=study.merge_ids, separate_subjects=study.separate_subjects,
        templates=study.templates,
    )  # fmt: skip
    if study.pairs is not None:
        source = draw_pairs(source, study.pairs, np.random.default_rng(study.seed).spawn(3)[2])
    if study.anonymous:
        source = replace(source, manifest=without_places(source.manifest))
    for summary in source.manifest.sources:
        say(input_text(summary))
    drawn = [finding for finding in source.manifest.findings if finding.kind == DRAWN]
    for finding in [*(() if study.anonymous else doubts(source.manifest)), *drawn]:
        say(finding_text(finding))
    refuse(source)
    if must_compile():
        say(on_the_way.compiling())
    return source


def _hashes(study: Study, source: Source, executor: Executor | None, progress: Progress) -> Sequence[str]:
    if not source.photos:
        return []
    return hash_images(source.manifest.paths, workers=study.workers, executor=executor, progress=progress)


def _looked_at(study: Study, source: Source, hashes: Sequence[str], codes: Codes) -> Collected:
    """Return the images with what their files show; `hashes`: N sha256 of them."""
    if study.anonymous:
        codes = codes.extended(source, hashes, seed=study.seed)
        source = replace(source, manifest=codes.hide(source.manifest))
    source = source.with_findings(*origin_findings(source), *depth_findings(source))
    found = Collected(source, hashes, [], codes)
    if source.photos:
        found = replace(found, source=source.with_findings(*content_findings(source.manifest, found.pictures)))
    return found


def embed_images(
    found: Collected,
    study: Study,
    models: Sequence[ModelSource | Model],
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Collected:
    """Return the images with their embeddings by each model, through the store.

    Raises:
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    made, measured, _ = _embed(study, found.manifest, models, found.hashes, executor, progress, say)
    return _embedded(found, models, made, measured, say)


def _embedded(
    found: Collected,
    models: Sequence[ModelSource | Model],
    made: Sequence[Made],
    measured: Measured | None,
    say: Callable[[str], None],
) -> Collected:
    """Return the images with their embeddings, those failed that tell nothing, and what was measured."""
    if measured is not None:
        measured = with_columns(measured, found.manifest)
    found = _warned(replace(found, measured=measured), [finding for model in models for finding in model.findings])
    return _checked(replace(found, made=made), say)


def _checked(found: Collected, say: Callable[[str], None]) -> Collected:
    """Return what models made, with embeddings failed that tell nothing, and findings on those that are doubtful."""
    made, findings = [], []
    for one in found.made:
        embeddings, of_one = checked(one.embeddings, one.spec, found.manifest, found.hashes)
        made.append(replace(one, embeddings=embeddings))
        findings += of_one
    for finding in findings:
        say(on_the_way.warning(finding_text(finding)))
    return _warned(replace(found, made=made), findings)


def _warned(found: Collected, findings: Sequence[Finding]) -> Collected:
    """Return what was found with findings that make the numbers doubtful, before all others."""
    manifest = replace(found.manifest, findings=(*findings, *found.manifest.findings))
    return replace(found, source=replace(found.source, manifest=manifest))


def pace_of(study: Study, say: Callable[[str], None]) -> Pace:
    """Return what hands out images at the pace that the study allows."""
    limit = study.max_cpu_temp
    if limit is None:
        return iter
    return partial(cooled, limit=limit, tell=lambda now: say(on_the_way.heat_text(now, limit)))


def _check(
    source: Source,
    models: Sequence[ModelSource | Model],
    given: Sequence[GivenModel],
    boxes: Sequence[PairModel],
) -> None:
    if source.photos and not models and not given and not boxes:
        raise InputError("no model was named: give at least one with --model, e.g. --model dlib")
    if not source.photos and (models or boxes):
        if isinstance(source, SavedEmbeddings):
            raise InputError("saved embeddings need no model: leave --model out, or give a folder of images")
        raise InputError("scores need no model: leave --model out, or give a folder of images")
    if boxes and TEMPLATE in source.manifest.frame:
        raise InputError(
            "{name} compares two images, not templates: leave the column {template!r} out",
            name=boxes[0].name,
            template=TEMPLATE,
        )
    names = [*(model.spec.name for model in models), *(model.name for model in (*given, *boxes))]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            "two models are called {repeated!r}: name them apart, e.g. --model new=FILE.onnx", repeated=repeated[0]
        )


def _brought(source: Source, study: Study, named: set[Path]) -> list[Made]:
    """Return the answers that the input itself brought, unless a model of `named` files has them."""
    if source.photos or any(Path(one.path).resolve() in named for one in source.manifest.sources):
        return []
    if isinstance(source, GivenScores):
        return [_made(scored_model("given scores", source))]
    assert isinstance(source, SavedEmbeddings)
    return [_made(saved_model("saved embeddings", source, study.comparator))]


def _made(given: Given) -> Made:
    return Made(given.spec, NO_FACES, given.embeddings, given.scores)


def _embed(
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


def with_columns(measured: Measured, manifest: Manifest) -> Measured:
    """Return what was measured with the columns of numbers that the images came with."""
    columns = column_measures(manifest.frame, {one.name for one in measured.measures})
    values = [measured.values, *(column_values(manifest.frame, one.name)[:, None] for one in columns)]
    return Measured([*measured.measures, *columns], np.concatenate(values, axis=1))
