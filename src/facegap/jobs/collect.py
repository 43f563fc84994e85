"""The first half of every job: which images there are, and what each model makes of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from facegap.data.finding import Finding, FindingCode
from facegap.data.source import GivenScores, Images, SavedEmbeddings, Source
from facegap.data.templates import TEMPLATE
from facegap.datasets import content_findings, draw_pairs
from facegap.datasets.inputs import named
from facegap.errors import InputError
from facegap.jobs.anonymous import INPUT, Codes, without_places
from facegap.jobs.black_box import black_box
from facegap.jobs.collected import NO_CODES, NO_FACES, Collected, Made
from facegap.jobs.doubts import doubts
from facegap.jobs.embed_study import embed_study, with_columns
from facegap.jobs.feeding import checked
from facegap.jobs.given import Given, given_model, saved_model, scored_model
from facegap.jobs.grey_depth import depth_findings
from facegap.jobs.hashing import hash_images
from facegap.jobs.origins import origin_findings
from facegap.jobs.reading import read_source
from facegap.jobs.study import Study
from facegap.metrics.explaining import Measured
from facegap.models import GivenModel, Model, ModelSource, PairModel, parse_given, parse_model, parse_pair_model
from facegap.report.text import on_the_way
from facegap.report.text.findings import finding_text
from facegap.report.text.inputs import input_text
from facegap.run.executor import Executor
from facegap.run.progress import Progress, mute, silent
from facegap.run.room import Room
from facegap.scoring import must_compile
from facegap.store import ScoreStore, store_root

DRAWN = FindingCode.DRAWN_COMPARISONS.kind
"""The kind of finding that says how comparisons were drawn."""


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
        made, measured, hashes = embed_study(study, source.manifest, models, None, executor, progress, say, room)
        found = _embedded(_looked_at(study, source, hashes, NO_CODES), study, models, made, measured, say)
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
    made, measured, _ = embed_study(study, found.manifest, models, found.hashes, executor, progress, say)
    return _embedded(found, study, models, made, measured, say)


def _embedded(
    found: Collected,
    study: Study,
    models: Sequence[ModelSource | Model],
    made: Sequence[Made],
    measured: Measured | None,
    say: Callable[[str], None],
) -> Collected:
    """Return the images with their embeddings, those failed that tell nothing, and what was measured."""
    if measured is not None:
        measured = with_columns(measured, found.manifest, study.cohort_by)
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
