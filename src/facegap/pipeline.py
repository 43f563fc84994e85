"""The main job: read, embed, compare, measure."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from facegap.comparator import Comparator
from facegap.datasets import content_findings, read
from facegap.embedding import embed, hash_images
from facegap.embeddings import Embeddings, Outcome
from facegap.errors import InputError
from facegap.evaluation import Evaluation, populations
from facegap.executor import Threads, available_workers
from facegap.faces import face_spec
from facegap.manifest import Manifest
from facegap.metrics import Failures, Knots, Scored, ThresholdFrom, ask, fold_accuracy, measure, wanted_knots
from facegap.models import Model, ModelSource, parse_model
from facegap.progress import Progress, silent
from facegap.provenance import provenance
from facegap.scoring import compare_all, compare_pairs, compare_subjects, pairs_by_subject, score_pairs
from facegap.spec import FaceSpec, ModelSpec
from facegap.store import EmbeddingStore, default_root
from facegap.study import Study
from facegap.subject_tally import SubjectTally
from facegap.tally import ScoreTally

NO_FACES = FaceSpec("none", "")
"""No face is looked for: the images, or embeddings, are taken as they are."""


def _mute(line: str) -> None:
    """Say nothing: the default."""


def evaluate(study: Study, *, progress: Progress = silent, say: Callable[[str], None] = _mute) -> Evaluation:
    """Run a study from its inputs to its numbers.

    `progress` and `say` are told what is going on, in steps and in lines.

    Raises:
        InputError: the inputs or the question cannot be used.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    started = time.monotonic()
    draw, sheets = np.random.default_rng(study.seed).spawn(2)
    models = [parse_model(model) if isinstance(model, str) else model for model in study.models]
    manifest = read(
        study.inputs, layout=study.layout, cohort_by=study.cohort_by, images=study.images, sample=study.sample, rng=draw
    )
    for line in (*(s.summary for s in manifest.sources), *(m.note for m in models if m.note)):
        say(line)
    _check(study, manifest, models)
    if manifest.vectors is None:
        hashes = hash_images(manifest.paths, workers=study.workers, progress=progress)
        manifest = manifest.with_findings(*content_findings(manifest, hashes))
        made = [(m.spec, *_embed(study, manifest, m, hashes, progress, say)) for m in models]
    else:
        hashes, made = [], [_saved(manifest, manifest.vectors, study.comparator)]
    scored = [_score(manifest, *one, "own", one[2].ok, study, progress) for one in made]
    common = np.all([one[2].ok for one in made], axis=0)
    if any((one[2].ok != common).any() for one in made):
        scored += [_score(manifest, *one, "common", common, study, progress) for one in made]
    evaluation = measure(
        scored,
        manifest,
        failures=study.failures,
        genuine_share=study.genuine_share,
        threshold_from=study.threshold_from,
        intervals=study.intervals,
        level=study.level,
        provenance=provenance(study, manifest, hashes),
        notice=study.notice,
        rng=sheets,
    )
    return evaluation.timed(time.monotonic() - started)


def compare(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    *,
    rows: np.ndarray | None = None,
    thresholds: Sequence[float] = (),
    workers: int | None = None,
    progress: Progress = silent,
) -> ScoreTally:
    """Compare every pair of images, or the pairs the manifest lists, with the model's comparator.

    `rows` (N,) bool: the images that take part, by default all that have an embedding. `thresholds`: native ones to
    be counted exactly, besides the shipped one and the usual sweep.
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
        executor=Threads(workers or available_workers()),
        progress=progress,
    )


def score(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    *,
    faces: FaceSpec = NO_FACES,
    common: np.ndarray | None = None,
    threshold_from: Sequence[ThresholdFrom] = (),
    failures: Failures = "excluded",
    intervals: bool = True,
    workers: int | None = None,
    progress: Progress = silent,
) -> Scored:
    """Return one model's comparisons as `measure` takes them, by subject too where `intervals` are wanted.

    `faces`: how the faces were found, for the report. `common`: (N,) bool, the images that all models of a study
    could embed, if only those are to take part. `threshold_from`, `failures`: as `measure` will be asked.
    """
    rows = embeddings.ok if common is None else common
    tally = compare(embeddings, manifest, spec, rows=rows, workers=workers, progress=progress)
    subjects = None
    if intervals:
        asked, _ = ask(tally, model=spec.name, shipped=spec.threshold, threshold_from=threshold_from)
        knots = wanted_knots(tally, list(asked.named.values()), rejected=failures == "rejected" and common is None)
        subjects = _by_subject(embeddings, manifest, tally, rows, knots, workers, progress)
    accuracy = None
    if manifest.pairs is not None and manifest.pairs.folds > 1:
        made = rows[manifest.pairs.a] & rows[manifest.pairs.b]
        closeness = score_pairs(embeddings.vectors, manifest.pairs, spec.comparator)
        if made.any():
            accuracy = fold_accuracy(closeness[made], manifest.pairs.same[made], manifest.pairs.fold[made])
    images = "own" if common is None else "common"
    return Scored(spec, faces, images, rows, embeddings, tally, subjects, accuracy)


def _by_subject(
    embeddings: Embeddings,
    manifest: Manifest,
    tally: ScoreTally,
    rows: np.ndarray,
    knots: Knots,
    workers: int | None,
    progress: Progress,
) -> SubjectTally:
    vectors, subject = embeddings.vectors, manifest.subject_codes
    if manifest.pairs is not None:
        return pairs_by_subject(
            vectors, subject, rows, manifest.pairs, tally, knots=knots.closeness, tail=knots.wide_tail
        )
    return compare_subjects(
        vectors,
        subject,
        manifest.cohort_codes,
        rows,
        tally,
        knots=knots.closeness,
        tails=knots.tails,
        wide_tail=knots.wide_tail,
        executor=Threads(workers or available_workers()),
        progress=progress,
    )


def _check(study: Study, manifest: Manifest, models: Sequence[ModelSource | Model]) -> None:
    """Refuse what cannot be answered before any work is done."""
    if manifest.vectors is None and not models:
        raise InputError("no model was named: give at least one with --model, e.g. --model dlib")
    if manifest.vectors is not None and models:
        raise InputError("saved embeddings need no model: leave --model out, or give a folder of images")
    names = [model.spec.name for model in models]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"two models are called {repeated[0]!r}: name them apart, e.g. --model new=FILE.onnx")
    known = populations(manifest.cohorts)
    for wanted in study.threshold_from:
        if wanted.cohort not in known:
            raise InputError(
                f"there is no cohort {wanted.cohort!r} to choose a threshold on; there are: {', '.join(known)}"
            )


def _embed(
    study: Study,
    manifest: Manifest,
    model: ModelSource | Model,
    hashes: Sequence[str],
    progress: Progress,
    say: Callable[[str], None],
) -> tuple[FaceSpec, Embeddings]:
    store = EmbeddingStore(study.store or default_root())
    embeddings = embed(
        manifest, model, faces=study.faces, store=store, hashes=hashes, workers=study.workers, progress=progress
    )
    say(f"{model.spec.name}: {embeddings.found} of {len(manifest)} embeddings found in the store {store.root}")
    return face_spec(model.spec.crop, detector=study.faces.detector, rule=study.faces.rule), embeddings


def _saved(manifest: Manifest, vectors: np.ndarray, comparator: Comparator) -> tuple[ModelSpec, FaceSpec, Embeddings]:
    """Treat embeddings that were read from a file like those of a model."""
    finite = np.all(np.isfinite(vectors), axis=1).astype(bool)
    outcome = np.where(finite, Outcome.OK, Outcome.MODEL_FAILED).astype(np.uint8)
    detail = tuple("" if good else "the embedding holds values that are not finite" for good in finite)
    embeddings = Embeddings(vectors, outcome, detail, np.full((len(vectors), 4), np.nan, np.float32))
    spec = ModelSpec("saved embeddings", "saved", "", "", 0, vectors.shape[1], comparator)
    return spec, NO_FACES, embeddings


def _score(
    manifest: Manifest,
    spec: ModelSpec,
    faces: FaceSpec,
    embeddings: Embeddings,
    images: str,
    rows: np.ndarray,
    study: Study,
    progress: Progress,
) -> Scored:
    return score(
        embeddings,
        manifest,
        spec,
        faces=faces,
        common=rows if images == "common" else None,
        threshold_from=study.threshold_from,
        failures=study.failures,
        intervals=study.intervals != "none",
        workers=study.workers,
        progress=progress,
    )
