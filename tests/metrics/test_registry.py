"""A metric is one record: registered in a file of its own, it is found wherever numbers are measured, judged and shown.

The metric here stands in no file of facegap. This keeps "A metric" in CONTRIBUTING.md true.
"""

from dataclasses import replace

import numpy as np
import pytest

from facegap.errors import InputError
from facegap.jobs.check import Verdict, check
from facegap.metrics import formulas
from facegap.metrics.operating_points import OperatingPoint, kind_of
from facegap.metrics.registry import (
    Metric,
    PointMetric,
    Unit,
    Word,
    metric,
    parse_metrics,
    register,
    registered,
    unregister,
)
from facegap.report.tables.difference_tables import comparisons
from facegap.report.tables.tables import further_tables
from facegap.report.text.formatting import metric_text
from facegap.report.text.glossary import glossary
from facegap.stats import PLAIN
from metrics.asked_for import SHIPPED, AskedStudy, asked_study

NAME = "balanced_accuracy"
SHIPPED_ONLY = frozenset({OperatingPoint.SHIPPED})


@pytest.fixture(scope="module")
def toy():
    register(
        PointMetric(
            name=NAME,
            label="balanced accuracy",
            higher_is_better=True,
            unit=Unit.PERCENT,
            word=Word("Balanced accuracy", "", "The mean of the shares of both kinds that are decided rightly."),
            standing=False,
            formula=lambda tp, fp, g, i: (tp / g + 1 - fp / i) / 2,
            decisions=(formulas.of_genuine, formulas.of_impostors),
            points=SHIPPED_ONLY,
            compared_at=SHIPPED_ONLY,
        )
    )
    yield asked_study([NAME])
    unregister(NAME)


def beyond_its_scale(one: PointMetric) -> list[float]:
    """Return the numbers of a metric, over all outcomes of a few comparisons, that lie outside of its scale."""
    tp, fp, g, i = (axis.ravel() for axis in np.meshgrid(range(5), range(7), [4.0], [6.0]))
    with np.errstate(invalid="ignore"):  # a precision of nothing is none
        numbers = one.formula(tp, fp, g, i)
    return [n for n in numbers.tolist() if n < one.scale.low - 1e-12 or n > one.scale.high + 1e-12]


@pytest.mark.parametrize("one", [one for one in registered() if isinstance(one, PointMetric)], ids=lambda one: one.name)
def test_every_metric_has_a_scale_that_holds_its_numbers(one: PointMetric) -> None:
    assert beyond_its_scale(one) == [], f"say on which scale {one.name} lies, e.g. scale=PLAIN of facegap.stats"


def test_a_number_that_can_be_negative_is_beyond_the_usual_scale() -> None:
    youden = PointMetric(name="youden", formula=lambda tp, fp, g, i: tp / g - fp / i)
    assert min(beyond_its_scale(youden)) == -1
    assert beyond_its_scale(replace(youden, scale=PLAIN)) == []


def test_it_has_a_value_and_an_interval_in_every_cohort_and_none_unasked(toy: AskedStudy) -> None:
    for model in ("one", "two"):
        for cohort in ("plain", "hard"):
            row = toy.evaluation.row(NAME, model=model, cohort=cohort, at="shipped")
            assert row is not None
            assert row["value"] == pytest.approx(1 - sum(toy.rates(model, cohort, SHIPPED)) / 2)
            assert row["low"] < row["value"] < row["high"]
    assert NAME not in set(asked_study().evaluation.metrics["metric"])


def test_models_cohorts_and_gaps_are_compared_by_it(toy: AskedStudy) -> None:
    rows = toy.evaluation.differences.filter(metric=NAME)
    assert rows["kind"].unique().sort().to_list() == ["cohorts", "gaps", "models"]
    assert set(rows["scale"]) == {"difference"}
    assert rows.filter(kind="models")["p_holm"].null_count() == 0


def test_rules_are_judged_by_it_and_know_which_way_is_better(toy: AskedStudy) -> None:
    row = toy.evaluation.row(NAME, model="one", cohort="hard", at="shipped")
    assert row is not None
    rules = [f"{NAME}@shipped[hard, one] >= {bound}" for bound in (row["low"] - 0.001, row["high"] + 0.001)]
    assert [one.verdict for one in check(toy.evaluation, rules)] == [Verdict.HOLDS, Verdict.FAILS]
    gap = toy.evaluation.differences.filter(metric=NAME, kind="models", cohort_a="plain").row(0, named=True)
    assert gap["low"] > 0
    (better,) = check(toy.evaluation, [f"better(one, two, {NAME})[plain]"])
    assert better.verdict is Verdict.HOLDS


def test_it_is_written_in_its_unit_in_tables_and_words(toy: AskedStudy) -> None:
    row = toy.evaluation.row(NAME, model="one", cohort="plain", at="shipped")
    assert row is not None
    assert metric_text(row).startswith(f"{100 * row['value']:.1f} % [")
    table = further_tables(toy.evaluation)[0]
    assert table.columns[-1] == "Balanced accuracy at the shipped threshold"
    assert table.rows[0][-1].text == f"{100 * row['value']:.1f} %"
    shown = [row for kind in comparisons(toy.evaluation) for t in (kind.significant, kind.others) for row in t.rows]
    assert "Balanced accuracy at the shipped threshold" in {cells[2].text for cells in shown}
    assert "Balanced accuracy" in [word for word, _, _ in glossary({NAME})]
    assert "Balanced accuracy" not in [word for word, _, _ in glossary({"auc"})]


def test_what_was_asked_for_stands_in_the_provenance(toy: AskedStudy) -> None:
    assert toy.evaluation.provenance["metrics"] == NAME


def test_two_metrics_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="already called 'auc'"):
        register(Metric(name="auc"))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["cost"], "'cost' is unknown: there are dcf:c_miss=1,c_false=10,prior=0.01"),
        (["auc"], "measured in every evaluation"),
        (["hter", "hter"], "given twice"),
        (["hter:c_miss=1"], "not understood: write e.g. --metric hter"),
        (["dcf"], "not understood: write e.g. --metric dcf:c_miss=1,c_false=10,prior=0.01"),
        (["dcf:c_miss=1,c_false=ten,prior=0.01"], "not understood"),
        (["dcf:c_miss=1,c_false=10,prior=0.01,more=1"], "not understood"),
        (["dcf:c_miss=1,c_false=10,prior=1"], "a prior between 0 and 1"),
        (["min_dcf:c_miss=-1,c_false=10,prior=0.5"], "costs above 0"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_what_can(texts: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_metrics(texts)


def test_a_metric_is_asked_for_again_by_its_own_text() -> None:
    for one in (one for one in registered() if not one.standing):
        (again,) = parse_metrics([one.text])
        assert (again.name, again.parameters) == (one.name, one.parameters)


def test_another_programs_metric_is_shown_as_a_decimal_number() -> None:
    assert metric("unheard_of").unit is Unit.DECIMAL
    assert metric_text({"metric": "unheard_of", "value": 0.25, "low": None, "high": None}) == "0.250"


@pytest.mark.parametrize(
    ("at", "cohort", "kind"),
    [
        ("", "", OperatingPoint.NONE),
        ("shipped", "a", OperatingPoint.SHIPPED),
        ("fmr=0.001", "a", OperatingPoint.FMR),
        ("best-f1", "a", OperatingPoint.BEST),
        ("best-f1, share=0.01", "a", OperatingPoint.SHARE),
        ("a@fmr=0.001", "a", OperatingPoint.HERE),
        ("a@fmr=0.001", "b", OperatingPoint.ELSEWHERE),
        ("best-friends@fmr=0.001", "", OperatingPoint.ELSEWHERE),
    ],
)
def test_operating_points_are_told_apart(at: str, cohort: str, kind: OperatingPoint) -> None:
    assert kind_of(at, cohort) is kind
