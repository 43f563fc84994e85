"""What the text of an `at` column says is read in one place."""

import pytest

from facegap.metrics.operating_points import MeasuredAt, OperatingPoint, at_best, at_fmr, fmr_of, kind_of, parse_at


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("", MeasuredAt(OperatingPoint.NONE)),
        ("genuine", MeasuredAt(OperatingPoint.NONE)),
        ("shipped", MeasuredAt(OperatingPoint.SHIPPED)),
        (at_fmr(1e-3), MeasuredAt(OperatingPoint.FMR, fmr="0.001")),
        (at_fmr(1e-5, "若年女性"), MeasuredAt(OperatingPoint.ELSEWHERE, cohort="若年女性", fmr="1e-05")),
        (at_fmr(0.1, "a@fmr=b"), MeasuredAt(OperatingPoint.ELSEWHERE, cohort="a@fmr=b", fmr="0.1")),
        (at_fmr(0.1, "fmr=best-f1"), MeasuredAt(OperatingPoint.ELSEWHERE, cohort="fmr=best-f1", fmr="0.1")),
        (at_best("f1"), MeasuredAt(OperatingPoint.BEST, metric="f1")),
        (at_best("f1", 0.01), MeasuredAt(OperatingPoint.SHARE, metric="f1", share="0.01")),
    ],
)
def test_what_is_written_is_read(at: str, found: MeasuredAt) -> None:
    assert parse_at(at) == found
    assert kind_of(at) is found.kind


def test_a_threshold_chosen_here_is_known_by_its_cohort() -> None:
    assert kind_of("young@fmr=0.01", "young") is OperatingPoint.HERE
    assert kind_of("young@fmr=0.01", "old") is OperatingPoint.ELSEWHERE
    assert fmr_of("young@fmr=0.01") == fmr_of("fmr=0.01") == 0.01
