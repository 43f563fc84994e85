"""The tables of an evaluation, from small studies whose numbers can be counted by hand."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.evaluation_tables import TABLES
from facegap.data.failure import FailureCode
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.statement import Statement, cell_of
from facegap.metrics import Rates, Scored, ThresholdFrom, fold_accuracy, measure
from facegap.report.text.findings import shown_findings
from facegap.report.text.methods import method_text
from facegap.scoring import ListedComparisons, blocks_of_pairs, compare_all, score_pairs

FACES = FaceSpec("none", "")


def spec_of(name="m", comparator=Comparator.COSINE, threshold=0.5):
    return ModelSpec(name, "python", "1", "whole", 8, 16, comparator, threshold=threshold)


def study(subjects=40, images=4, cohorts=("plain", "hard"), failed=(), seed=0, spec=None):
    spec = spec or spec_of()
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images)
    cohort = subject * len(cohorts) // subjects
    vectors = (rng.normal(size=(subjects, 16))[subject] + 0.6 * rng.normal(size=(len(subject), 16))).astype(np.float32)
    frame = pl.DataFrame(
        {
            "path": [f"{i}.jpg" for i in range(len(subject))],
            "subject": [f"s{s:03}" for s in subject],
            "cohort": [cohorts[c] for c in cohort],
        }
    )
    manifest = Manifest(frame, cohorts, "study")
    outcome = np.zeros(len(subject), np.uint8)
    outcome[list(failed)] = Outcome.NO_FACE
    vectors[list(failed)] = np.nan
    detail = tuple(Statement.of(FailureCode.NO_BOX) if o else None for o in outcome)
    embeddings = Embeddings(vectors, outcome, detail, np.full((len(subject), 4), np.nan, np.float32))
    tally = compare_all(
        vectors, manifest.subject_codes, manifest.cohort_codes, embeddings.ok,
        comparator=spec.comparator, cohorts=cohorts, thresholds=[spec.threshold],
    )  # fmt: skip
    return Scored(spec, FACES, "own", embeddings.ok, embeddings, tally), manifest


def test_tables_have_their_fixed_columns_and_count_every_comparison():
    scored, manifest = study(failed=(3, 7, 8))
    evaluation = measure([scored], manifest)
    for name, schema in TABLES.items():
        assert getattr(evaluation, name).schema == schema, name
    assert evaluation.value("images", model="m", cohort="plain") == 80
    assert evaluation.value("fta", model="m", cohort="plain") == pytest.approx(3 / 80)
    assert evaluation.value("fta", model="m", cohort="hard") == 0
    assert evaluation.value("genuine", model="m", cohort="hard") == 20 * 6
    assert evaluation.value("impostor", model="m", cohort="all") == 157 * 156 / 2 - (40 * 6 - 3 * 3)
    assert evaluation.failures["path"].to_list() == ["3.jpg", "7.jpg", "8.jpg"]
    assert evaluation.cohorts["cohort"].to_list() == ["plain", "hard", "all"]
    across = evaluation.metrics.filter((pl.col("probe_cohort") == "plain") & (pl.col("gallery_cohort") == "hard"))
    assert across.filter(pl.col("metric") == "genuine")["value"].item() == 0
    assert across.filter(pl.col("metric") == "auc")["value"].item() is None
    assert across.filter(pl.col("metric") == "auc")["method"].item() == "no_genuine_comparison"


def test_a_rate_with_too_few_expected_false_matches_is_not_a_number():
    scored, manifest = study()
    evaluation = measure([scored], manifest)
    row = evaluation.row("tar", model="m", cohort="plain", at="fmr=0.001")
    assert row["value"] is None
    assert "not resolvable: 3.04 false matches expected" in method_text(row)
    row = evaluation.row("tar", model="m", cohort="plain", at="fmr=0.01")
    assert row["value"] > 0
    assert row["n_errors"] / 3040 <= 0.01


def test_failures_rejected_count_against_the_model():
    scored, manifest = study(failed=(0, 1, 2))
    excluded = measure([scored], manifest)
    rejected = measure([scored], manifest, failures="rejected")
    at = {"model": "m", "cohort": "plain", "at": "shipped"}
    row, before = rejected.row("fnmr", **at), excluded.row("fnmr", **at)
    assert row["n_comparisons"] == 20 * 6
    assert row["n_errors"] == before["n_errors"] + 6
    assert method_text(row) == "failures rejected"
    assert rejected.value("fmr", **at) < excluded.value("fmr", **at)
    assert rejected.value("auc", model="m", cohort="plain") < excluded.value("auc", model="m", cohort="plain")
    assert rejected.value("d_prime", model="m", cohort="plain") == excluded.value("d_prime", model="m", cohort="plain")


def test_rejected_failures_of_one_model_do_not_count_against_another_on_the_common_images():
    own, manifest = study(failed=(0, 1, 2))
    common = replace(own, images="common")
    excluded, rejected = (measure([own, common], manifest, failures=f) for f in ("excluded", "rejected"))
    at = {"model": "m", "cohort": "plain", "at": "shipped", "images": "common"}
    assert rejected.row("fnmr", **at) == excluded.row("fnmr", **at)
    assert rejected.row("fnmr", **at)["n_comparisons"] < 20 * 6
    assert "counts as rejected" in rejected.notice
    assert not excluded.notice


def test_a_threshold_chosen_on_one_cohort_is_judged_on_the_other():
    scored, manifest = study()
    wanted = (ThresholdFrom("plain", 0.01), ThresholdFrom("plain", 1e-5))
    evaluation = measure([scored], manifest, threshold_from=wanted)
    home = evaluation.row("fmr", model="m", cohort="plain", at="plain@fmr=0.01")
    away = evaluation.row("fmr", model="m", cohort="hard", at="plain@fmr=0.01")
    assert home["value"] <= 0.01
    assert home["threshold"] == away["threshold"]
    assert evaluation.row("fmr", model="m", cohort="hard", at="plain@fmr=1e-05") is None
    (unresolved,) = [one.text for one in shown_findings(evaluation) if one.kind == "not-resolvable"]
    assert "too few" in unresolved


def test_curves_run_from_corner_to_corner_and_histograms_hold_every_score():
    for comparator in OF_EMBEDDINGS:
        scored, manifest = study(spec=spec_of(comparator=comparator, threshold=0.6))
        evaluation = measure([scored], manifest)
        roc = evaluation.roc.filter(pl.col("probe_cohort") == "all")
        assert roc["fmr"].is_sorted()
        assert (roc["fmr"][0], roc["fnmr"][-1], roc["fmr"][-1]) == (0, 0, 1)
        bars = evaluation.histogram.filter(pl.col("probe_cohort") == "all")
        assert bars["genuine"].sum() == evaluation.value("genuine", model="m", cohort="all")
        assert bars["impostor"].sum() == evaluation.value("impostor", model="m", cohort="all")
        assert (bars["left"] < bars["right"]).all()
        sweep = evaluation.sweep.filter(pl.col("probe_cohort") == "all")
        row = sweep.filter(pl.col("threshold") == 0.6)
        assert row["fmr"].item() == evaluation.value("fmr", model="m", cohort="all", at="shipped")


def test_f1_at_a_named_share_of_genuine_comparisons():
    scored, manifest = study()
    evaluation = measure([scored], manifest, genuine_share=0.5)
    best = evaluation.row("f1", model="m", cohort="all", at="best-f1")
    shared = evaluation.row("f1", model="m", cohort="all", at="best-f1, share=0.5")
    assert shared["threshold"] == best["threshold"]
    assert shared["value"] > best["value"], "with more genuine comparisons F1 is higher at the same rates"


def test_the_evaluation_round_trips(tmp_path):
    scored, manifest = study(failed=(3,))
    evaluation = measure([scored], manifest, provenance={"seed": "0"})
    again = type(evaluation).from_json(evaluation.to_json())
    assert again.to_json() == evaluation.to_json()
    assert again.metrics.equals(evaluation.metrics)
    evaluation.to_parquet(tmp_path / "e.parquet")
    assert type(evaluation).from_parquet(tmp_path / "e.parquet").to_json() == evaluation.to_json()


def test_people_who_never_vary_are_told_apart_perfectly_and_have_no_d_prime():
    scored, manifest = study()
    same = np.eye(40, dtype=np.float32)[manifest.subject_codes]
    tally = compare_all(
        same, manifest.subject_codes, manifest.cohort_codes, scored.rows,
        comparator=Comparator.EUCLIDEAN, cohorts=manifest.cohorts,
    )  # fmt: skip
    evaluation = measure([replace(scored, tally=tally)], manifest)
    for cohort in ("plain", "hard", "all"):
        assert evaluation.value("auc", model="m", cohort=cohort) == 1
        assert evaluation.value("pauc", model="m", cohort=cohort, at="fmr=0.01") == 1
        row = evaluation.row("d_prime", model="m", cohort=cohort)
        assert row is not None
        assert (row["value"], row["method"]) == (None, "scores_without_spread")


def listed(n=200, folds=10, seed=0):
    rng = np.random.default_rng(seed)
    pairs = Pairs(np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2), rng.random(n) < 0.5, np.arange(n) * folds // n)
    vectors = rng.normal(size=(2 * n, 16)).astype(np.float32)
    vectors[pairs.b[pairs.same]] = vectors[pairs.a[pairs.same]] + 0.9 * rng.normal(size=(pairs.same.sum(), 16))
    return vectors, pairs


@pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
def test_listed_pairs_alone_are_compared(comparator):
    vectors, pairs = listed()
    ok = np.ones(len(vectors), bool)
    ok[4] = False
    blocks, codes = blocks_of_pairs(vectors, ok, pairs, comparator), np.zeros(len(vectors), np.int32)
    tally = ListedComparisons(blocks, comparator, codes, codes, ("list",)).count([0.6])
    counts = tally.pooled()
    assert counts.n_genuine + counts.n_impostor == 199
    assert counts.failed_genuine + counts.failed_impostor == 1
    similarity = score_pairs(vectors, pairs, comparator)[ok[pairs.a]]
    accepted = similarity >= comparator.cut(0.6)
    point = Rates(counts).at(0.6)
    assert point.true_matches == (accepted & pairs.same[ok[pairs.a]]).sum()
    assert point.false_matches == (accepted & ~pairs.same[ok[pairs.a]]).sum()


def test_fold_accuracy_equals_a_plain_reading_of_the_protocol():
    vectors, pairs = listed()
    similarity = score_pairs(vectors, pairs, Comparator.COSINE)
    each = []
    for k in range(10):
        test = pairs.fold == k
        candidates = np.r_[np.unique(similarity[~test]), np.inf]
        right = [((similarity[~test] >= t) == pairs.same[~test]).sum() for t in candidates]
        best = [t for t, r in zip(candidates, right, strict=True) if r == max(right)]
        each.append([((similarity[test] >= t) == pairs.same[test]).mean() for t in best])
    found = fold_accuracy(similarity, pairs.same, pairs.fold)
    assert found is not None
    assert np.mean([min(e) for e in each]) - 0.01 <= found.value <= np.mean([max(e) for e in each]) + 0.01
    assert 0 < found.error < 0.05
    assert (found.folds, found.judged, found.listed) == (10, 200, 200)


def apart(folds=2, genuine=5, impostor=5):
    """Return similarity, same and fold of pairs that every threshold near one half decides rightly."""
    same = np.tile(np.r_[np.ones(genuine, bool), np.zeros(impostor, bool)], folds)
    return np.where(same, 0.9, 0.1).astype(np.float32), same, np.repeat(np.arange(folds), genuine + impostor)


def test_a_pair_with_a_failed_image_is_left_out_or_decided_different():
    similarity, same, fold = apart()
    similarity[[0, 1, 7]] = np.nan  # two genuine pairs and an impostor one of the first fold
    left_out = fold_accuracy(similarity, same, fold)
    assert left_out is not None
    assert (left_out.value, left_out.error) == (1, 0)
    assert method_text(cell_of(left_out.method)) == "2 folds, standard error 0.0000, 17 of 20 pairs"
    found = fold_accuracy(similarity, same, fold, rejected=True)
    assert found is not None
    assert (found.value, found.error) == pytest.approx((0.9, 0.1)), "0.8 in one fold and 1 in the other"
    assert method_text(cell_of(found.method)) == (
        "2 folds, standard error 0.1000, 20 of 20 pairs, 3 of them rejected for a failed image"
    )


def test_a_rejected_pair_is_rejected_where_everything_is_accepted():
    similarity, same, fold = apart(impostor=0)
    similarity[2] = np.nan
    found = fold_accuracy(similarity, same, fold, rejected=True)
    assert found is not None
    assert found.value == pytest.approx(0.9)


def test_rejected_pairs_are_rejected_in_the_folds_that_choose_too():
    vectors, pairs = listed()
    similarity = score_pairs(vectors, pairs, Comparator.COSINE)
    similarity[::7] = np.nan
    each = []
    for k in range(10):
        test = pairs.fold == k
        candidates = np.r_[np.unique(similarity[~np.isnan(similarity)]), np.inf]
        right = [((similarity[~test] >= t) == pairs.same[~test]).sum() for t in candidates]
        best = [t for t, r in zip(candidates, right, strict=True) if r == max(right)]
        each.append([((similarity[test] >= t) == pairs.same[test]).mean() for t in best])
    found = fold_accuracy(similarity, pairs.same, pairs.fold, rejected=True)
    assert found is not None
    assert np.mean([min(e) for e in each]) <= found.value <= np.mean([max(e) for e in each])


def test_folds_without_a_pair_to_judge_are_no_folds():
    similarity, same, fold = apart(folds=3)
    similarity[fold == 1] = np.nan
    found = fold_accuracy(similarity, same, fold)
    assert found is not None
    assert (found.folds, found.value) == (2, 1)
    rejected = fold_accuracy(similarity, same, fold, rejected=True)
    assert rejected is not None
    assert (rejected.folds, rejected.value) == (3, pytest.approx((1 + 0.5 + 1) / 3))
    similarity[fold == 2] = np.nan
    assert fold_accuracy(similarity, same, fold) is None
    nothing = fold_accuracy(np.full(30, np.nan, np.float32), same, fold, rejected=True)
    assert nothing is not None
    assert nothing.value == 0.5
    assert fold_accuracy(*apart(folds=1)) is None


def test_false_match_rates_that_are_asked_for_are_measured_with_intervals(tmp_path):
    rng = np.random.default_rng(4)
    subject = np.repeat(np.arange(50), 4)
    vectors = rng.normal(size=(50, 12))[subject] + 0.8 * rng.normal(size=(200, 12))
    np.savez(tmp_path / "made.npz", embedding=vectors.astype(np.float32), subject=subject.astype(str))
    study = facegap.Study(inputs=[tmp_path / "made.npz"], fmrs=[3e-3, 1e-3])
    found = facegap.evaluate(study).metrics.filter(metric="tar")
    asked = found.filter(at="fmr=0.003")
    at = [float(text.removeprefix("fmr=")) for text in found["at"]]
    assert at == sorted(at, reverse=True)
    assert len(set(at)) == len(at)
    (reached,) = found.filter(at="fmr=0.003")["value"]
    assert asked["low"].item() < reached < asked["high"].item()
    assert found.filter(at="fmr=0.001")["value"].item() <= reached <= found.filter(at="fmr=0.01")["value"].item()
    with pytest.raises(facegap.InputError, match="FMR 2 is none to measure at"):
        facegap.evaluate(facegap.Study(inputs=[tmp_path / "made.npz"], fmrs=[2]))
