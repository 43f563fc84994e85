"""The main job: read, embed, compare, measure."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from facegap.data.embeddings import Embeddings
from facegap.data.evaluation import Evaluation, populations
from facegap.data.manifest import Manifest
from facegap.data.source import Images, Pairs, Source
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.tally import ScoreTally
from facegap.errors import InputError
from facegap.jobs.collect import NO_FACES, Collected, Made, collect, mute
from facegap.jobs.provenance import provenance
from facegap.jobs.study import Study
from facegap.metrics import Failures, Scored, ThresholdFrom, ask, fold_accuracy, measure, wanted_knots
from facegap.run.executor import Threads, available_workers
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


def evaluate(study: Study, *, progress: Progress = silent, say: Callable[[str], None] = mute) -> Evaluation:
    """Run a study from its inputs to its numbers.

    `progress` and `say` are told what is going on, in steps and in lines.

    Raises:
        InputError: the inputs or the question cannot be used.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    started = time.monotonic()
    check_device(study.device, study.precision)
    found = collect(study, refuse=partial(_refuse, study), progress=progress, say=say)
    return evaluate_collected(found, study, progress=progress).timed(time.monotonic() - started)


def evaluate_collected(found: Collected, study: Study, *, progress: Progress = silent) -> Evaluation:
    """Run a study on images that are read and embedded already, by the models that made the embeddings.

    Raises:
        InputError: the question cannot be used.
    """
    _refuse(study, found.source)
    source, made = found.source, found.made
    _, sheets = np.random.default_rng(study.seed).spawn(2)
    scored = [_score(source, one, "own", one.embeddings.ok, study, progress) for one in made]
    common = np.all([one.embeddings.ok for one in made], axis=0)
    if any((one.embeddings.ok != common).any() for one in made):
        scored += [_score(source, one, "common", common, study, progress) for one in made]
    return measure(
        scored,
        source.manifest,
        failures=study.failures,
        genuine_share=study.genuine_share,
        threshold_from=study.threshold_from,
        intervals=study.intervals,
        level=study.level,
        provenance=provenance(study, source, found.hashes),
        notice=study.notice,
        photos=source.photos,
        rng=sheets,
    )


def compare(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    *,
    pairs: Pairs | None = None,
    rows: np.ndarray | None = None,
    thresholds: Sequence[float] = (),
    workers: int | None = None,
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
    named = [*thresholds, *([] if spec.threshold is None else [spec.threshold])]
    if pairs is not None:
        return compare_pairs(
            embeddings.vectors,
            ok,
            pairs,
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
        executor=Threads(workers or available_workers()),
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
    pairs: Pairs | None = None,
    faces: FaceSpec = NO_FACES,
    common: np.ndarray | None = None,
    threshold_from: Sequence[ThresholdFrom] = (),
    failures: Failures = "excluded",
    intervals: bool = True,
    workers: int | None = None,
    device: str = "cpu",
    precision: str = "float32",
    progress: Progress = silent,
) -> Scored:
    """Return one model's comparisons as `measure` takes them, by subject too where `intervals` are wanted.

    `pairs`: the only comparisons to make, where they are listed; else every image is compared with every other.
    `faces`: how the faces were found, for the report. `common`: (N,) bool, the images that all models of a study
    could embed, if only those are to take part. `threshold_from`, `failures`: as `measure` will be asked. `device`,
    `precision`: where scores are computed, and how.
    """
    rows = embeddings.ok if common is None else common
    kept = Kept() if intervals else None
    tally = compare(
        embeddings, manifest, spec,
        pairs=pairs, rows=rows, workers=workers, device=device, precision=precision, kept=kept, progress=progress,
    )  # fmt: skip
    subjects = None
    if intervals:
        asked, _ = ask(tally, model=spec.name, shipped=spec.threshold, threshold_from=threshold_from)
        knots = wanted_knots(
            tally, list(asked.named.values()), fmrs=list(asked.chosen.values()),
            rejected=failures == "rejected" and common is None,
        )  # fmt: skip
        subjects = (
            pairs_by_subject(
                embeddings.vectors, manifest.subject_codes, rows, pairs, tally,
                knots=knots.closeness, tail=knots.wide_tail,
            )
            if pairs is not None
            else compare_subjects(
                embeddings.vectors, manifest.subject_codes, manifest.cohort_codes, rows, tally,
                knots=knots.closeness, tails=knots.tails, wide_tail=knots.wide_tail,
                executor=Threads(workers or available_workers()), progress=progress,
                kept=kept, device=device, precision=precision,
            )
        )  # fmt: skip
    accuracy = None
    if pairs is not None:
        scores = score_pairs(embeddings.vectors, pairs, spec.comparator)
        closeness = np.where(rows[pairs.a] & rows[pairs.b], scores, np.float32(np.nan))
        rejected = failures == "rejected" and common is None
        accuracy = fold_accuracy(closeness, pairs.same, pairs.fold, rejected=rejected)
    images = "own" if common is None else "common"
    return Scored(spec, faces, images, rows, embeddings, tally, subjects, accuracy, listed=pairs is not None)


def _refuse(study: Study, source: Source) -> None:
    """Refuse what cannot be answered before any image is embedded."""
    known = populations(source.manifest.cohorts)
    if not LEAST_LEVEL <= study.level < 1:
        raise InputError(f"level {study.level:g} is none: give a confidence from {LEAST_LEVEL:g} up to 1, e.g. 0.95")
    for wanted in study.threshold_from:
        if not 0 < wanted.fmr < 1:
            raise InputError(f"a threshold cannot be chosen at FMR {wanted.fmr:g}: give a rate between 0 and 1")
        if wanted.cohort not in known:
            raise InputError(
                f"there is no cohort {wanted.cohort!r} to choose a threshold on; there are: {', '.join(known)}"
            )


def _score(
    source: Source,
    one: Made,
    images: str,
    rows: np.ndarray,
    study: Study,
    progress: Progress,
) -> Scored:
    return score(
        one.embeddings,
        source.manifest,
        one.spec,
        pairs=source.pairs if isinstance(source, Images) else None,
        faces=one.faces,
        common=rows if images == "common" else None,
        threshold_from=study.threshold_from,
        failures=study.failures,
        intervals=study.intervals != "none",
        workers=study.workers,
        device=study.device,
        precision=study.precision,
        progress=progress,
    )
