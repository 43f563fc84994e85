"""Studies whose numbers have intervals, and who must have one."""

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.metrics import Scored

RATES = ("fmr", "fnmr", "accuracy", "precision", "recall", "f1")

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)

PER_SUBJECT = {"fmr_per_subject", "fnmr_per_subject"}

STANDS_ON = ("effective_subjects", "heaviest_share")

WITHOUT = {"images", "subjects", "genuine", "impostor", "genuine_share", "auc_bound", *STANDS_ON, *PER_SUBJECT}
"""Counts, numbers that are no estimate, and means that stand beside a rate with an interval."""


def study(
    *, comparator=Comparator.COSINE, subjects=60, images=5, cohorts=("plain", "hard"), failed=(), noise=1.0, seed=0
) -> tuple[Embeddings, Manifest, ModelSpec]:
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images)
    cohort = [cohorts[s * len(cohorts) // subjects] for s in subject]
    vectors = rng.normal(size=(subjects, 24))[subject] + noise * rng.normal(size=(len(subject), 24))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    vectors[list(failed)] = np.nan
    names = [f"s{s:03}" for s in subject]
    frame = pl.DataFrame({"path": [f"{i}.jpg" for i in range(len(subject))], "subject": names, "cohort": cohort})
    outcome = np.zeros(len(subject), np.uint8)
    outcome[list(failed)] = Outcome.NO_FACE
    embeddings = Embeddings(vectors, outcome, (None,) * len(subject), np.full((len(subject), 4), np.nan, np.float32))
    spec = ModelSpec("m", "python", "1", "whole", 8, 24, comparator, threshold=0.35 if comparator.sign > 0 else 1.1)
    return embeddings, Manifest(frame, cohorts, "study"), spec


def scored(embeddings, manifest, spec, **options) -> Scored:
    return facegap.score(embeddings, manifest, spec, workers=1, **options)


def bounded(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())


def assert_every_number_is_bounded(evaluation) -> None:
    rows = evaluation.metrics.filter(pl.col("value").is_not_null())
    wanted = rows.filter(~pl.col("metric").is_in(WITHOUT) & (pl.col("probe_cohort") == pl.col("gallery_cohort")))
    got = bounded(wanted)
    assert got.height == wanted.height, wanted.join(got, on=["metric", "at", "probe_cohort"], how="anti")
    assert (got["low"] <= got["value"]).all()
    assert (got["value"] <= got["high"]).all()
    assert (got["low"] < got["high"]).all()
    assert (got["method"] != "").all()
    assert rows.filter(pl.col("metric").is_in(WITHOUT))["low"].is_null().all()
    assert evaluation.metrics.filter(pl.col("value").is_null() & pl.col("low").is_not_null()).is_empty()
