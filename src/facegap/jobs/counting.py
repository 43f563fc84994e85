"""One model's comparisons, counted as `measure` takes them."""

from collections.abc import Sequence

import numpy as np

from facegap.data.across import sharing
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.tally import ScoreTally
from facegap.jobs.collected import NO_FACES, Made
from facegap.jobs.comparing import Compared, Where, compared, of_embeddings
from facegap.metrics import Failures, Scored, ThresholdFrom, ask, fold_accuracy, thresholds_to_evaluate
from facegap.metrics.registry import parse_metrics
from facegap.run.executor import Executor
from facegap.run.progress import Progress, silent
from facegap.scoring import Kept, ListedComparisons


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
