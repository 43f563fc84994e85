"""Laws of verdicts, on any interval."""

from hypothesis import given
from hypothesis import strategies as st

from facegap.jobs.check.measured import MeasuredValue
from jobs.check.judged import BOTH, ENDS, RANK, verdict
from jobs.check.made import difference, evaluation, metric, models

finite = st.floats(-10, 10)

bounds = st.tuples(st.none() | finite, st.none() | finite).map(
    lambda pair: pair if None in pair else tuple(sorted(pair, key=lambda bound: bound or 0.0))
)


@given(bounds, st.sampled_from(["<=", ">="]), finite, finite)
def test_a_verdict_only_gets_better_as_the_limit_gets_wider(ends, sign, one: float, other: float) -> None:
    measured = MeasuredValue(0.0, *ends, scale="plain")
    tight, wide = sorted((one, other), reverse=sign == ">=")
    assert RANK[measured.against(sign, tight)] <= RANK[measured.against(sign, wide)]


@given(bounds, finite)
def test_a_difference_says_the_same_from_either_end(ends, limit: float) -> None:
    straight = evaluation([metric("auc", 0.9)], [difference(0.0, *ends)])
    reverse = {"cohort_a": "young-women", "cohort_b": "general"}
    stored = evaluation([metric("auc", 0.9)], [difference(0.0, *ends, **reverse)])
    there, back = f"auc_gap(general - young-women) <= {limit!r}", f"auc_gap(young-women - general) >= {-limit!r}"
    assert verdict(straight, there) is verdict(straight, back)
    there, back = f"auc_gap(young-women - general) <= {limit!r}", f"auc_gap(general - young-women) >= {-limit!r}"
    assert verdict(stored, there) is verdict(stored, back)


@given(st.lists(st.integers(-6, 6), min_size=2, max_size=2).map(sorted), st.integers(-6, 6))
def test_a_ratio_says_the_same_from_either_end(exponents: list[int], limit: int) -> None:
    low, high = (2.0**power for power in exponents)
    row = difference(low, low, high, metric="fmr", at="shipped", scale="ratio")
    made = evaluation([metric("fmr", 0.1, at="shipped")], [row])
    there = verdict(made, f"fmr_ratio(general/young-women) <= {2.0**limit!r}")
    assert there is verdict(made, f"fmr_ratio(young-women/general) >= {2.0**-limit!r}")


@given(bounds, st.floats(0, 10))
def test_equivalent_is_not_worse_both_ways(ends, margin: float) -> None:
    made = evaluation(ENDS, [models(0.0, *ends)], **BOTH)
    one, other, both = (
        RANK[verdict(made, f"{claim}, auc, {margin!r})[general]")]
        for claim in ("not_worse(new, old", "not_worse(old, new", "equivalent(new, old")
    )
    assert both == min(one, other)
