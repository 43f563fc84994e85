"""The bootstrap over subjects: it is repeatable, and says what the influences say."""

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.comparator import Comparator
from facegap.embeddings import Embeddings
from facegap.manifest import Manifest
from facegap.metrics import measure
from facegap.metrics.bootstrap import Replicates
from facegap.metrics.estimate import Estimate
from facegap.spec import ModelSpec


def study(subjects=80, images=5, seed=0):
    """Return a manifest of two cohorts and two models that mostly agree, over more images than a block holds."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images)
    centre, own = rng.normal(size=(subjects, 24))[subject], rng.normal(size=(len(subject), 24))
    frame = pl.DataFrame(
        {
            "path": [f"{i}.jpg" for i in range(len(subject))],
            "subject": [f"s{s:03}" for s in subject],
            "cohort": ["plain" if s < subjects // 2 else "hard" for s in subject],
        }
    )
    models = []
    for name, noise in (("one", 1.1), ("two", 1.3)):
        vectors = (centre + noise * own + 0.3 * rng.normal(size=own.shape)).astype(np.float32)
        outcome, box = np.zeros(len(subject), np.uint8), np.full((len(subject), 4), np.nan, np.float32)
        spec = ModelSpec(name, "python", "1", "whole", 8, 24, Comparator.COSINE, threshold=0.35)
        models.append((Embeddings(vectors, outcome, ("",) * len(subject), box), spec))
    return Manifest(frame, ("plain", "hard"), "study"), models


def evaluation_of(manifest, models, *, workers=1, seed=0, **options):
    scored = [facegap.score(embeddings, manifest, spec, workers=workers) for embeddings, spec in models]
    return measure(scored, manifest, rng=np.random.default_rng(seed), **options)


@pytest.mark.parametrize("intervals", ["influence", "bootstrap"])
def test_the_same_seed_gives_the_same_bytes_whatever_the_workers(intervals):
    manifest, models = study()
    first = evaluation_of(manifest, models, workers=1, intervals=intervals).to_json()
    assert evaluation_of(manifest, models, workers=2, intervals=intervals).to_json() == first


def test_another_seed_moves_bootstrap_intervals_a_little_and_no_value():
    manifest, models = study()
    one, two = (evaluation_of(manifest, models, intervals="bootstrap", seed=seed).metrics for seed in (1, 2))
    assert one["value"].equals(two["value"])
    assert not one["low"].equals(two["low"])
    auc = [frame.filter(pl.col("metric") == "auc", pl.col("low").is_not_null()) for frame in (one, two)]
    width = auc[0]["high"] - auc[0]["low"]
    assert ((auc[0]["low"] - auc[1]["low"]).abs() < 0.2 * width).all()


def test_bootstrap_intervals_lie_near_those_from_influences():
    manifest, models = study()
    scored = [facegap.score(embeddings, manifest, spec, workers=1) for embeddings, spec in models]
    frames = [measure(scored, manifest, intervals=way).metrics for way in ("influence", "bootstrap")]
    metrics = ["auc", "eer", "tar", "fmr", "fnmr", "accuracy", "f1", "d_prime"]
    named = pl.col("metric").is_in(metrics) & pl.col("low").is_not_null()
    named &= (pl.col("probe_cohort") == pl.col("gallery_cohort")) & (pl.col("n_errors").fill_null(99) >= 30)
    influence, bootstrap = (frame.filter(named) for frame in frames)
    assert influence.height == bootstrap.height > 60
    width = influence["high"] - influence["low"]
    off = pl.DataFrame({side: ((influence[side] - bootstrap[side]).abs() / width) for side in ("low", "high")})
    assert off["low"].median() < 0.1
    assert off["high"].median() < 0.1
    assert off.max_horizontal().quantile(0.9) < 0.3
    assert set(bootstrap["method"]) == {"bootstrap over subjects"}


def test_subjects_are_drawn_with_replacement():
    weights = Replicates.draw(50, np.random.default_rng(0), replicates=400).weights
    assert weights.shape == (400, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert weights.mean() == 1
    assert weights.var() == pytest.approx(1 - 1 / 50, rel=0.05)


def test_moves_have_the_spread_of_the_influences():
    rng = np.random.default_rng(1)
    influence = rng.normal(size=200)
    influence = (influence - influence.mean()) / 1000
    subject = np.arange(0, 400, 2)
    estimate = Estimate(0.4, subject, influence)
    moves = Replicates.draw(400, rng).moves(estimate)
    assert moves.shape == (2000,)
    assert moves.mean() == pytest.approx(0, abs=4 * estimate.se / np.sqrt(2000))
    assert moves.std() == pytest.approx(estimate.se, rel=0.06)


def test_the_interval_of_even_influences_is_that_of_the_normal_law():
    rng = np.random.default_rng(2)
    influence = rng.normal(size=300)
    influence = (influence - influence.mean()) / 3000
    estimate = Estimate(0.5, np.arange(300), influence, scale="plain")
    low, high = Replicates.draw(300, rng).interval(estimate, 0.95)
    assert (low, high) == pytest.approx((0.5 - 1.97 * estimate.se, 0.5 + 1.97 * estimate.se), abs=0.25 * estimate.se)


def test_skewed_influences_lengthen_the_side_they_should():
    """A few subjects carry the errors: another draw may hold more of them, so the truth may well be higher."""
    rng = np.random.default_rng(3)
    influence = rng.standard_gamma(0.3, 150)
    influence = (influence - influence.mean()) / 1500
    estimate = Estimate(0.5, np.arange(150), influence, scale="plain")
    low, high = Replicates.draw(150, rng).interval(estimate, 0.95)
    assert high - 0.5 > 1.2 * (0.5 - low)
