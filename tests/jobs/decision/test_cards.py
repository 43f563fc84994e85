"""Cards: every state is what `check` says, the common threshold keeps FMR, and the next step follows from that."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.data.evaluation import Evaluation
from facegap.data.evaluation_tables import TABLES
from facegap.data.limits import Limits
from facegap.jobs.check import Verdict, check, limit_rules
from facegap.jobs.decision import Action, Card, Which, cards
from jobs.check.made import Row, metric
from jobs.check.made import evaluation as made_evaluation

A, B = "general", 'old, "wise" [40-]'
HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
LOW, AROUND, HIGH = (0.001, 0.0005, 0.002), (0.01, 0.001, 0.1), (0.3, 0.2, 0.4)
"""Rates that keep a limit of 0.02, may keep it, and do not, each with its interval."""

Rate = tuple[float | None, float | None, float | None]


def shipped(fmr: Rate, fnmr: Rate, cohort: str = A) -> list[Row]:
    here = {"at": "shipped", "threshold": 0.6, "cohort": cohort}
    return [metric("fmr", *fmr, **here), metric("fnmr", *fnmr, **here)]


def band(threshold: float, fmr: Rate, fnmr: Rate, cohort: str = A) -> list[Row]:
    cell = {"model": "new", "images": "own", "probe_cohort": cohort, "gallery_cohort": cohort, "x": threshold}
    ends = ("value", "low", "high")
    return [
        {**cell, "curve": name, **dict(zip(ends, rate, strict=True))} for name, rate in (("fmr", fmr), ("fnmr", fnmr))
    ]


def made(
    metrics: Sequence[Row], bands: Sequence[Row] = (), *, cohorts: tuple[str, ...] = (A,), comparator: str = "euclidean"
) -> Evaluation:
    """Return an evaluation of one model whose limits are 0.02, with 20 subjects of 5 images in each cohort."""
    counts = [metric(name, n, cohort=one) for one in cohorts for name, n in (("subjects", 20.0), ("images", 100.0))]
    bare = made_evaluation([*metrics, *counts], cohorts=cohorts)
    model = {"model": "new", "comparator": comparator, "threshold": 0.6, "dimension": 128}
    return replace(
        bare,
        models=pl.DataFrame([model], schema=TABLES["models"]),
        bands=pl.DataFrame(bands, schema=TABLES["bands"]),
        limits=Limits(0.02, 0.02),
    )


def card(*arguments, **options) -> Card:
    (found,) = cards(made(*arguments, **options))
    return found


def states(one: Card, which: Which) -> list[Verdict]:
    at = one.at_which(which)
    return [] if at is None else [each.verdict for each in at.held]


rates = st.floats(0, 1)
bounded = st.tuples(rates, rates, rates).map(sorted).map(lambda r: (r[1], r[0], r[2]))
measured = st.one_of(bounded, rates.map(lambda r: (r, None, None)), st.just((None, None, None)))


@given(st.lists(measured, min_size=6, max_size=6), st.floats(0.0001, 0.5), st.floats(0.0001, 0.5))
def test_every_state_is_what_check_says_of_the_same_rule(found: list[Rate], fmr: float, fnmr: float) -> None:
    own = [metric("tar", *found[4 + i], at="fmr=0.001", cohort=one) for i, one in enumerate((A, B))]
    rows = [*shipped(*found[:2], cohort=A), *shipped(*found[2:4], cohort=B), *own]
    study = replace(made(rows, cohorts=(A, B)), limits=Limits(fmr, fnmr))
    (one,) = cards(study)
    named = (A, '"old, ""wise"" [40-]"')
    rules = [f"{rate}@shipped[{c}, new] <= {limit!r}" for c in named for rate, limit in (("fmr", fmr), ("fnmr", fnmr))]
    assert states(one, Which.SHIPPED) == [each.verdict for each in check(study, rules)]
    assert [each.verdict for each in check(study, limit_rules(study))] == states(one, Which.SHIPPED)
    at_limit = replace(study, limits=Limits(0.001, fnmr))
    (one,) = cards(at_limit)
    rules = [f"fnmr@fmr=1e-3[{c}, new] <= {fnmr!r}" for c in named]
    assert states(one, Which.OWN) == [each.verdict for each in check(at_limit, rules)]


def test_a_model_without_a_threshold_is_held_to_the_limit_where_each_cohort_has_that_fmr() -> None:
    study = replace(made([metric("tar", 0.99, 0.985, 0.995, at="fmr=0.001")]), limits=Limits(0.001, 0.02))
    assert limit_rules(study) == ['fnmr@fmr=0.001["general", "new"] <= 0.02']
    assert [one.verdict for one in check(study, limit_rules(study))] == [HOLDS]


@pytest.mark.parametrize(("comparator", "stricter"), [("euclidean", -1), ("cosine", 1)])
def test_the_common_threshold_is_the_loosest_up_to_which_every_cohort_keeps_fmr(comparator: str, stricter: int) -> None:
    steps = {  # from strict to loose
        0.1: (AROUND, LOW),  # too few false matches to bound FMR
        0.2: (LOW, LOW),
        0.3: (LOW, LOW),
        0.4: (LOW, AROUND),
        0.5: (LOW, LOW),  # beyond one that does not keep it, nothing is looked at
        0.6: (HIGH, HIGH),
    }
    sides = [(A, 0), (B, 1)]
    bands = [row for t, each in steps.items() for c, i in sides for row in band(-stricter * t, each[i], HIGH, c)]
    found = card([], bands, cohorts=(A, B), comparator=comparator).at_which(Which.COMMON)
    assert found is not None
    assert found.threshold == pytest.approx(-stricter * 0.3)
    assert [one.verdict for one in found.held] == [HOLDS, FAILS, HOLDS, FAILS]


def test_no_threshold_is_common_that_is_not_known_in_every_cohort() -> None:
    bands = [*band(0.3, LOW, LOW, A), *band(0.4, LOW, LOW, B)]
    assert card([], bands, cohorts=(A, B)).at_which(Which.COMMON) is None
    assert card([], band(0.3, LOW, LOW, A), cohorts=(A, B)).at_which(Which.COMMON) is None


@pytest.mark.parametrize(
    ("rows", "bands", "expected"),
    [
        (shipped(LOW, LOW), [], [Action.KEEP]),
        (shipped(HIGH, LOW), band(0.4, LOW, LOW), [Action.SET]),
        (shipped(AROUND, LOW), band(0.4, LOW, LOW), [Action.SET]),
        (shipped(AROUND, LOW), band(0.4, LOW, HIGH), [Action.COLLECT]),
        (shipped(HIGH, LOW), band(0.4, LOW, AROUND), [Action.SET, Action.COLLECT]),
        (shipped(HIGH, LOW), band(0.4, LOW, HIGH), [Action.ADAPT]),
        (shipped(HIGH, LOW), [*band(0.4, LOW, HIGH), *band(0.5, AROUND, LOW)], [Action.COLLECT]),
        (shipped(HIGH, LOW), [*band(0.4, AROUND, HIGH), *band(0.5, HIGH, AROUND)], [Action.ADAPT]),
        (shipped(HIGH, (0.1, None, None)), [], [Action.COLLECT]),
        ([], band(0.4, LOW, LOW), [Action.SET]),
        ([], [], []),
    ],
)
def test_the_next_step_follows_from_the_states(rows: list[Row], bands: list[Row], expected: list[Action]) -> None:
    assert [step.action for step in card(rows, bands).steps] == expected


def test_without_intervals_the_next_step_is_to_make_them() -> None:
    study = made(shipped((0.0, None, None), (0.1, None, None)))
    (one,) = cards(replace(study, provenance={"intervals": "none"}))
    assert states(one, Which.SHIPPED) == [UNDECIDED, UNDECIDED]
    assert [step.action for step in one.steps] == [Action.MEASURE]


def test_what_to_collect_is_said_of_the_cohort_that_needs_the_most() -> None:
    near = (0.018, 0.01, 0.03)
    (step,) = card([*shipped(LOW, AROUND, A), *shipped(LOW, near, B)], cohorts=(A, B)).steps
    assert step.held is not None
    assert (step.held.cohort, step.held.rate, step.have) == (B, "fnmr", 20)
    assert step.need is not None
    assert step.need > 20
    (step,) = card(shipped(LOW, (0.02, 0.01, 0.03))).steps
    assert step.need is None, "no number of subjects tells a rate that lies at its limit"


def test_a_cohort_that_cannot_be_measured_needs_the_fewest_that_could_tell() -> None:
    (step,) = card(shipped(LOW, (None, None, None))).steps
    assert step.need == 149, "the fewest faultless subjects whose bound is 2 %: 0.98 ** 149 < 0.05"
    assert 0.98**149 < 0.05 < 0.98**148


def test_id_photos_without_genuine_comparisons_of_their_own_are_held_by_fmr_alone() -> None:
    cohorts = ("id", "selfie")
    between = {"probe_cohort": "id", "gallery_cohort": "selfie"}
    rows = [
        *shipped(LOW, (None, None, None), "id"),
        *shipped(LOW, LOW, "selfie"),
        *({**row, **between} for row in shipped(LOW, LOW)),
        *(metric("genuine", n, cohort=c) for c, n in (("id", 0.0), ("selfie", 90.0))),
        {**metric("genuine", 60.0), **between},
        {**metric("subjects", 20.0), **between},
    ]
    at = card(rows, cohorts=cohorts).at_which(Which.SHIPPED)
    assert at is not None
    held = [("id", "fmr"), *((c, rate) for c in ("selfie", "id/selfie") for rate in ("fmr", "fnmr"))]
    assert [(one.cohort, one.rate) for one in at.held] == held
    assert at.verdict is HOLDS
