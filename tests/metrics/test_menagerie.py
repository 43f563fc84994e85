"""Who causes the errors: held against a plain count of every comparison."""

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.evaluation_tables import TABLES
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.metrics.influence import SubjectRates
from facegap.metrics.menagerie import subject_rows, without_rows
from facegap.metrics.rates import Rates
from oracle import scores

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
THRESHOLD = {Comparator.COSINE: 0.45, Comparator.EUCLIDEAN: 5.2}


class Case:
    """A small study with failed images and two cohorts, and every comparison of it, one by one."""

    def __init__(self, comparator, *, subjects=30, failed=(0, 7, 21), rejected=False, seed=0):
        rng = np.random.default_rng(seed)
        self.comparator, self.threshold = comparator, THRESHOLD[comparator]
        self.cut = float(comparator.cut(self.threshold))
        self.subject = np.repeat(np.arange(subjects), rng.integers(1, 6, subjects))
        # Everybody lies towards a common point, some more than others, and some vary more than others.
        people = rng.normal(size=(subjects, 24)) + rng.gamma(1, 0.4, (subjects, 1))
        noise = rng.uniform(0.4, 1.0, (subjects, 1))
        n = len(self.subject)
        self.vectors = (people[self.subject] + noise[self.subject] * rng.normal(size=(n, 24))).astype(np.float32)
        self.ok = np.ones(n, bool)
        self.ok[list(failed)] = False
        self.vectors[~self.ok] = np.nan
        self.names = [f"s{s:02}" for s in range(subjects)]
        self.cohort_of = ["plain" if s < subjects // 2 else "hard" for s in range(subjects)]
        frame = pl.DataFrame(
            {
                "path": [f"{i}.jpg" for i in range(n)],
                "subject": [self.names[s] for s in self.subject],
                "cohort": [self.cohort_of[s] for s in self.subject],
            }
        )
        outcome = np.where(self.ok, Outcome.OK, Outcome.NO_FACE).astype(np.uint8)
        embeddings = Embeddings(self.vectors, outcome, (None,) * n, np.full((n, 4), np.nan, np.float32))
        spec = ModelSpec("m", "python", "1", "whole", 8, 24, comparator, threshold=self.threshold)
        one = facegap.score(embeddings, Manifest(frame, ("plain", "hard"), "study"), spec, workers=1)
        assert one.subjects is not None
        counts = one.tally.pooled()
        rates = Rates(counts.with_failures_rejected() if rejected else counts)
        self.rates = SubjectRates(one.subjects.pooled(), rates, rejected)
        self.rejected = rejected

    def at(self):
        return {"model": "m", "at": "shipped", "threshold": self.threshold, "similarity": self.cut}

    def subjects(self, **options):
        images = np.bincount(self.subject[self.ok], minlength=len(self.names))
        rows = subject_rows(self.rates, self.names, self.cohort_of, images, **self.at(), **options)
        pl.DataFrame(rows, schema=TABLES["subjects"])
        return rows

    def without(self):
        rows = without_rows(self.rates, self.vectors, self.subject, self.ok, self.names, **self.at())
        pl.DataFrame(rows, schema=TABLES["without"])
        return rows

    def plain(self, keep=None):
        """Return similarity, same and the two subjects of every comparison that counts, among the subjects in
        `keep`."""
        values, same, pairs = scores(np.where(self.ok[:, None], self.vectors, 1), self.subject, self.comparator)
        made = self.ok[pairs].all(axis=1)
        values = np.where(made, values, -np.inf)
        sides = self.subject[pairs]
        chosen = np.ones(len(values), bool) if self.rejected else made
        if keep is not None:
            chosen &= np.isin(sides, keep).all(axis=1)
        return values[chosen], same[chosen], sides[chosen]


@BOTH
@pytest.mark.parametrize("rejected", [False, True])
def test_errors_of_every_subject_are_counted_one_by_one(comparator, rejected):
    case = Case(comparator, rejected=rejected)
    values, same, sides = case.plain()
    rows = case.subjects()
    accepted = values >= np.float32(case.cut)
    listed = {row["subject"] for row in rows}
    for s, name in enumerate(case.names):
        mine, own = ~same & (sides == s).any(axis=1), same & (sides[:, 0] == s)
        false, missed = (mine & accepted).sum(), (own & ~accepted).sum()
        assert (name in listed) == (false + missed > 0)
        if name not in listed:
            continue
        row = next(row for row in rows if row["subject"] == name)
        assert (row["false_matches"], row["impostor"]) == (false, mine.sum())
        assert (row["false_non_matches"], row["genuine"]) == (missed, own.sum())
        for key, chosen in (("genuine_mean", own), ("impostor_mean", mine)):
            made = values[chosen & np.isfinite(values)].astype(np.float64)
            expected = comparator.sign * made.mean() if len(made) else None
            assert row[key] == (None if expected is None else pytest.approx(expected, abs=1e-5))
        assert row["images"] == (case.subject[case.ok] == s).sum()
        assert row["cohort"] == case.cohort_of[s]
    assert sum(row["false_match_share"] for row in rows) == pytest.approx(1)
    assert sum(row["false_non_match_share"] for row in rows) == pytest.approx(1)
    order = [(-row["false_matches"], -row["false_non_matches"]) for row in rows]
    assert order == sorted(order)


@BOTH
def test_the_most_of_either_error_are_listed(comparator):
    case = Case(comparator)
    everyone, few = case.subjects(most=1000), case.subjects(most=3)
    by_misses = sorted(everyone, key=lambda row: -row["false_non_matches"])
    wanted = {row["subject"] for row in everyone[:3]} | {row["subject"] for row in by_misses[:3]}
    assert {row["subject"] for row in few} == wanted
    assert [row for row in everyone if row["subject"] in wanted] == few, "who is listed changes no number"


@BOTH
def test_animals_are_told_by_the_quarters_of_their_means(comparator):
    case = Case(comparator, subjects=60)
    values, same, sides = case.plain()
    means = np.full((2, len(case.names)), np.nan)
    for s in range(len(case.names)):
        for kind, chosen in enumerate((same, ~same)):
            if (mine := chosen & (sides == s).any(axis=1)).any():
                means[kind, s] = values[mine].mean()
    known = ~np.isnan(means).any(axis=0)
    steps = 0.75 * (known.sum() - 1)
    seen = set()
    for row in case.subjects(most=1000):
        mean = means[:, case.names.index(row["subject"])]
        above, below = ((means[:, known] < mean[:, None]).sum(axis=1), (means[:, known] > mean[:, None]).sum(axis=1))
        extreme = "".join("H" if above[k] > steps else "L" if below[k] > steps else "-" for k in range(2))
        expected = {"HL": "dove", "LH": "worm", "HH": "chameleon", "LL": "phantom"}.get(extreme, "")
        assert row["kind"] == (expected if not np.isnan(mean).any() else "")
        seen.add(row["kind"])
    assert len(seen) > 2


@BOTH
@pytest.mark.parametrize("rejected", [False, True])
def test_the_rate_without_some_subjects_is_exact(comparator, rejected):
    case = Case(comparator, rejected=rejected, subjects=55)
    rows = case.without()
    assert [row["removed"] for row in rows] == [0, 1, 2, 5, 10], "a fifth of the subjects at most"
    most = [row["subject"] for row in case.subjects(most=1000)]
    for row in rows:
        keep = [s for s, name in enumerate(case.names) if name not in row["subjects"]]
        values, same, _ = case.plain(keep)
        matches, made = (values[~same] >= np.float32(case.cut)).sum(), (~same).sum()
        assert (row["false_matches"], row["impostor"]) == (matches, made)
        assert row["fmr"] == pytest.approx(matches / made)
        assert set(row["subjects"]) == set(most[: row["removed"]])
    assert rows[0]["fmr"] == case.rates.rates.at(case.threshold).fmr


def test_nobody_is_removed_who_has_no_false_match():
    case = Case(Comparator.COSINE, subjects=60)
    case.threshold = 1.0
    tight = float(case.rates.counts.evaluated[-1])
    errors = case.rates.accepted(tight)[1]
    rows = without_rows(
        case.rates, case.vectors, case.subject, case.ok, case.names,
        model="m", at="shipped", threshold=tight, similarity=tight,
    )  # fmt: skip
    assert max(row["removed"] for row in rows) <= (errors > 0).sum()
    assert rows[0]["subjects"] == []
