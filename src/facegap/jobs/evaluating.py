"""The main job: read, embed, compare, measure."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from facegap.data.embeddings import Embeddings
from facegap.data.evaluation import Evaluation, populations
from facegap.data.manifest import Manifest
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.tally import ScoreTally
from facegap.errors import InputError
from facegap.jobs.collect import NO_FACES, Collected, Made, collect, mute
from facegap.jobs.provenance import provenance
from facegap.jobs.study import Study
from facegap.metrics import Failures, Scored, ThresholdFrom, ask, fold_accuracy, measure, wanted_knots
from facegap.metrics.registry import parse_metrics
from facegap.run.executor import Executor, Threads, available_workers
from facegap.run.progress import Progress, silent
from facegap.scoring import (
    Kept,
    check_device,
    compare_all,
    compare_pairs,
    compare_subjects,
    pairs_by_subject,
    score_pairs,
)

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
    found = collect(study, refuse=partial(_refuse, study), executor=executor, progress=progress, say=say)
    evaluation = evaluate_collected(found, study, executor=executor, progress=progress)
    return evaluation.timed(time.monotonic() - started)


def evaluate_collected(
    found: Collected, study: Study, *, executor: Executor | None = None, progress: Progress = silent
) -> Evaluation:
    """Run a study on images that are read and embedded already, by the models that made the embeddings.

    Raises:
        InputError: the question cannot be used.
    """
    _refuse(study, found.manifest)
    manifest, made = found.manifest, found.made
    _, sheets = np.random.default_rng(study.seed).spawn(2)
    scored = [_score(manifest, one, "own", one.embeddings.ok, study, executor, progress) for one in made]
    common = np.all([one.embeddings.ok for one in made], axis=0)
    if any((one.embeddings.ok != common).any() for one in made):
        scored += [_score(manifest, one, "common", common, study, executor, progress) for one in made]
    return measure(
        scored,
        manifest,
        failures=study.failures,
        genuine_share=study.genuine_share,
        threshold_from=study.threshold_from,
        metrics=study.metrics,
        intervals=study.intervals,
        level=study.level,
        provenance=provenance(study, manifest, found.hashes),
        notice=study.notice,
        rng=sheets,
    )


def compare(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    *,
    rows: np.ndarray | None = None,
    thresholds: Sequence[float] = (),
    workers: int | None = None,
    executor: Executor | None = None,
    device: str = "cpu",
    precision: str = "float32",
    kept: Kept | None = None,
    progress: Progress = silent,
) -> ScoreTally:
    """Compare every pair of images, or the pairs the manifest lists, with the model's comparator.

    `rows` (N,) bool: the images that take part, by default all that have an embedding. `thresholds`: native ones to
    be counted exactly, besides the shipped one and the usual sweep. `device`, `precision`: where scores are computed,
    and how. `kept`: takes up scores that will be wanted again.
    """
    ok = embeddings.ok if rows is None else rows
    named = [*thresholds, *([] if spec.threshold is None else [spec.threshold])]
    if manifest.pairs is not None:
        return compare_pairs(
            embeddings.vectors,
            ok,
            manifest.pairs,
            comparator=spec.comparator,
            cohort=manifest.cohorts[0],
            thresholds=named,
        )
    return compare_all(
        embeddings.vectors,
        manifest.subject_codes,
        manifest.cohort_codes,
        ok,
        comparator=spec.comparator,
        cohorts=manifest.cohorts,
        thresholds=named,
        executor=executor or Threads(workers or available_workers()),
        progress=progress,
        kept=kept,
        device=device,
        precision=precision,
    )


def score(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    *,
    faces: FaceSpec = NO_FACES,
    common: np.ndarray | None = None,
    threshold_from: Sequence[ThresholdFrom] = (),
    metrics: Sequence[str] = (),
    failures: Failures = "excluded",
    intervals: bool = True,
    workers: int | None = None,
    executor: Executor | None = None,
    device: str = "cpu",
    precision: str = "float32",
    progress: Progress = silent,
) -> Scored:
    """Return one model's comparisons as `measure` takes them, by subject too where `intervals` are wanted.

    `faces`: how the faces were found, for the report. `common`: (N,) bool, the images that all models of a study
    could embed, if only those are to take part. `threshold_from`, `metrics`, `failures`: as `measure` will be asked.
    `device`, `precision`: where scores are computed, and how.
    """
    rows = embeddings.ok if common is None else common
    kept = Kept() if intervals else None
    tally = compare(
        embeddings, manifest, spec,
        rows=rows, workers=workers, executor=executor, device=device, precision=precision, kept=kept,
        progress=progress,
    )  # fmt: skip
    subjects = None
    if intervals:
        asked, _ = ask(tally, model=spec.name, shipped=spec.threshold, threshold_from=threshold_from)
        knots = wanted_knots(
            tally, list(asked.named.values()), fmrs=list(asked.chosen.values()),
            rejected=failures == "rejected" and common is None, metrics=parse_metrics(metrics),
        )  # fmt: skip
        subjects = (
            pairs_by_subject(
                embeddings.vectors, manifest.subject_codes, rows, manifest.pairs, tally,
                knots=knots.closeness, tail=knots.wide_tail,
            )
            if manifest.pairs is not None
            else compare_subjects(
                embeddings.vectors, manifest.subject_codes, manifest.cohort_codes, rows, tally,
                knots=knots.closeness, tails=knots.tails, wide_tail=knots.wide_tail,
                executor=executor or Threads(workers or available_workers()), progress=progress,
                kept=kept, device=device, precision=precision,
            )
        )  # fmt: skip
    accuracy = None
    if (pairs := manifest.pairs) is not None:
        scores = score_pairs(embeddings.vectors, pairs, spec.comparator)
        closeness = np.where(rows[pairs.a] & rows[pairs.b], scores, np.float32(np.nan))
        rejected = failures == "rejected" and common is None
        accuracy = fold_accuracy(closeness, pairs.same, pairs.fold, rejected=rejected)
    images = "own" if common is None else "common"
    return Scored(spec, faces, images, rows, embeddings, tally, subjects, accuracy)


def _refuse(study: Study, manifest: Manifest) -> None:
    """Refuse what cannot be answered before any image is embedded."""
    known = populations(manifest.cohorts)
    parse_metrics(study.metrics)
    if not LEAST_LEVEL <= study.level <= MOST_LEVEL:
        raise InputError(
            f"level {study.level!r} is none: give a confidence from {LEAST_LEVEL:g} to {MOST_LEVEL:g}, e.g. 0.95"
        )
    for wanted in study.threshold_from:
        if not 0 < wanted.fmr < 1:
            raise InputError(f"a threshold cannot be chosen at FMR {wanted.fmr:g}: give a rate between 0 and 1")
        if wanted.cohort not in known:
            raise InputError(
                f"there is no cohort {wanted.cohort!r} to choose a threshold on; there are: {', '.join(known)}"
            )


def _score(
    manifest: Manifest,
    one: Made,
    images: str,
    rows: np.ndarray,
    study: Study,
    executor: Executor | None,
    progress: Progress,
) -> Scored:
    return score(
        one.embeddings,
        manifest,
        one.spec,
        faces=one.faces,
        common=rows if images == "common" else None,
        threshold_from=study.threshold_from,
        metrics=study.metrics,
        failures=study.failures,
        intervals=study.intervals != "none",
        workers=study.workers,
        executor=executor,
        device=study.device,
        precision=study.precision,
        progress=progress,
    )
