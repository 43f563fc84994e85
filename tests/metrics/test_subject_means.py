"""The mean over subjects of each subject's own rate, held against a plain count of every comparison."""

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import ModelSpec
from facegap.metrics import measure
from facegap.report.text.findings import shown_findings
from oracle import scores

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
THRESHOLD = {Comparator.COSINE: 0.6, Comparator.EUCLIDEAN: 3.4}


class Case:
    """A study of two cohorts whose subjects have 1 to 8 images, some of which failed."""

    def __init__(self, comparator, *, images=None, noise=None, failed=(), cohorts=("plain", "hard"), pairs=None):
        rng = np.random.default_rng(5)
        images = rng.integers(1, 9, 30) if images is None else np.array(images)
        people = len(images)
        noise = rng.uniform(0.4, 1.0, people) if noise is None else np.array(noise)
        self.comparator, self.threshold = comparator, THRESHOLD[comparator]
        self.subject = np.repeat(np.arange(people), images)
        n = len(self.subject)
        self.cohort = self.subject * len(cohorts) // people
        means = rng.normal(size=(people, 16)) + 0.5
        self.vectors = (means[self.subject] + noise[self.subject, None] * rng.normal(size=(n, 16))).astype(np.float32)
        self.ok = ~np.isin(np.arange(n), failed)
        self.vectors[~self.ok] = np.nan
        frame = pl.DataFrame(
            {
                "path": [f"{i:03}.jpg" for i in range(n)],
                "subject": [f"s{s:02}" for s in self.subject],
                "cohort": [cohorts[c] for c in self.cohort],
            }
        )
        outcome = np.where(self.ok, Outcome.OK, Outcome.NO_FACE).astype(np.uint8)
        self.embeddings = Embeddings(self.vectors, outcome, (None,) * n, np.full((n, 4), np.nan, np.float32))
        self.spec = ModelSpec("m", "python", "1", "whole", 8, 16, comparator, threshold=self.threshold)
        self.manifest, self.pairs = Manifest(frame, cohorts, "study"), pairs

    def evaluate(self, failures="excluded", intervals=True):
        one = facegap.score(
            self.embeddings, self.manifest, self.spec,
            pairs=self.pairs, failures=failures, intervals=intervals, workers=1,
        )  # fmt: skip
        return measure([one], self.manifest, failures=failures)

    def plain(self, metric, threshold, cohort=None, *, rejected=False):
        """Return the mean rate over subjects by going through every comparison of every subject."""
        values, same, pairs = scores(np.where(self.ok[:, None], self.vectors, 1), self.subject, self.comparator)
        values = np.where(self.ok[pairs].all(axis=1), values, np.nan)
        cut, own = self.comparator.cut(threshold), []
        for s in np.unique(self.subject):
            mine = (self.subject[pairs] == s).any(axis=1) & (same == (metric == "fnmr"))
            if cohort is not None:
                mine &= (self.cohort[pairs] == cohort).all(axis=1)
            if not rejected:
                mine &= ~np.isnan(values)
            if mine.any():
                accepted = np.nan_to_num(values[mine], nan=-np.inf) >= cut
                own.append(np.mean(accepted if metric == "fmr" else ~accepted))
        return np.mean(own)


@BOTH
@pytest.mark.parametrize("failures", ["excluded", "rejected"])
def test_the_mean_over_subjects_is_that_of_a_plain_count(comparator, failures):
    case = Case(comparator, failed=(0, 9, 40, 41))
    evaluation = case.evaluate(failures)
    for cohort, code in (("plain", 0), ("hard", 1), ("all", None)):
        for metric in ("fmr", "fnmr"):
            for at in ("shipped", "all@fmr=0.01"):
                row = evaluation.row(f"{metric}_per_subject", model="m", cohort=cohort, at=at)
                rejected = failures == "rejected"
                expected = case.plain(metric, row["threshold"], code, rejected=rejected)
                assert row["value"] == pytest.approx(expected), (cohort, metric, at)
                rate = evaluation.row(metric, model="m", cohort=cohort, at=at)
                assert (row["n_errors"], row["n_comparisons"]) == (rate["n_errors"], rate["n_comparisons"])
                assert (row["low"], row["high"]) == (None, None)


@BOTH
def test_there_is_one_for_the_fnmr_at_every_false_match_rate_that_is_resolved(comparator):
    case = Case(comparator)
    evaluation = case.evaluate()
    rows = evaluation.metrics.filter(pl.col("metric") == "tar", pl.col("probe_cohort") == "all")
    resolved = rows.filter(pl.col("value").is_not_null())
    assert resolved.height >= 2
    for tar in resolved.iter_rows(named=True):
        row = evaluation.row("fnmr_per_subject", model="m", cohort="all", at=tar["at"])
        assert row["threshold"] == tar["threshold"]
        assert row["value"] == pytest.approx(case.plain("fnmr", tar["threshold"]))
        assert row["n_errors"] / row["n_comparisons"] == pytest.approx(1 - tar["value"])
    there = evaluation.metrics.filter(pl.col("metric") == "fnmr_per_subject", pl.col("at").str.starts_with("fmr="))
    missing = rows.filter(pl.col("value").is_null())["at"].to_list()
    assert missing
    assert not set(missing) & set(there.filter(pl.col("probe_cohort") == "all")["at"])


def test_subjects_with_equally_many_images_have_the_same_rate_either_way():
    evaluation = Case(Comparator.COSINE, images=[4] * 20).evaluate()
    for metric in ("fnmr", "fmr"):
        names = (metric, f"{metric}_per_subject")
        rate, mean = (evaluation.value(name, model="m", cohort="plain", at="shipped") for name in names)
        assert 0 < rate == pytest.approx(mean)
    assert "per-subject" not in set(evaluation.findings["kind"])


@pytest.mark.parametrize(("noise", "word"), [((0.1, 1.1), "better"), ((1.1, 0.1), "worse")])
def test_a_subject_of_many_images_who_differs_from_the_others_is_a_finding(noise, word):
    case = Case(Comparator.COSINE, images=[30, *[5] * 19], noise=[noise[0], *[noise[1]] * 19], cohorts=("c",))
    evaluation = case.evaluate()
    messages = [one.text for one in shown_findings(evaluation) if one.kind == "per-subject"]
    (message,) = [message for message in messages if "the FNMR" in message]
    assert message.startswith("m, cohort 'c': ")
    assert f"subjects with many comparisons are {word} off than the others" in message
    rate, mean = (evaluation.value(n, model="m", cohort="c", at="shipped") for n in ("fnmr", "fnmr_per_subject"))
    assert (mean > 1.5 * rate) == (word == "better")


def test_a_few_errors_are_no_finding():
    case = Case(Comparator.COSINE, images=[30, *[3] * 19], noise=[0.05, 0.75, *[0.05] * 18], cohorts=("c",))
    evaluation = case.evaluate()
    row = evaluation.row("fnmr_per_subject", model="m", cohort="c", at="shipped")
    assert 0 < row["n_errors"] < 10
    assert row["value"] > 1.5 * row["n_errors"] / row["n_comparisons"]
    assert "per-subject" not in set(evaluation.findings["kind"])


def test_a_list_of_pairs_counts_the_comparisons_that_it_lists():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 100, (2, 400))
    genuine = rng.integers(0, 20, 200) * 5
    a, b = np.r_[a[a != b], genuine], np.r_[b[a != b], genuine + rng.integers(1, 5, 200)]
    pairs = Pairs(a, b, a // 5 == b // 5, np.zeros(len(a), np.int64))
    case = Case(Comparator.COSINE, images=[5] * 20, cohorts=("list",), pairs=pairs)
    row = case.evaluate().row("fnmr_per_subject", model="m", cohort="list", at="shipped")
    similarity = [
        case.comparator.similarity(case.vectors[[i]], case.vectors[[j]])[0] for i, j in zip(a, b, strict=True)
    ]
    wrong = np.array(similarity) < case.comparator.cut(case.threshold)
    own = [wrong[pairs.same & (a // 5 == s)] for s in range(20)]
    assert row["value"] == pytest.approx(np.mean([one.mean() for one in own if len(one)]))
    assert row["n_comparisons"] == pairs.same.sum()


def test_without_subjects_there_is_none():
    evaluation = Case(Comparator.COSINE).evaluate(intervals=False)
    assert not evaluation.metrics.filter(pl.col("metric").str.ends_with("per_subject")).height
