import pytest

from facegap.report.text.formatting import count, decimal, metric_text, percent, share_of, threshold_text


def row(metric: str, value: float | None, low: float | None = None, high: float | None = None) -> dict:
    return {"metric": metric, "value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.0000"),
        (1, "1.0000"),
        (0.942, "0.942"),
        (0.9987, "0.9987"),
        (0.99982, "0.99982"),
        (0.00012, "0.00012"),
        (3.4, "3.40"),
    ],
)
def test_a_decimal_never_rounds_to_a_perfect_value_that_it_is_not(value: float, text: str) -> None:
    assert decimal(value) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.9312, "93.1 %"),
        (0.0512, "5.12 %"),
        (0.000123, "0.0123 %"),
        (0.99963, "99.96 %"),
        (1e-6, "0.000100 %"),
    ],
)
def test_a_percentage_keeps_three_digits_and_its_distance_from_all(rate: float, text: str) -> None:
    assert percent(rate) == text


def test_an_interval_is_shown_where_there_is_one() -> None:
    assert metric_text(row("auc", 0.942)) == "0.942"
    assert metric_text(row("auc", 0.942, 0.915, 0.961)) == "0.942 [0.915, 0.961]"
    assert metric_text(row("fmr", 0.012, 0.01, 0.02)) == "1.20 % [1.0 %, 2.0 %]"
    assert metric_text(row("fmr", 0.0, 0.0, 0.021)) == "0 % [0 %, 2.1 %]"
    assert metric_text(row("fmr", 0.9, None, 0.99963)) == "90.0 % [–, 99.96 %]"
    assert metric_text(row("auc", 1.0, 0.99, 1 - 1e-12)) == "1.0000 [0.990, 1.0000]"
    assert metric_text(row("images", 12.0, 11.0, 13.0)) == "12"


def test_what_is_absent_and_what_cannot_be_resolved_differ() -> None:
    assert metric_text(None) == "–"
    assert metric_text(row("tar", None)) == "not resolvable"


def test_counts_and_thresholds() -> None:
    assert count(44850.0) == metric_text(row("impostor", 44850.0)) == "44,850"
    assert threshold_text(0.6) == "0.6"
    assert threshold_text(0.351249) == "0.3512"
    assert threshold_text(None) == "–"
    assert share_of(12, 44850) == "12 of 44,850"
    assert share_of(None, 44850) == ""
