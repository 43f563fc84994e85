"""What the section Why says, of tables that are made up, in English and in the pseudo-language."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from facegap.data.evaluation import Evaluation
from facegap.data.explanation import Explanation
from facegap.metrics.explaining import Unexplained
from facegap.report.charts.figures import figures_of
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.text.language import in_language
from facegap.report.text.measure_names import measure_name
from facegap.report.text.why import amount, manner, reason_words, why_sentences
from report.text.pseudo import PSEUDO, unbracketed
from report.text.test_pseudo_language import Words, names_in

BOTH, SPREADS = ["eye_distance", "sharpness"], ("yaw", "brightness")
KEY = {"model": "dlib", "cohort": "若年女性", "reference": "general"}


def gap(metric: str, at: str, measures: list[str], total: float, part: float, *, reason: str = "", half: float = 0.02):
    """Return a row of `gaps` whose bounds are `half` to each side."""
    parts = {"total": total} | ({} if reason else {"with_measures": part, "rest": total - part})
    ends = {
        f"{name}{end}": value + sign * half
        for name, value in parts.items()
        for end, sign in (("_low", -1), ("_high", 1))
    }
    known = {} if reason else {"standardised": 0.9, "matched": total - part, "matched_share": 0.8, "subjects": 31.0}
    return {**KEY, "metric": metric, "at": at, "measures": measures, "value": 0.9, "reference_value": 0.9 - total,
            **parts, **ends, **known, "images": 500, "impostor": 900, "impostor_of": 900, "reason": reason}  # fmt: skip


def explanation(gaps: list[dict], reasons: dict[str, str]) -> Explanation:
    quantiles = {name: k * 1.0 for k, name in enumerate(("p01", "p05", "p25", "p50", "p75", "p95", "p99"))}
    described = {"unit": "pixels", "images": 100, "missing": 7, "mean": 3.0, "sd": 1.0, **quantiles}
    measures = [
        {"model": "", "cohort": cohort, "measure": name, **described}
        for name in reasons
        for cohort in ("general", "若年女性")
    ]
    balance = [
        {
            **KEY,
            "measure": name,
            "before": None if reason else -0.6,
            "after": None if reason else 0.02,
            "before_spread": None if reason or name not in SPREADS else 0.7,
            "after_spread": None if reason or name not in SPREADS else 0.03,
            "reason": reason,
        }
        for name, reason in reasons.items()
    ]
    point = {"model": "dlib", "cohort": "general", "metric": "fnmr", "at": "shipped", "threshold": 0.6,
             "measure": "sharpness", "value": 0.04, "low": 0.02, "high": 0.07}  # fmt: skip
    discards = [
        {**point, "kind": "point", "discarded": 0.0, "limit": 1.0, "refused": 0.0},
        {**point, "kind": "point", "discarded": 0.09, "limit": 12.0, "refused": 0.05, "value": 0.03},
        {**point, "kind": "area", "discarded": 0.2},
    ]
    return Explanation.of({"measures": measures, "balance": balance, "gaps": gaps, "discards": discards})


@pytest.fixture(scope="module")
def plain(make_evaluation: Callable[..., Evaluation]) -> Evaluation:
    return make_evaluation(cohorts=("general", "若年女性"))


def said(plain: Evaluation, gaps: list[dict], reasons: dict[str, str]) -> list[str]:
    return why_sentences(replace(plain, explanation=explanation(gaps, reasons)))


def test_a_gap_is_taken_apart_in_one_sentence(plain):
    gaps = [
        gap("auc", "", BOTH, -0.081, -0.046),
        gap("auc", "", ["eye_distance"], -0.081, -0.025),
        gap("auc", "", ["sharpness"], -0.081, -0.03),
    ]
    assert said(plain, gaps, dict.fromkeys(BOTH, "")) == [
        "dlib: of the 0.081 by which AUC is lower on 若年女性 than on general, 0.046 [0.026, 0.066] goes with what "
        "was measured of the images, above all blurrier faces and smaller faces; 0.035 [0.015, 0.055] does not."
    ]


def test_no_measure_is_named_for_a_part_that_may_be_none(plain):
    gaps = [gap("auc", "", BOTH, -0.081, -0.01), gap("auc", "", ["sharpness"], -0.081, -0.03)]
    (sentence,) = said(plain, gaps, dict.fromkeys(BOTH, ""))
    assert "0.010 [−0.010, 0.030] goes with what was measured of the images; 0.071" in sentence


def test_what_differs_in_its_spread_is_named_by_it(plain):
    measures = ["yaw", "brightness", "sharpness"]
    gaps = [gap("auc", "", measures, -0.081, -0.06), gap("auc", "", ["yaw"], -0.081, -0.05)]
    (sentence,) = said(plain, gaps, dict.fromkeys(measures, ""))
    assert "above all heads turned further to either side; 0.021" in sentence
    (sentence,) = said(plain, [gaps[0], gap("auc", "", ["brightness"], -0.081, -0.05)], dict.fromkeys(measures, ""))
    assert "above all brightness of the face that varies more; 0.021" in sentence


def test_no_measure_is_named_whose_own_part_may_be_none(plain):
    gaps = [gap("auc", "", BOTH, -0.081, -0.046), gap("auc", "", ["sharpness"], -0.081, -0.01)]
    (sentence,) = said(plain, gaps, dict.fromkeys(BOTH, ""))
    assert "[0.026, 0.066] goes with what was measured of the images; 0.035" in sentence


def test_a_measure_that_is_not_among_those_taken_together_is_not_named(plain):
    gaps = [gap("auc", "", BOTH, -0.081, -0.046), gap("auc", "", ["embedding_length"], -0.081, -0.03)]
    (sentence,) = said(plain, gaps, dict.fromkeys([*BOTH, "embedding_length"], ""))
    assert "[0.026, 0.066] goes with what was measured of the images; 0.035" in sentence


def test_rates_differ_by_points_and_may_be_higher(plain):
    (sentence,) = said(plain, [gap("fnmr", "shipped", BOTH, 0.1, 0.13)], dict.fromkeys(BOTH, ""))
    assert "of the 10.0 points by which FNMR at the shipped threshold is higher on 若年女性" in sentence
    assert "13.0 points [11.0, 15.0] goes with what was measured of the images" in sentence
    assert "−3.0 points [−5.0, −1.0] does not" in sentence


def test_a_gap_that_may_be_none_is_not_taken_apart(plain):
    rows = [gap("auc", "", BOTH, -0.01, -0.005)]
    assert said(plain, rows, dict.fromkeys(BOTH, "")) == [
        "dlib: no significant gap between 若年女性 and general in the numbers below that can be told. AUC, 若年女性 "
        "less general: −0.010 [−0.030, 0.010]."
    ]
    rows.append(gap("fnmr", "shipped", BOTH, 0.1, 0.02))
    assert "is higher on 若年女性" in said(plain, rows, dict.fromkeys(BOTH, ""))[0]


def test_rows_of_gaps_at_two_thresholds_can_be_told_apart(plain):
    rates = [gap("tar", f"fmr={rate}", BOTH, -0.1, -0.05) for rate in ("0.01", "0.001")]
    evaluation = replace(plain, explanation=explanation(rates, dict.fromkeys(BOTH, "")))
    page = render(evaluation, figures_of(evaluation), shown_faces(evaluation), None)
    for rate in ("0.01", "0.001"):
        assert f">TAR at each cohort's own threshold for FMR {rate}<" in page.replace("&#39;", "'")


def test_what_cannot_be_told_has_a_reason(plain):
    (sentence,) = said(plain, [gap("auc", "", BOTH, -0.08, 0, reason="too-high")], dict.fromkeys(BOTH, ""))
    assert sentence.endswith("goes with the images: both AUCs are above 0.995, and hang on few comparisons.")
    first, _second = said(plain, [gap("auc", "", ["eye_distance"], -0.08, 0)], {"sharpness": "no-overlap"})
    assert "so different in sharpness of the face that hardly any are alike" in first


def test_measures_and_reasons_have_names():
    assert measure_name("age") == "age"
    assert manner("age", -1) == "lower age"
    assert manner("eye_distance", 1) == "larger faces"
    assert len({reason_words(one) for one in Unexplained}) == len(Unexplained)
    assert reason_words("made up") == "made up"
    assert amount({"metric": "auc"}, "total") == ""


def test_every_word_of_the_section_can_be_translated(plain):
    reasons = {"sharpness": "", "eye_distance": "", **{f"column {one}": str(one) for one in Unexplained}}
    gaps = [gap("auc", "", BOTH, -0.081, -0.046), gap("auc", "", ["sharpness"], -0.081, -0.03)]
    gaps += [gap("fnmr", "shipped", BOTH, 0.1, 0.05, reason=str(one)) for one in Unexplained]
    evaluation = replace(plain, explanation=explanation(gaps, reasons))
    with in_language(PSEUDO):
        page = render(evaluation, figures_of(evaluation), shown_faces(evaluation), None)
    assert 'id="why"' in page
    assert unbracketed("\n".join(Words(page).texts), *names_in(evaluation), *reasons) == set()
