import re
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from facegap.data.evaluation import Evaluation
from facegap.data.evaluation_tables import METRIC_SCHEMA
from facegap.report.text.verdict import verdicts

Made = Callable[..., Evaluation]


def said(evaluation: Evaluation) -> list[str]:
    return [str(one) for one in verdicts(evaluation)]


@pytest.fixture
def of(evaluation: Evaluation) -> Made:
    """Return a function that builds an evaluation of one model from {cohort: {(metric, at): value}}."""

    def build(cells: dict[str, dict[tuple[str, str], float | None]]) -> Evaluation:
        rows = [
            {
                "model": "dlib",
                "images": "own",
                "probe_cohort": cohort,
                "gallery_cohort": cohort,
                "metric": metric,
                "at": at,
                "value": value,
                "threshold": 0.6 if at == "shipped" else None,
                "method": "",
            }
            for cohort, values in cells.items()
            for (metric, at), value in values.items()
        ]
        cohorts = pl.DataFrame({"cohort": list(cells), "images": 300, "subjects": 100})
        metrics = pl.DataFrame(rows, schema=METRIC_SCHEMA)
        return replace(evaluation, metrics=metrics, cohorts=cohorts, models=evaluation.models.head(1))

    return build


def rates(auc: float | None, eer: float | None, fmr: float | None = None, fnmr: float | None = None) -> dict:
    shipped = {("fmr", "shipped"): fmr, ("fnmr", "shipped"): fnmr} if fmr is not None else {}
    return {("auc", ""): auc, ("eer", ""): eer, **shipped}


def test_best_and_worst_cohort_with_their_difference(of: Made) -> None:
    (text,) = said(of({"general": rates(0.981, 0.061), "young-women": rates(0.942, 0.124), "all": rates(0.5, 0.5)}))
    assert text == (
        "dlib: measured AUC is best in general (0.981) and worst in young-women (0.942), a difference of 0.039; "
        "measured EER is best in general (6.10 %) and worst in young-women (12.4 %), a difference of 6.30 percentage "
        "points. It ships no threshold that could be audited here."
    )


def test_a_shipped_threshold_that_accepts_nearly_everyone(of: Made) -> None:
    cells = {"general": rates(0.981, 0.061, 0.2, 0.01), "young-women": rates(0.942, 0.124, 0.93, 0.6)}
    (text,) = said(of(cells))
    assert (
        "Its shipped threshold 0.6 accepts 93.0 % of impostor comparisons in young-women (unusable there) "
        "and rejects 60.0 % of genuine comparisons in young-women (unusable there)." in text
    )


@pytest.mark.parametrize(
    ("fmr", "words"),
    [
        (0.02, "accepts 2.00 % of impostor comparisons in a (loose"),
        (0.001, "accepts at most 0.100 %"),
        (0, "accepts no"),
    ],
)
def test_the_shipped_threshold_is_judged_by_how_much_it_accepts(of: Made, fmr: float, words: str) -> None:
    (text,) = said(of({"a": rates(0.9, 0.1, fmr, 0.1), "b": rates(0.8, 0.1, 0, 0.1)}))
    assert words in text


def test_one_cohort_has_no_best_and_worst(of: Made) -> None:
    (text,) = said(of({"people": {**rates(0.98, 0.06, 0.0, 0.1), ("fta", ""): 0.04}}))
    assert text.startswith("dlib: AUC is 0.980 and EER 6.00 % in people. ")
    assert "accepts no impostor comparison in people and rejects 10.0 % of genuine comparisons in people." in text
    assert text.endswith("It got no embedding from 4.00 % of the images.")


def test_perfect_separation_is_no_praise(of: Made) -> None:
    (text,) = said(of({"a": rates(1.0, 0.0), "b": rates(1.0, 0.0)}))
    assert "too few or too easy to tell the cohorts apart" in text


def test_equal_cohorts_have_no_difference(of: Made) -> None:
    (text,) = said(of({"a": rates(0.9, 0.1), "b": rates(0.9, 0.1)}))
    assert "AUC is 0.900 in every cohort." in text


def test_an_undefined_auc_is_named(of: Made) -> None:
    (text,) = said(of({"a": rates(0.9, 0.1), "b": rates(None, None), "c": rates(None, None)}))
    assert "AUC is 0.900 and EER 10.0 % in a. AUC is undefined in b and c" in text
    (text,) = said(of({"a": rates(None, None)}))
    assert text.startswith("dlib: AUC is undefined in a")


def test_several_models_are_compared_over_common_images(evaluation: Evaluation, make_evaluation: Made) -> None:
    texts = said(evaluation)
    assert [text.partition(":")[0] for text in texts[:2]] == evaluation.models["model"].to_list()
    assert texts[2].startswith("Over the images every model could embed: mobilefacenet_ms1m_112 has the highest")
    assert said(make_evaluation(common=False))[2].startswith("Compared with each other: ")
    assert "the models tie in" in said(make_evaluation(gap=5.0))[2]


def test_significant_is_said_of_what_was_tested(evaluation: Evaluation, sure: Evaluation) -> None:
    assert "significant" not in " ".join(said(evaluation)).lower()
    assert " told" not in " ".join([*said(evaluation), *said(sure)]).lower()


def test_a_tested_difference_is_claimed_with_its_numbers(sure: Evaluation) -> None:
    texts = said(sure)
    assert re.match(r"dlib: accepts impostor comparisons \d", texts[0]), "what it does at a threshold comes first"
    assert re.search(
        r"\. It is worse on 若年女性 than on general: AUC 0\.8\d+ against 0\.9\d+, −0\.\d+ \[−0\.\d+, −0\.\d+\], "
        r"p < 0\.001\. ",
        texts[0],
    )
    assert "measured AUC is best" not in texts[0]
    assert texts[2].startswith(
        "Over the images every model could embed: mobilefacenet_ms1m_112 is better than dlib on "
    )
    assert "no significant difference in AUC on general" in texts[2]


def test_areas_too_near_one_to_be_compared_are_not_named_where_rates_are(sure: Evaluation) -> None:
    barred = pl.when(pl.col("metric") == "auc")
    untested = sure.differences.with_columns(
        *(barred.then(None).otherwise(name).alias(name) for name in ("p", "p_holm", "low", "high", "detectable"))
    )
    text = said(replace(sure, differences=untested))[0]
    assert "AUC" not in text.partition(" Its shipped threshold")[0]
    assert text.startswith("dlib: accepts impostor comparisons ")


def test_what_cannot_be_told_is_not_claimed(sure: Evaluation) -> None:
    undecided = sure.differences.with_columns(p_holm=pl.lit(0.05), detectable=pl.lit(0.05))
    texts = said(replace(sure, differences=undecided))
    assert texts[0].startswith("dlib: no significant difference between cohorts in AUC (0.8")
    assert "the minimum detectable difference is 0.05 (80 % power)" in texts[0]
    assert "No significant difference in AUC between dlib and mobilefacenet_ms1m_112 on general, " in texts[2]
    assert not [word for text in texts for word in ("worse", "better", "times") if f" {word} " in text]


def test_models_that_could_not_be_tested_by_cohort_are_compared_over_all(sure: Evaluation) -> None:
    fine = (pl.col("kind") == "models") & (pl.col("at") == "fmr=0.001") & (pl.col("cohort_a") != "all")
    untested = sure.differences.with_columns(p_holm=pl.when(~fine).then("p_holm"))
    assert "on all cohorts together (FNMR" in said(replace(sure, differences=untested))[2]


def test_perfect_separation_stays_no_praise_when_tested(sure: Evaluation) -> None:
    perfect = sure.differences.with_columns(value_a=1.0, value_b=1.0, value=0.0, p=1.0, p_holm=1.0)
    assert "too few or too easy" in said(replace(sure, differences=perfect))[0]


def test_a_shipped_threshold_is_judged_by_its_interval(sure: Evaluation) -> None:
    text = said(sure)[0]
    assert re.search(
        r"accepts \d\d\.\d % \[\d\d\.\d %, \d\d\.\d %\] of impostor comparisons in 若年女性 \(unusable there\)", text
    )
    zero = pl.when((pl.col("metric") == "fnmr") & (pl.col("at") == "shipped"))
    metrics = sure.metrics.with_columns(
        value=zero.then(0.0).otherwise("value"),
        low=zero.then(0.0).otherwise("low"),
        high=zero.then(0.021).otherwise("high"),
    )
    text = said(replace(sure, metrics=metrics))[0]
    assert "rejects no genuine comparison in any cohort (the rate is at most 2.1 %)" in text
