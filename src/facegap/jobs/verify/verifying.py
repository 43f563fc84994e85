"""The decision a product makes: whether two images show the same person."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from facegap.data.containers import member_exists
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.data.statement import Statement
from facegap.errors import InputError, check_lists, nphrase
from facegap.faces import DEFAULT_FACES, FaceOptions
from facegap.jobs.embedding import embed_and_measure
from facegap.jobs.feeding import without_empty
from facegap.jobs.use import Use
from facegap.jobs.verify.evidence import Evidence, FalseMatch, ThresholdRate
from facegap.jobs.verify.unlike import Unlike, unlike
from facegap.measures import image_measures
from facegap.models import Model, ModelSource
from facegap.report.text.notices import notice_text
from facegap.run.executor import Executor
from facegap.run.places import is_file
from facegap.run.progress import Progress, silent
from facegap.store import EmbeddingStore

if TYPE_CHECKING:
    from facegap.jobs.calibrate import Calibration

VERSION = 1
"""Schema version of a `Verification` as `facegap verify --json` prints it."""


@dataclass(frozen=True)
class VerifiedImage:
    """One image and what became of it: `outcome` is `ok`, or says why there is no embedding.

    `detail`: a code that says more, or "". `detail_values`: the names and numbers of its sentence, if it has any.
    """

    path: str
    outcome: str
    detail: str = ""
    detail_values: dict[str, Any] | None = None

    @property
    def why(self) -> Statement | None:
        """What more there is to say, with its values."""
        return Statement(self.detail, tuple((self.detail_values or {}).items())) if self.detail else None


@dataclass(frozen=True)
class Threshold:
    """A threshold in the comparator's unit, and where it came from.

    `fmr`: the false match rate that it was chosen for on the cohort, None for the one that the model ships with.
    """

    value: float
    fmr: float | None


@dataclass(frozen=True)
class Comparison:
    """Two images and what is decided of them.

    `score`: in the comparator's unit, None where an image has no embedding. `same`: the decision, None where there is
    none. `false_match`: what the report says of such a score. `log10_lr`: how many times as probable the score is if
    both are one person as if they are two, as a base-10 logarithm; `lr_at_limit`: the ratio may be more extreme.
    """

    path_a: str
    path_b: str
    score: float | None
    same: bool | None = None
    false_match: FalseMatch | None = None
    log10_lr: float | None = None
    lr_at_limit: bool = False


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    `cohort`, `subjects`, `level`: of the report that was used: on whom, how many, and the confidence of its intervals;
    empty without one. `rates`: what the threshold does on that cohort, as far as the report says. `notice`: a
    sentence that must stand above the numbers, or "". `unlike`: in what photos are worse than nearly all of those that
    the report was made from, if that measured them.
    """

    model: str
    comparator: str
    unit: str
    photos: tuple[VerifiedImage, ...]
    threshold: Threshold | None
    comparisons: tuple[Comparison, ...]
    cohort: str = ""
    subjects: int = 0
    level: float | None = None
    rates: tuple[ThresholdRate, ...] = ()
    notice: str = ""
    unlike: tuple[Unlike, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the report calls no rate of the threshold unusable; if it does no decision is to be relied on."""
        return not any(rate.unusable for rate in self.rates)

    @property
    def all_same(self) -> bool:
        """Whether every pair was judged to be one person, be the threshold `usable` or not."""
        return all(one.same is True for one in self.comparisons)


def verify(
    images: Sequence[str | Path],
    model: ModelSource | Model,
    *,
    report: Evaluation | None = None,
    cohort: str | None = None,
    fmr: float | None = None,
    calibration: "Calibration | None" = None,
    faces: FaceOptions = DEFAULT_FACES,
    store: EmbeddingStore | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Verification:
    """Decide for each two of some images whether they show the same person.

    The threshold is the one that the model ships with, or, with `fmr`, the loosest one whose false match rate on the
    `cohort` of the `report` does not exceed it. With a report each score comes with the false match rate that it has
    there; with a `calibration` with its likelihood ratio. Nothing is kept of the images unless there is a `store`.
    A threshold that the report calls unusable on the cohort still decides: see `Verification.usable`.

    Raises:
        InputError: fewer than two images, a path without a file, or a report or calibration that does not fit.
        ModelError: the model cannot be used.
        StoreError: the store cannot be written.
    """
    check_lists(images=images)
    paths = _checked(images)
    if report is None and not (cohort is None and fmr is None):
        raise InputError("a cohort or a false match rate is looked up in a report: give one with --report")
    spec = model.spec
    use = Use.of(spec, faces.spec(spec.crop))
    evidence = None if report is None else Evidence.of(report, use, cohort)
    if calibration is not None and (difference := calibration.use.difference(use)):
        raise InputError(
            "the calibration is for {model} with {difference}: calibrate this model",
            model=calibration.use.model,
            difference=difference,
        )
    threshold = None if spec.threshold is None else Threshold(spec.threshold, None)
    if evidence is not None and fmr is not None:
        threshold = Threshold(evidence.threshold(fmr), fmr)
    frame = pl.DataFrame({"path": paths, "subject": paths, "cohort": ["images"] * len(paths)})
    manifest = Manifest(frame, ("images",), "images")
    measures = image_measures() if report is not None and report.explanation else ()
    (made,), values, _ = embed_and_measure(
        manifest, [model], measures,
        faces=faces, store=store, workers=workers, executor=executor, progress=progress,
    )  # fmt: skip
    embeddings = without_empty(made, spec)
    return Verification(
        model=spec.name,
        comparator=str(spec.comparator),
        unit=spec.comparator.unit,
        photos=_photos(paths, embeddings),
        threshold=threshold,
        comparisons=tuple(
            _compare(paths, embeddings, pair, spec, threshold, evidence, calibration)
            for pair in combinations(range(len(paths)), 2)
        ),
        cohort="" if evidence is None else evidence.cohort,
        subjects=0 if evidence is None else evidence.subjects,
        level=None if evidence is None else evidence.level,
        rates=() if evidence is None or threshold is None else evidence.rates(threshold.value),
        notice="" if report is None else notice_text(report),
        unlike=()
        if report is None or evidence is None
        else tuple(unlike(report, evidence.cohort, paths, measures, values)),
    )


def _checked(images: Sequence[str | Path]) -> list[str]:
    paths = list(dict.fromkeys(map(str, images)))
    for path in paths:
        if not (is_file(path) or member_exists(path)):
            raise InputError("{path} is no file: give the images to compare", path=path)
    if len(paths) < 2:
        raise InputError(
            "{images} to compare: give two or more different files",
            images=nphrase("{n} image", "{n} images", len(paths)),
        )
    return paths


def _photos(paths: Sequence[str], embeddings: Embeddings) -> tuple[VerifiedImage, ...]:
    found = zip(paths, embeddings.outcome.tolist(), embeddings.detail, strict=True)
    return tuple(
        VerifiedImage(path, Outcome(outcome).label, why.code if why else "", (why.values or None) if why else None)
        for path, outcome, why in found
    )


def _compare(
    paths: Sequence[str],
    embeddings: Embeddings,
    pair: tuple[int, int],
    spec: ModelSpec,
    threshold: Threshold | None,
    evidence: Evidence | None,
    calibration: "Calibration | None",
) -> Comparison:
    a, b = pair
    similarity = spec.comparator.similarity(embeddings.vectors[[a]], embeddings.vectors[[b]])[0]
    if np.isnan(similarity):
        return Comparison(paths[a], paths[b], None)
    score = spec.comparator.sign * float(similarity)
    log10_lr = None if calibration is None else calibration.of(score)
    return Comparison(
        paths[a],
        paths[b],
        score,
        same=None if threshold is None else bool(similarity >= spec.comparator.cut(threshold.value)),
        false_match=None if evidence is None else evidence.false_match(score),
        log10_lr=log10_lr,
        lr_at_limit=calibration is not None and log10_lr is not None and calibration.at_limit(log10_lr),
    )
