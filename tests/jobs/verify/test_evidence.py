"""What a report says of a score is what a study at that threshold would have said, or less."""

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from scipy import special

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.jobs.use import Use
from facegap.jobs.verify import Evidence
from facegap.metrics import Scored
from metrics.bounded import scored, study

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


@cache
def made(comparator: Comparator = Comparator.COSINE, **more) -> tuple[Scored, facegap.Evaluation]:
    embeddings, manifest, spec = study(comparator=comparator)
    one = scored(embeddings, manifest, spec)
    return one, facegap.measure([one], manifest, **more)


def evidence(one: Scored, evaluation: facegap.Evaluation, cohort: str | None = None) -> Evidence:
    return Evidence.of(evaluation, Use.of(one.spec, one.faces), cohort)


@BOTH
@pytest.mark.parametrize("share", np.linspace(0, 1, 5).tolist())
def test_a_score_has_the_rate_and_the_interval_of_a_study_at_that_threshold(comparator, share):
    embeddings, manifest, spec = study(comparator=comparator)
    found = {cohort: evidence(*made(comparator), cohort) for cohort in ("plain", "hard", "all")}
    low, high = (found["all"].threshold(fmr) for fmr in (0.5, 0.004))
    threshold = low + share * (high - low)
    one = scored(embeddings, manifest, replace(spec, threshold=threshold))
    measured = facegap.measure([one], manifest)
    for cohort, evidence_there in found.items():
        exact = measured.row("fmr", model="m", cohort=cohort, at="shipped")
        got = evidence_there.false_match(threshold)
        assert exact is not None
        assert exact["value"] <= got.fmr <= exact["value"] * 1.07
        assert got.low < got.fmr < got.high
        widths = [np.diff(special.logit([b["low"], b["high"]])).item() for b in (exact, vars(got))]
        assert widths[1] == pytest.approx(widths[0], rel=0.3)


@BOTH
@pytest.mark.parametrize("fmr", [1e-1, 1e-2])
def test_a_threshold_is_the_one_that_the_report_names(comparator, fmr):
    one, evaluation = made(comparator)
    for cohort in ("plain", "hard", "all"):
        row = evaluation.row("tar", model="m", cohort=cohort, at=f"fmr={fmr:g}")
        assert row is not None
        assert evidence(one, evaluation, cohort).threshold(fmr) == row["threshold"]


@BOTH
def test_scores_beyond_what_can_be_resolved_have_a_bound_only(comparator):
    found = evidence(*made(comparator))
    lookalike = found.false_match(0.0 if comparator is Comparator.EUCLIDEAN else 1.0)
    assert (lookalike.fmr, lookalike.low) == (None, None)
    assert lookalike.below == found.lowest == 10 / found.impostor
    assert lookalike.below < lookalike.high < 10 * lookalike.below
    stranger = found.false_match(9.0 if comparator is Comparator.EUCLIDEAN else -1.0)
    assert stranger.fmr == 1
    with pytest.raises(facegap.InputError, match="FMR 1e-06 is not resolvable with 60 subjects of all"):
        found.threshold(1e-6)


def test_rates_fall_as_scores_get_closer():
    found = evidence(*made())
    scores = np.linspace(-1, 1, 400).tolist()
    seen = [one for one in map(found.false_match, scores) if one.fmr is not None]
    for name in ("fmr", "low", "high"):
        values = [getattr(one, name) for one in seen]
        steps = np.diff(values)
        assert (steps <= 0.02 * np.array(values[:-1])).all()
    assert len(seen) < len(scores)


def test_a_report_without_intervals_has_the_rate_alone():
    found = evidence(*made(intervals="none")).false_match(0.3)
    assert found.fmr is not None
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights": "2"}, r"weights 1 \(here 2\)"),
        ({"comparator": Comparator.EUCLIDEAN}, r"comparator cosine \(here euclidean\)"),
        ({"crop": "arcface-112"}, r"crop whole \(here arcface-112\)"),
    ],
)
def test_another_model_is_told_by_its_use_and_not_by_its_name(change, said):
    one, evaluation = made()
    with pytest.raises(facegap.InputError, match=said):
        evidence(replace(one, spec=replace(one.spec, **change)), evaluation)
    assert evidence(replace(one, spec=replace(one.spec, name="renamed")), evaluation).model == "m"


def test_cohorts_that_cannot_be_looked_up_are_refused():
    one, evaluation = made()
    with pytest.raises(facegap.InputError, match="no cohort 'young'; there are: plain, hard, all"):
        evidence(one, evaluation, "young")
    empty = replace(evaluation, roc=evaluation.roc.clear(), sweep=evaluation.sweep.filter(pl.lit(False)))
    with pytest.raises(facegap.InputError, match="no error curve of m on hard"):
        evidence(one, empty, "hard")
