import numpy as np
import polars as pl
import pytest

from facegap.errors import InputError, Phrase, nphrase
from facegap.report.page.page import environment
from facegap.report.text.errors import error_text
from facegap.report.text.formatting import count, decimal, metric_text, percent, share_of, threshold_text
from facegap.report.text.language import _, in_language, ngettext


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


@pytest.mark.parametrize("number", [1549, np.int64(1549), pl.Series([1549])[0]])
def test_a_count_has_its_thousands_separated_wherever_it_is_read(number: int) -> None:
    assert _("at most {most} images", most=number) == "at most 1,549 images"
    assert ngettext("{n} image", "{n} images", int(number), n=number) == "1,549 images"
    more = nphrase("{n} image", "{n} images", int(number))
    error = InputError("{more} in {where}", more=more, where=Phrase("{n}", n=1234))
    assert str(error) == "1,549 images in 1,234"
    with in_language("ja"):
        extent = "{models} models, {images} images of {subjects} subjects"
        said = ngettext(extent.replace("models,", "model,"), extent, 2, models=2, images=number, subjects=963)
        assert said.endswith("の画像 1,549 枚")
        error = InputError("seed {seed:d} is negative: give 0 or more", seed=-1549)
        assert error_text(error).startswith("乱数の種 -1549 が")
    made = environment({}).from_string("{{ _('{n} rows', n=n) }}, {{ ngettext('{n} row', '{n} rows', n, n=n) }}")
    assert made.render(n=int(number)) == "1,549 rows, 1,549 rows"


def test_what_is_no_count_stays_as_it_is() -> None:
    assert _("{width:d} x {height:d} pixels", width=4032, height=3024) == "4032 x 3024 pixels"
    assert _("{name}: {yes}, {text!r}", name="1549", yes=True, text=1549) == "1549: True, 1549"


def test_a_number_of_people_has_its_thousands_separated() -> None:
    assert metric_text(row("effective_subjects", 1549.3)) == "1,549"
