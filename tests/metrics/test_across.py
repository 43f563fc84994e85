"""Comparisons of two cohorts that share subjects, such as id photos and selfies, are a population of their own."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.across import LEAST_SHARED, MOST_PAIRS, sharing
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import ModelSpec
from facegap.jobs.check import Verdict, check
from facegap.metrics import ThresholdFrom, measure
from facegap.report.charts.figures import figures_of
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.text.summary import summary_rows
from facegap.report.text.verdict import verdicts

SPEC = ModelSpec("m", "python", "1", "whole", 8, 24, Comparator.COSINE, threshold=0.3)
COHORTS = ("id", "selfie")
PAIR = "id/selfie"


def people(subjects: int = 40, *, shared: int | None = None) -> tuple[Manifest, Embeddings]:
    """Return an id photo and two selfies of each subject; subjects from `shared` on have other names on their ids."""
    rng = np.random.default_rng(0)
    subject, cohort = np.repeat(np.arange(subjects), 3), np.tile([0, 1, 1], subjects)
    noise = np.where(cohort == 0, 1.1, 0.8)[:, None]
    vectors = rng.normal(size=(subjects, 24))[subject] + noise * rng.normal(size=(len(subject), 24))
    known = subjects if shared is None else shared
    names = [f"s{s:03}" if c or s < known else f"other{s:03}" for s, c in zip(subject, cohort, strict=True)]
    frame = pl.DataFrame({"path": [f"{i}" for i in range(len(subject))], "subject": names,
                          "cohort": [COHORTS[c] for c in cohort]})  # fmt: skip
    n = len(subject)
    embeddings = Embeddings(vectors.astype(np.float32), np.zeros(n, np.uint8), (None,) * n, np.full((n, 4), np.nan))
    return Manifest(frame, COHORTS, "kyc"), embeddings


def evaluated(manifest: Manifest, embeddings: Embeddings, *threshold_from: ThresholdFrom) -> Evaluation:
    specs = [SPEC, replace(SPEC, name="worse")]
    noise = np.random.default_rng(1).normal(size=embeddings.vectors.shape).astype(np.float32)
    made = [embeddings, replace(embeddings, vectors=embeddings.vectors + 0.7 * noise)]
    scored = [
        facegap.score(one, manifest, spec, workers=1, threshold_from=threshold_from)
        for one, spec in zip(made, specs, strict=True)
    ]
    return measure(scored, manifest, threshold_from=threshold_from)


@pytest.fixture(scope="module")
def kyc() -> Evaluation:
    return evaluated(*people(), ThresholdFrom(PAIR, 0.01))


def test_cohorts_that_share_enough_subjects_are_a_population() -> None:
    subject, cohort = np.array([0, 0, 1, 1, 2, 2, 3]), np.array([0, 1, 0, 1, 1, 0, 1])
    assert sharing(subject, cohort, COHORTS) == {PAIR: COHORTS}
    assert sharing(subject[:-3], cohort[:-3], COHORTS) == {}
    assert sharing(subject, cohort, ("a", "b", "a/b")) == {}
    assert sharing(subject[:0], cohort[:0], COHORTS) == {}


def test_of_many_pairs_those_that_share_most_subjects_are_kept_in_report_order() -> None:
    names = tuple(f"c{k}" for k in range(7))
    # Subject s is in all cohorts up to s % 7: the pairs of the first cohorts share most.
    rows = [(s, c) for s in range(7 * LEAST_SHARED) for c in range(s % 7 + 1)]
    subject, cohort = np.array(rows).T
    expected = [f"c{p}/c{q}" for p in range(7) for q in range(p + 1, 7) if q <= 4]
    assert len(expected) == MOST_PAIRS
    assert list(sharing(subject, cohort, names)) == expected


def test_a_pair_has_every_number_of_a_cohort_with_its_interval(kyc: Evaluation) -> None:
    def bounded(cohort: str) -> set[tuple[str, str]]:
        probe, gallery = kyc.ends(cohort)
        rows = kyc.metrics.filter(pl.col("high").is_not_null(), probe_cohort=probe, gallery_cohort=gallery, model="m")
        return set(rows.select("metric", "at").rows())

    assert kyc.populations == ["id", "selfie", PAIR, "all"]
    assert bounded("selfie") == bounded(PAIR)
    assert {("auc", ""), ("eer", ""), ("tar", "fmr=0.01"), ("f1", "best-f1"), ("fta", "")} <= bounded(PAIR)
    assert kyc.value("genuine", model="m", cohort=PAIR) == 80
    assert kyc.value("impostor", model="m", cohort=PAIR) == 40 * 39 * 2
    assert kyc.value("subjects", model="m", cohort=PAIR) == 40
    assert kyc.bands.filter(probe_cohort="id", gallery_cohort="selfie", curve="roc", model="m").height > 0


def test_its_numbers_are_those_of_the_list_of_its_comparisons() -> None:
    manifest, embeddings = people()
    of_all = measure([facegap.score(embeddings, manifest, SPEC, workers=1)], manifest)
    photo, selfie = (np.flatnonzero(manifest.cohort_codes == c) for c in (0, 1))
    a, b = (side.ravel() for side in np.meshgrid(photo, selfie, indexing="ij"))
    same = manifest.subject_codes[a] == manifest.subject_codes[b]
    pairs = Pairs(a, b, same, np.zeros(len(a), np.int64))
    alone = Manifest(manifest.frame.with_columns(cohort=pl.lit("list")), ("list",), "list")
    of_list = measure([facegap.score(embeddings, alone, SPEC, pairs=pairs, workers=1)], alone)
    for metric, at in (("auc", ""), ("d_prime", ""), ("fmr", "shipped"), ("fnmr", "shipped"), ("recall", "shipped")):
        one, other = (
            found.row(metric, model="m", cohort=name, at=at) for found, name in ((of_all, PAIR), (of_list, "list"))
        )
        assert one is not None
        assert other is not None
        assert one["value"] == pytest.approx(other["value"], rel=1e-6), metric
        # Bounds of rates are narrowed by those of neighbouring thresholds, which are others in a list.
        close = 0.02 if at else 1e-6
        assert (one["low"], one["high"]) == pytest.approx((other["low"], other["high"]), rel=close), metric


def test_it_is_compared_with_its_cohorts_and_between_models(kyc: Evaluation) -> None:
    rows = kyc.differences.filter(metric="auc", scale="difference")
    cohorts = rows.filter(kind="cohorts", model_a="m").select("cohort_a", "cohort_b").rows()
    assert cohorts == [("selfie", PAIR)]
    assert PAIR in rows.filter(kind="models")["cohort_a"].to_list()
    at_shipped = kyc.differences.filter(kind="cohorts", metric="fmr", at="shipped", scale="ratio", model_a="m")
    assert at_shipped.select("cohort_a", "cohort_b").rows() == [COHORTS, ("id", PAIR), ("selfie", PAIR)]


def test_rules_can_be_about_it(kyc: Evaluation) -> None:
    value = kyc.value("fmr", model="m", cohort=PAIR, at="shipped")
    assert value is not None
    rules = [
        f"auc[{PAIR}, m] >= 0.5",
        "auc[selfie/id, m] >= 0.5",
        f"fmr[{PAIR}, m] <= {value / 100}",
        f"fnmr@fmr=1e-2[{PAIR}, m] <= 0.9",
        f"not_worse(m, worse, auc, 0.05)[{PAIR}]",
        f"auc_gap(selfie - {PAIR})[m] <= 0.5",
        f'fmr_ratio("{PAIR}"/selfie)[m] <= 1000',
    ]
    found = [one.verdict for one in check(kyc, rules)]
    assert found == [Verdict.HOLDS, Verdict.HOLDS, Verdict.FAILS, *[Verdict.HOLDS] * 4]


def test_its_threshold_can_be_applied_to_all(kyc: Evaluation) -> None:
    at = f"{PAIR}@fmr=0.01"
    here, there = (kyc.value("fmr", model="m", cohort=name, at=at) for name in (PAIR, "selfie"))
    assert here is not None
    assert here <= 0.01
    assert there is not None


def test_the_report_shows_it_like_a_cohort(kyc: Evaluation) -> None:
    line = next(row for row in summary_rows(kyc) if row["Cohort"] == PAIR and row["Model"] == "m")
    assert "[" in line["AUC"]
    assert "[" in line["FNMR@shipped"]
    said = str(verdicts(kyc)[0])
    assert f"in {PAIR}" in said
    assert f"of genuine comparisons in {PAIR}" in said
    figures = figures_of(kyc)
    assert PAIR in {figure.cohort for figure in figures["histograms"]}
    assert f">{PAIR}<" in render(kyc, figures, shown_faces(kyc), None)


def test_two_cohorts_that_share_hardly_anybody_are_as_before() -> None:
    few = evaluated(*people(shared=LEAST_SHARED - 1))
    assert few.populations == ["id", "selfie", "all"]
    row = few.metrics.filter(probe_cohort="id", gallery_cohort="selfie", metric="auc", model="m").row(0, named=True)
    assert row["value"] is not None
    assert row["low"] is None
    assert set(few.differences.filter(kind="cohorts")["cohort_b"]) == {"selfie"}
