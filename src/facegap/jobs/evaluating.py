"""The main job: read, embed, compare, measure."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from facegap.data.across import sharing
from facegap.data.cohort_names import written
from facegap.data.embeddings import Embeddings
from facegap.data.evaluation import Evaluation, populations
from facegap.data.explanation import Explanation
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, Images, Pairs, Source
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.tally import ScoreTally
from facegap.datasets.cohorts import check_number
from facegap.errors import InputError
from facegap.jobs.black_box import ASKED
from facegap.jobs.collect import collect
from facegap.jobs.collected import NO_FACES, Collected, Made
from facegap.jobs.comparing import Compared, Where, common_comparisons, compared, of_embeddings, own_comparisons
from facegap.jobs.doubts import check_genuine
from facegap.jobs.embed_study import room_of, with_columns
from facegap.jobs.provenance import provenance
from facegap.jobs.study import Study
from facegap.jobs.templates import pooled
from facegap.jobs.weighing import check_weighing, with_weighing
from facegap.metrics import Failures, Scored, ThresholdFrom, ask, fold_accuracy, measure, thresholds_to_evaluate
from facegap.metrics.explaining import Measured, explain
from facegap.metrics.registry import parse_metrics
from facegap.report.text.language import in_current
from facegap.run.executor import Executor
from facegap.run.progress import Progress, mute, silent
from facegap.run.room import Room
from facegap.scoring import Keeper, Kept, ListedComparisons, check_device
from facegap.store import SUMS, make_folder, store_root

LEAST_LEVEL = 0.7
"""Confidence below which an interval is narrower than the bias that may be taken off, and need not hold its value."""

MOST_LEVEL = 0.9999
"""Confidence beyond which an interval stands on tails that no study shows."""


def evaluate(
    study: Study,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Evaluation:
    """Run a study from its inputs to its numbers.

    `executor`: where the work runs, by default `study.workers` workers of this machine; it changes no number.
    `progress` and `say` are told what is going on, in steps and in lines.

    Raises:
        InputError: the inputs or the question cannot be used.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    started = time.monotonic()
    check_device(study.device, study.precision)
    room = room_of(study)
    refuse = partial(_refuse_input, study)
    found = collect(study, refuse=refuse, executor=executor, progress=progress, say=say, room=room)
    found = pooled(found, study.template_mean, say)
    evaluation = evaluate_collected(found, study, executor=executor, progress=progress, room=room)
    return evaluation.timed(time.monotonic() - started)


def evaluate_collected(
    found: Collected,
    study: Study,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    room: Room | None = None,
) -> Evaluation:
    """Run a study on images that are read and embedded already, by the models that made the embeddings.

    `room`: in which these embeddings lie, if they share it with what is made of them.

    Raises:
        InputError: the question cannot be used.
    """
    _refuse(study, found.source)
    chosen = [replace(one, cohort=written(one.cohort, _populations(found.source))) for one in study.threshold_from]
    study = replace(study, threshold_from=chosen)
    source, made = found.source, found.made
    _, sheets = np.random.default_rng(study.seed).spawn(2)
    room = room_of(study) if room is None else room
    keeper = Keeper(partial(make_folder, store_root(study.store), SUMS), room)
    where = Where(
        executor, study.workers, study.device, study.precision, study.intervals != "none", progress, keeper,
        by_subject=study.weigh == "subjects", rejected=study.failures == "rejected",
    )  # fmt: skip
    scored = [
        count(
            one,
            threshold_from=study.threshold_from,
            metrics=study.metrics,
            fmrs=study.measured_fmrs,
            failures=study.failures,
            intervals=study.intervals != "none",
        )
        for compared in (own_comparisons, common_comparisons)
        for one in compared(source, made, where)
    ]
    evaluation = measure(
        scored,
        with_weighing(source.manifest, study).with_findings(*_missing_scores(source, made, scored)),
        failures=study.failures,
        genuine_share=study.genuine_share,
        threshold_from=study.threshold_from,
        metrics=study.metrics,
        fmrs=study.measured_fmrs,
        intervals=study.intervals,
        level=study.level,
        provenance=provenance(study, source, found.hashes),
        notice=in_current(study.notice),
        limits=study.limits,
        photos=source.photos,
        rng=sheets,
    )
    if not isinstance(study.notice, str):
        evaluation = replace(evaluation, notices=dict(study.notice))
    if study.explain:
        evaluation = replace(evaluation, explanation=_explained(found, scored, study, progress))
    keeper.remove()
    return evaluation


def _explained(found: Collected, scored: Sequence[Scored], study: Study, progress: Progress) -> Explanation:
    """Return why cohorts differ, for each model that made embeddings."""
    manifest, source = found.manifest, found.source
    measured = found.measured or with_columns(Measured((), np.empty((len(manifest), 0))), manifest)
    own = [one for one, made in zip(scored, found.made, strict=False) if made.scores is None]
    return explain(
        own, manifest, measured,
        pairs=source.pairs if isinstance(source, Images) else None,
        threshold_from=study.threshold_from, level=study.level, rng=np.random.default_rng(study.seed),
        tell=partial(progress, "explaining"),
    )  # fmt: skip


def _missing_scores(source: Source, made: Sequence[Made], scored: Sequence[Scored]) -> Iterator[Finding]:
    """Yield for each model whose scores were given beside images how many comparisons of these have none."""
    for one, found in zip(made, scored, strict=False):  # the comparisons of each model's own images come first
        failed = int(found.tally.failed.sum())
        given = one.scores is not None and one.scores is not source and one.spec.runtime != ASKED
        if given and failed:
            every = failed + int(found.tally.genuine.sum() + found.tally.impostor.sum())
            code = FindingCode.MODEL_WITHOUT_SCORE
            yield Finding.of(code, model=one.spec.name, failed=failed, comparisons=every)


def compare(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    *,
    pairs: Pairs | None = None,
    rows: np.ndarray | None = None,
    thresholds: Sequence[float] = (),
    workers: int | None = None,
    executor: Executor | None = None,
    device: str = "cpu",
    precision: str = "float32",
    kept: Kept | None = None,
    progress: Progress = silent,
) -> ScoreTally:
    """Compare every pair of images, or the listed `pairs` alone, with the model's comparator.

    `rows` (N,) bool: the images that take part, by default all that have an embedding. `thresholds`: native ones to
    be counted exactly, besides the shipped one and the usual sweep. `device`, `precision`: where scores are computed,
    and how. `kept`: takes up scores that will be wanted again.
    """
    ok = embeddings.ok if rows is None else rows
    where = Where(executor, workers, device, precision, progress=progress)
    comparisons = of_embeddings(embeddings, manifest, spec, ok, pairs, where, kept)
    return comparisons.count([*thresholds, *([] if spec.threshold is None else [spec.threshold])])


def score(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    *,
    pairs: Pairs | None = None,
    faces: FaceSpec = NO_FACES,
    common: np.ndarray | None = None,
    threshold_from: Sequence[ThresholdFrom] = (),
    metrics: Sequence[str] = (),
    fmrs: Sequence[float] = (),
    failures: Failures = "excluded",
    intervals: bool = True,
    workers: int | None = None,
    executor: Executor | None = None,
    device: str = "cpu",
    precision: str = "float32",
    progress: Progress = silent,
) -> Scored:
    """Return one model's comparisons as `measure` takes them, by subject too where `intervals` are wanted.

    `pairs`: the only comparisons to make, where they are listed; else every image is compared with every other.
    `faces`: how the faces were found, for the report. `common`: (N,) bool, the images that all models of a study
    could embed, if only those are to take part. `threshold_from`, `metrics`, `fmrs`, `failures`: as `measure` will be
    asked. `device`, `precision`: where scores are computed, and how.
    """
    rows = embeddings.ok if common is None else common
    where = Where(executor, workers, device, precision, intervals, progress)
    images = "own" if common is None else "common"
    one = compared(Made(spec, faces, embeddings), manifest, images, rows, pairs, where)
    return count(one, threshold_from=threshold_from, metrics=metrics, fmrs=fmrs, failures=failures, intervals=intervals)


def count(
    compared: Compared,
    *,
    threshold_from: Sequence[ThresholdFrom] = (),
    metrics: Sequence[str] = (),
    fmrs: Sequence[float] = (),
    failures: Failures = "excluded",
    intervals: bool = True,
) -> Scored:
    """Count comparisons as `measure` takes them, by subject too where `intervals` are wanted and subjects known."""
    one, comparisons, images = compared.one, compared.comparisons, compared.images
    spec = one.spec
    tally = comparisons.count([] if spec.threshold is None else [spec.threshold])
    rejected = failures == "rejected" and images == "own"
    subjects = None
    if intervals and len(comparisons.subject):
        asked, _ = ask(tally, model=spec.name, shipped=spec.threshold, threshold_from=threshold_from)
        evaluated = thresholds_to_evaluate(
            tally, list(asked.named.values()), fmrs=[*asked.chosen.values(), *fmrs], rejected=rejected,
            metrics=parse_metrics(metrics),
            across=sharing(comparisons.subject, comparisons.cohort, comparisons.cohorts),
        )  # fmt: skip
        subjects = comparisons.count_by_subject(
            tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
        )
    accuracy = None
    weighed = isinstance(comparisons, ListedComparisons) and comparisons.weighed
    pairs = None if weighed else compared.pairs
    if pairs is not None and compared.similarity is not None and pairs.drawn is None:
        accuracy = fold_accuracy(compared.similarity, pairs.same, pairs.fold, rejected=rejected)
    listed = compared.pairs is not None or one.scores is not None
    return Scored(spec, one.faces, images, compared.rows, one.embeddings, tally, subjects, accuracy, listed)


def _populations(source: Source) -> tuple[str, ...]:
    """Return what a threshold can be chosen on: cohorts, pairs of them that share subjects, and all together."""
    manifest = source.manifest
    across = sharing(manifest.subject_codes, manifest.cohort_codes, manifest.cohorts)
    return (*populations(manifest.cohorts), *across)


def _refuse_input(study: Study, source: Source) -> None:
    if not study.many_cohorts:
        check_number(source.manifest.cohorts, study.cohort_by)
    _refuse(study, source)


def _refuse(study: Study, source: Source) -> None:
    """Refuse what cannot be answered before any image is embedded."""
    check_genuine(source)
    check_weighing(study, source)
    known = _populations(source)
    parse_metrics(study.metrics)
    if not LEAST_LEVEL <= study.level <= MOST_LEVEL:
        raise InputError(
            "level {level!r} is none: give a confidence from {least_level:g} to {most_level:g}, e.g. 0.95",
            level=study.level,
            least_level=LEAST_LEVEL,
            most_level=MOST_LEVEL,
        )
    if study.explain and isinstance(source, GivenScores):
        raise InputError("scores alone cannot be explained: leave --explain out, or give the images or embeddings")
    for fmr in study.fmrs:
        if not 0 < fmr < 1:
            raise InputError("FMR {fmr:g} is none to measure at: give a rate between 0 and 1, e.g. 1e-4", fmr=fmr)
    for wanted in study.threshold_from:
        if not 0 < wanted.fmr < 1:
            raise InputError("a threshold cannot be chosen at FMR {fmr:g}: give a rate between 0 and 1", fmr=wanted.fmr)
        if written(wanted.cohort, known) not in known:
            raise InputError(
                "there is no cohort {cohort!r} to choose a threshold on; there are: {known}",
                cohort=wanted.cohort,
                known=", ".join(known),
            )
