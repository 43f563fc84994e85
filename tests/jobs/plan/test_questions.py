import pytest

from facegap.errors import InputError
from facegap.jobs.plan import Gap, Request, Resolve, parse_gap, parse_resolve


def test_what_the_command_line_takes():
    assert parse_resolve("fmr=1e-3") == Resolve(1e-3)
    assert parse_gap("auc=0.02", "cohorts") == Gap("auc", 0.02)
    assert parse_gap("tar@fmr=1e-2=0.05", "models") == Gap("tar", 0.05, "models", 1e-2)
    assert str(parse_gap("fnmr@fmr=0.01=0.05", "models")) == "gap of 0.05 in FNMR@FMR=0.01 between two models"


@pytest.mark.parametrize("text", ["1e-3", "fmr", "fmr=", "fmr=x", "fmr=0", "fmr=1", "fmr=-1", "fmr=nan", "auc=0.1"])
def test_what_is_no_false_match_rate(text):
    with pytest.raises(InputError, match="fmr=1e-3"):
        parse_resolve(text)


@pytest.mark.parametrize(
    "text", ["auc", "auc=", "auc=x", "auc=0", "auc=1", "auc=-0.1", "auc=nan", "f1=0.1", "tar=0.1", "tar@fmr=2=0.1",
             "tar@fmr=0.1", "auc@fmr=0.01=0.1", "=0.1"]
)  # fmt: skip
def test_what_is_no_gap(text):
    with pytest.raises(InputError, match="auc, eer"):
        parse_gap(text, "cohorts")


def test_a_gap_lies_between_cohorts_or_models():
    with pytest.raises(InputError, match="cohorts or models"):
        parse_gap("auc=0.1", "people")


@pytest.mark.parametrize(("metric", "worse"), [("auc", 0.6), ("tar", 0.6), ("eer", 0.8), ("fnmr", 0.8)])
def test_worse_is_lower_for_some_metrics_and_higher_for_others(metric, worse):
    value = 0.7 if metric != "eer" else 0.3
    expected = worse if metric != "eer" else 0.4
    assert Gap(metric, 0.1, fmr=0.01).worse(value) == pytest.approx(expected)


@pytest.mark.parametrize(("metric", "value"), [("auc", 0.59), ("tar", 0.09), ("eer", 0.41), ("fnmr", 0.91)])
def test_nothing_is_worse_than_guessing(metric, value):
    with pytest.raises(InputError, match="too large"):
        Gap(metric, 0.1, fmr=0.01).worse(value)


def test_a_request_asks_something_with_a_share_as_power():
    with pytest.raises(InputError, match="nothing was asked"):
        Request(())
    with pytest.raises(InputError, match="--power 80"):
        Request((Resolve(0.1),), power=80)
    with pytest.raises(InputError, match="--level 0"):
        Request((Resolve(0.1),), level=0)
