"""Intervals where few subjects, few errors or none show a number."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import ModelSpec
from facegap.metrics import ThresholdFrom, measure
from facegap.report.text.methods import method_text
from metrics.bounded import RATES, scored, study


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
    assert 0 < row["high"].item() <= 1 - 0.05 ** (1 / 20)  # or less, by what is known of looser thresholds


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
