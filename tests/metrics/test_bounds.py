"""Intervals in the tables of an evaluation: who gets one, and where it lies."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import ModelSpec
from facegap.metrics import Rates, Scored, ThresholdFrom, measure
from facegap.report.text.methods import method_text

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
            bands = evaluation.bands.filter(curve=metric, probe_cohort=cohort)
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
        roc = evaluation.bands.filter(curve="roc", probe_cohort=cohort).sort("x")
        assert (roc["low"].diff().drop_nulls() >= 0).all()
        assert (roc["high"].diff().drop_nulls() >= 0).all()


@BOTH
def test_bands_lie_around_their_curves(comparator):
    embeddings, manifest, spec = study(comparator=comparator)
    one = scored(embeddings, manifest, spec)
    evaluation = measure([one], manifest)
    bands = evaluation.bands
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


def test_no_error_has_a_bound_from_the_number_of_subjects():
    embeddings, manifest, spec = study(noise=0.05)
    evaluation = measure([scored(embeddings, manifest, spec)], manifest)
    row = evaluation.row("fnmr", model="m", cohort="plain", at="shipped")
    assert (row["value"], row["low"], row["n_errors"]) == (0, 0, 0)
    assert row["high"] == pytest.approx(1 - 0.05 ** (1 / 30))
    assert method_text(row) == "no error seen: bound over subjects (30)"
    recall = evaluation.row("recall", model="m", cohort="plain", at="shipped")
    assert (recall["low"], recall["high"]) == (pytest.approx(1 - row["high"]), 1)
    for metric, end in (("auc", 1), ("eer", 0)):
        found = evaluation.row(metric, model="m", cohort="plain")
        assert found["value"] == pytest.approx(end)
        assert sorted((found["low"], found["high"]), key=lambda x: abs(x - end)) == pytest.approx(
            [end, abs(end - row["high"])]
        )


def singles(pairs: int, alone: int, cohorts=("c",), noise=0.05):
    """Return a study of subjects with two images each, and of subjects with one."""
    rng = np.random.default_rng(1)
    subject = np.r_[np.repeat(np.arange(pairs), 2), pairs + np.arange(alone)]
    people = rng.normal(size=(pairs + alone, 64))
    vectors = (people[subject] + noise * rng.normal(size=(len(subject), 64))).astype(np.float32)
    names = [f"s{s:03}" for s in subject]
    cohort = [cohorts[min(int(s >= pairs), len(cohorts) - 1)] for s in subject]
    frame = pl.DataFrame({"path": [f"{i}.jpg" for i in range(len(subject))], "subject": names, "cohort": cohort})
    n = len(subject)
    embeddings = Embeddings(vectors, np.zeros(n, np.uint8), (None,) * n, np.full((n, 4), np.nan, np.float32))
    spec = ModelSpec("m", "python", "1", "whole", 8, 64, Comparator.COSINE, threshold=0.8)
    return measure([scored(embeddings, Manifest(frame, cohorts, "s"), spec)], Manifest(frame, cohorts, "s"))


def test_each_kind_of_comparison_is_bounded_by_the_subjects_who_take_part_in_it():
    """Five people have two images, 195 have one: no genuine comparison failed, of five people; no impostor, of 200."""
    evaluation = singles(5, 195)
    tar = evaluation.row("tar", model="m", cohort="c", at="fmr=0.001")
    fnmr = evaluation.row("fnmr", model="m", cohort="c", at="shipped")
    fmr = evaluation.row("fmr", model="m", cohort="c", at="shipped")
    assert (tar["value"], fnmr["value"], fmr["value"]) == (1, 0, 0)
    assert (tar["low"], tar["high"]) == (pytest.approx(0.05 ** (1 / 5)), 1)
    assert fnmr["high"] == pytest.approx(1 - 0.05 ** (1 / 5))
    assert fmr["high"] <= 1 - 0.05 ** (1 / 200)  # or less, by what is known of looser thresholds
    assert evaluation.row("auc", model="m", cohort="c")["low"] == pytest.approx(0.05 ** (1 / 5))


def test_between_two_cohorts_a_rate_of_nothing_is_bounded_by_the_smaller_one():
    evaluation = singles(20, 60, ("few", "many"))
    row = evaluation.metrics.filter(metric="fmr", at="shipped", probe_cohort="few", gallery_cohort="many")
    assert row["value"].item() == 0
    assert row["high"].item() == pytest.approx(1 - 0.05 ** (1 / 20))


def test_a_precision_without_a_false_match_is_not_bounded_as_a_rate_is():
    """At most 1.5 % of impostor comparisons may be accepted, and there are ten thousand of them."""
    evaluation = singles(5, 195)
    fmr = evaluation.row("fmr", model="m", cohort="c", at="shipped")
    precision, f1 = (evaluation.row(metric, model="m", cohort="c", at="shipped") for metric in ("precision", "f1"))
    impostor = evaluation.value("impostor", model="m", cohort="c")
    assert (precision["value"], precision["high"]) == (1, 1)
    assert precision["low"] <= 5 / (5 + fmr["high"] * impostor) + 1e-9
    assert f1["low"] < precision["low"] + 0.05


@pytest.mark.parametrize("errors", [0, 1])
def test_an_equal_error_rate_of_few_errors_is_no_surer_than_they_are(errors):
    embeddings, manifest, spec = study(noise=0.3, subjects=40, images=3, cohorts=("c",))
    if errors:
        vectors = embeddings.vectors.copy()
        vectors[0] = vectors[60]
        embeddings = replace(embeddings, vectors=vectors)
    row = measure([scored(embeddings, manifest, spec)], manifest).row("eer", model="m", cohort="c")
    assert row["high"] > 0.01
    assert row["high"] > 3 * row["value"]


def test_two_subjects_are_too_few_for_any_interval():
    embeddings, manifest, spec = study(subjects=2, images=10, cohorts=("c",), noise=2.0)
    evaluation = measure([scored(embeddings, manifest, spec)], manifest)
    rows = evaluation.metrics.filter(pl.col("metric").is_in([*RATES, "auc", "eer", "tar", "d_prime"]))
    assert rows.height > 10
    assert rows["low"].is_null().all()
    assert rows["high"].is_null().all()
    said = rows.filter(pl.col("value").is_not_null())["method"]
    assert (said == "too_few_subjects").all()


@pytest.mark.parametrize("noise", [0.2, 0.0])
def test_a_threshold_is_never_said_to_be_certain(noise):
    """Without overlap, or with the same score for everybody, nothing tells where the rates are equal."""
    embeddings, manifest, spec = study(subjects=20, images=3, cohorts=("c",), noise=noise)
    if noise == 0:
        embeddings = replace(embeddings, vectors=np.ones_like(embeddings.vectors))
    metrics = measure([scored(embeddings, manifest, spec)], manifest).metrics
    for row in metrics.filter(metric="threshold").iter_rows(named=True):
        if row["low"] is not None or row["high"] is not None:
            assert row["low"] <= row["value"] <= row["high"], row["at"]
            assert row["low"] < row["high"], row["at"]


def test_failures_to_acquire_have_their_subjects_as_clusters():
    """With subjects that fail wholly or not at all, the images of a subject add nothing."""
    whole = [i for s in range(0, 60, 4) for i in range(5 * s, 5 * s + 5)]
    spread = [5 * s + s % 5 for s in range(60)] + [5 * s + (s + 1) % 5 for s in range(0, 60, 4)]
    widths = {}
    for name, failed in (("whole", whole), ("spread", spread)):
        embeddings, manifest, spec = study(failed=failed)
        row = measure([scored(embeddings, manifest, spec)], manifest).row("fta", model="m", cohort="all")
        assert row["value"] == 0.25
        assert row["low"] < 0.25 < row["high"]
        widths[name] = row["high"] - row["low"]
    assert widths["whole"] == pytest.approx(2 * 2.0 * np.sqrt(0.25 * 0.75 / 59), rel=0.1)
    assert widths["spread"] < widths["whole"] / 2


def test_a_list_of_pairs_has_intervals_too():
    embeddings, manifest, spec = study(subjects=80, cohorts=("list",))
    rng = np.random.default_rng(1)
    subject = manifest.subject_codes
    a, b = np.triu_indices(len(subject), 1)
    same = subject[a] == subject[b]
    chosen = np.r_[rng.permutation(np.flatnonzero(same))[:300], rng.permutation(np.flatnonzero(~same))[:2000]]
    pairs = Pairs(a[chosen], b[chosen], same[chosen], np.arange(len(chosen)) % 10)
    evaluation = measure([scored(embeddings, manifest, spec, pairs=pairs)], manifest)
    for metric, at in (("auc", ""), ("eer", ""), ("fmr", "shipped"), ("fnmr", "shipped"), ("f1", "best-f1")):
        row = evaluation.row(metric, model="m", cohort="list", at=at)
        assert row["low"] < row["value"] < row["high"], metric


def test_what_is_peculiar_to_pairs_of_subjects_is_never_lost():
    """Where every subject has the same false matches, only pairs of subjects vary: as FMR over independent pairs."""
    n = 40
    vectors = np.zeros((n, n // 2), np.float32)
    vectors[np.arange(n), np.arange(n) // 2] = 1
    subjects = [f"s{s:02}" for s in range(n)]
    frame = pl.DataFrame({"path": subjects, "subject": subjects, "cohort": ["c"] * n})
    embeddings = Embeddings(vectors, np.zeros(n, np.uint8), (None,) * n, np.full((n, 4), np.nan, np.float32))
    spec = ModelSpec("m", "python", "1", "whole", 8, n // 2, Comparator.COSINE, threshold=0.5)
    manifest = Manifest(frame, ("c",), "twins")
    evaluation = measure([scored(embeddings, manifest, spec)], manifest)
    row = evaluation.row("fmr", model="m", cohort="c", at="shipped")
    p, pairs = (n // 2) / (n * (n - 1) / 2), n * (n - 1) / 2
    assert row["value"] == pytest.approx(p)
    assert row["low"] is not None, "each of 20 pairs of look-alikes is a false match: that is no certainty"
    assert row["high"] - row["low"] >= 2 * 1.96 * np.sqrt(p * (1 - p) / pairs) * 0.9


@pytest.mark.parametrize("fmr", [0.02, 0.0033, 0.5])
def test_a_threshold_may_be_chosen_at_any_rate(fmr):
    embeddings, manifest, spec = study()
    wanted = (ThresholdFrom("plain", fmr),)
    one = scored(embeddings, manifest, spec, threshold_from=wanted)
    evaluation = measure([one], manifest, threshold_from=wanted)
    prices = evaluation.prices.filter(at=f"plain@fmr={fmr:g}")
    assert set(prices["cohort"]) == {"plain", "hard"}
    assert prices["price"].is_not_null().all()


def test_scores_that_all_tie_at_the_closest_resolve_no_rate():
    embeddings, manifest, spec = study(comparator=Comparator.EUCLIDEAN, subjects=30, images=4, cohorts=("c",))
    same = replace(embeddings, vectors=np.ones_like(embeddings.vectors))
    evaluation = measure([scored(same, manifest, spec)], manifest)
    for at in ("fmr=0.1", "fmr=0.01"):
        row = evaluation.row("tar", model="m", cohort="c", at=at)
        assert row["value"] is None
        assert "as close as scores can be" in method_text(row)
    eer = evaluation.row("eer", model="m", cohort="c")
    assert eer["value"] == 0.5
    assert "no error seen" not in method_text(eer)


def test_a_cohort_of_failures_that_count_as_rejected_has_no_score_to_measure():
    embeddings, manifest, spec = study(failed=range(150))
    one = scored(embeddings, manifest, spec, failures="rejected")
    evaluation = measure([one], manifest, failures="rejected")
    assert evaluation.row("auc", model="m", cohort="plain")["value"] is None
    assert evaluation.row("auc", model="m", cohort="hard")["value"] is not None
