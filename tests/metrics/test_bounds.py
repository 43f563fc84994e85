"""Intervals in the tables of an evaluation: who gets one, and where it lies."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from facegap.data.comparator import Comparator
from facegap.metrics import Rates, ThresholdFrom, measure
from metrics.bounded import BOTH, RATES, assert_every_number_is_bounded, bounded, scored, study


@BOTH
def test_every_number_within_a_cohort_has_an_interval_around_it(comparator):
    embeddings, manifest, spec = study(comparator=comparator, failed=range(0, 300, 17))
    wanted = (ThresholdFrom("plain", 0.01),)
    one = scored(embeddings, manifest, spec, threshold_from=wanted)
    evaluation = measure([one], manifest, genuine_share=0.5, threshold_from=wanted)
    assert_every_number_is_bounded(evaluation)
    metrics = set(bounded(evaluation.metrics)["metric"])
    assert metrics == {*RATES, "auc", "pauc", "eer", "d_prime", "tar", "fta", "threshold"}
    assert {"best-f1, share=0.5", "plain@fmr=0.01", "shipped"} <= set(bounded(evaluation.metrics)["at"])
    assert evaluation.provenance["intervals"] == "jackknife"
    assert evaluation.provenance["level"] == "0.95"


@BOTH
def test_impostors_across_cohorts_have_intervals_too(comparator):
    embeddings, manifest, spec = study(comparator=comparator)
    evaluation = measure([scored(embeddings, manifest, spec)], manifest)
    across = evaluation.metrics.filter(pl.col("probe_cohort") != pl.col("gallery_cohort"))
    shipped = across.filter((pl.col("metric") == "fmr") & (pl.col("at") == "shipped"))
    assert shipped.height == 1
    assert shipped["low"].item() < shipped["value"].item() < shipped["high"].item()


def test_rejected_failures_keep_their_intervals():
    embeddings, manifest, spec = study(failed=range(0, 300, 11), noise=1.2)
    one = scored(embeddings, manifest, spec, failures="rejected")
    evaluation = measure([one], manifest, failures="rejected")
    assert_every_number_is_bounded(evaluation)
    assert {"tar", "eer", "pauc", "f1", "threshold"} <= set(bounded(evaluation.metrics)["metric"])


def test_a_subject_in_two_cohorts_is_no_obstacle():
    embeddings, manifest, spec = study()
    swapped = pl.when((pl.col("subject") < "s010") & (pl.int_range(pl.len()) % 2 == 0)).then(pl.lit("hard"))
    frame = manifest.frame.with_columns(swapped.otherwise(pl.col("cohort")).alias("cohort"))
    manifest = replace(manifest, frame=frame)
    evaluation = measure([scored(embeddings, manifest, spec)], manifest)
    assert_every_number_is_bounded(evaluation)
    across = evaluation.metrics.filter(pl.col("probe_cohort") != pl.col("gallery_cohort"))
    assert across.filter(pl.col("metric") == "genuine")["value"].item() > 0
    assert bounded(across.filter((pl.col("metric") == "fmr") & (pl.col("at") == "shipped"))).height == 1


def test_an_empty_cohort_has_no_number_and_no_interval():
    embeddings, manifest, spec = study()
    manifest = replace(manifest, cohorts=("plain", "hard", "nobody"))
    evaluation = measure([scored(embeddings, manifest, spec)], manifest)
    nobody = evaluation.metrics.filter((pl.col("probe_cohort") == "nobody") | (pl.col("gallery_cohort") == "nobody"))
    assert nobody.height > 0
    assert bounded(nobody).is_empty()
    assert_every_number_is_bounded(evaluation)


def test_without_intervals_there_are_none():
    embeddings, manifest, spec = study()
    one = scored(embeddings, manifest, spec)
    nothing = measure([one], manifest, intervals="none")
    unasked = measure([scored(embeddings, manifest, spec, intervals=False)], manifest)
    full = measure([one], manifest)
    for evaluation in (nothing, unasked):
        assert evaluation.metrics["low"].is_null().all()
        assert evaluation.metrics["high"].is_null().all()
        assert evaluation.bands.is_empty()
        assert evaluation.differences.is_empty()
        assert "threshold" not in set(evaluation.metrics["metric"])
    assert nothing.provenance["intervals"] == "none"
    keys = ["model", "images", "probe_cohort", "gallery_cohort", "metric", "at"]
    kept = full.metrics.filter(pl.col("metric") != "threshold")
    plain = ["threshold", "value", "n_comparisons", "n_errors", "n_subjects"]
    assert kept.select(*keys, *plain).equals(nothing.metrics.select(*keys, *plain)), "numbers do not move"


def test_a_higher_level_gives_wider_intervals():
    embeddings, manifest, spec = study()
    one = scored(embeddings, manifest, spec)
    narrow, wide = (bounded(measure([one], manifest, level=level).metrics) for level in (0.8, 0.99))
    assert narrow.height == wide.height
    assert (wide["low"] <= narrow["low"]).all()
    assert (wide["high"] >= narrow["high"]).all()
    assert (wide["high"] - wide["low"] > narrow["high"] - narrow["low"]).mean() > 0.95


@BOTH
def test_chosen_thresholds_have_intervals_in_the_native_unit(comparator):
    embeddings, manifest, spec = study(comparator=comparator)
    evaluation = measure([scored(embeddings, manifest, spec)], manifest)
    rows = evaluation.metrics.filter(pl.col("metric") == "threshold")
    for cohort in ("plain", "hard", "all"):
        found = rows.filter((pl.col("probe_cohort") == cohort) & (pl.col("gallery_cohort") == cohort))
        assert {"eer", "best-f1", "fmr=0.1", "fmr=0.01"} <= set(found["at"])
        for row in found.iter_rows(named=True):
            source = ("eer", "") if row["at"] == "eer" else ("f1", "best-f1")
            metric, at = ("tar", row["at"]) if row["at"].startswith("fmr=") else source
            assert row["threshold"] == evaluation.row(metric, model="m", cohort=cohort, at=at)["threshold"]
            assert row["value"] == row["threshold"]
            assert row["low"] <= row["value"] <= row["high"], (cohort, row["at"])
            assert row["low"] < row["high"]
            inside = (-1, 1) if comparator is Comparator.COSINE else (0, 2)
            assert inside[0] <= row["low"] < row["high"] <= inside[1]
    by_name = {row["at"]: row for row in rows.filter(pl.col("probe_cohort") == "all").iter_rows(named=True)}
    strict, loose = by_name["fmr=0.001"], by_name["fmr=0.1"]
    assert comparator.sign * strict["low"] > comparator.sign * loose["high"]


@BOTH
def test_intervals_along_a_curve_rise_and_fall_as_it_does(comparator):
    """At a stricter threshold no more is accepted: of two intervals neither bound lies on the wrong side."""
    embeddings, manifest, spec = study(comparator=comparator, subjects=20, images=3, noise=0.9)
    wanted = (ThresholdFrom("plain", 0.01), ThresholdFrom("plain", 0.1))
    one = scored(embeddings, manifest, spec, threshold_from=wanted)
    evaluation = measure([one], manifest, threshold_from=wanted)
    for cohort in ("plain", "hard", "all"):
        for metric, direction in (("fmr", -1), ("fnmr", 1), ("recall", -1)):
            rows = evaluation.metrics.filter(metric=metric, probe_cohort=cohort, gallery_cohort=cohort)
            bands = evaluation.bands.filter(curve=metric, probe_cohort=cohort, gallery_cohort=cohort)
            ends = pl.concat(
                [
                    rows.select("threshold", "low", "high"),
                    bands.select(pl.col("x").alias("threshold"), "low", "high"),
                ]
            ).drop_nulls()
            ends = ends.sort(comparator.sign * direction * pl.col("threshold"))
            assert ends.height > 20
            assert (ends["low"].diff().drop_nulls() >= 0).all()
            assert (ends["high"].diff().drop_nulls() >= 0).all()
        roc = evaluation.bands.filter(curve="roc", probe_cohort=cohort, gallery_cohort=cohort).sort("x")
        assert (roc["low"].diff().drop_nulls() >= 0).all()
        assert (roc["high"].diff().drop_nulls() >= 0).all()


@BOTH
def test_bands_lie_around_their_curves(comparator):
    embeddings, manifest, spec = study(comparator=comparator)
    one = scored(embeddings, manifest, spec)
    evaluation = measure([one], manifest)
    bands = evaluation.bands.filter(pl.col("probe_cohort") == pl.col("gallery_cohort"))
    assert set(bands["curve"]) == {"roc", *RATES}
    assert set(bands["probe_cohort"]) == {"plain", "hard", "all"}
    assert (bands["low"] <= bands["value"]).all()
    assert (bands["value"] <= bands["high"]).all()
    for cohort in ("plain", "hard", "all"):
        rates = Rates(one.tally.pooled() if cohort == "all" else one.tally.between(cohort, cohort))
        for row in bands.filter(pl.col("probe_cohort") == cohort).iter_rows(named=True):
            if row["curve"] == "roc":
                expected = rates.loosest_within(row["x"]).recall
            else:
                expected = getattr(rates.at(row["x"]), row["curve"])
            assert row["value"] == pytest.approx(expected, abs=1e-12), row
        swept = bands.filter((pl.col("probe_cohort") == cohort) & (pl.col("curve") == "fmr"))
        assert swept["x"].n_unique() == swept.height > 10
    at = {c: set(bands.filter(pl.col("probe_cohort") == c, curve="fmr")["x"]) for c in ("plain", "hard")}
    assert at["plain"] & at["hard"], "the same thresholds in every cohort"
    common = sorted(at["plain"] & at["hard"], key=lambda threshold: comparator.sign * threshold)
    pooled = Rates(one.tally.pooled())
    fmr = np.array([pooled.at(threshold).fmr for threshold in common])
    between = (fmr[1:] > 1e-3) & (fmr[:-1] < 0.5)
    assert between.sum() > 40
    assert (fmr[:-1] < 1.2 * fmr[1:])[between].all(), "from one to the next FMR falls by less than a fifth"
