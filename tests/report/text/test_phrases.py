import pytest

from facegap.report.text import phrases
from facegap.report.text.phrases import claim, sentence
from report.filled import difference

GENERAL, YOUNG = ("dlib", "general"), ("dlib", "young-women")


def cohorts(metric: str = "auc", at: str = "", **more) -> dict:
    numbers = {"value_a": 0.955, "value_b": 0.914, "value": 0.041, "low": 0.012, "high": 0.07, "p": 0.006}
    return difference("cohorts", "own", metric, at, GENERAL, YOUNG, **{**numbers, "p_holm": 0.012, **more})


def models(metric: str, at: str, **more) -> dict:
    return difference(
        "models", "own", metric, at, ("dlib", "general"), ("jp", "general"), p_holm=0.001, p=0.001, **more
    )


def test_a_worse_cohort_in_a_sentence() -> None:
    assert sentence(cohorts(), 0.95) == (
        "dlib is worse on young-women than on general: AUC 0.914 against 0.955, −0.041 [−0.070, −0.012], p = 0.012"
    )


def test_what_cannot_be_told_is_not_claimed() -> None:
    text = claim(cohorts(p=0.2, p_holm=0.4), 0.95)
    assert text == "No significant difference between general and young-women with dlib"


def test_a_ratio_says_how_many_times_as_often() -> None:
    row = cohorts("fmr", "shipped", scale="ratio", value=1 / 3.1, low=0.125, high=1 / 1.2, p=1e-9, p_holm=1e-8)
    assert sentence(row, 0.95) == (
        "dlib accepts impostor comparisons 3.1 times [1.20, 8.0] as often on young-women as on general at the shipped "
        "threshold, p < 0.001"
    )


def test_error_rates_differ_by_points() -> None:
    row = cohorts("eer", value_a=0.06, value_b=0.12, value=-0.06, low=-0.09, high=-0.03)
    assert "EER 12.0 % against 6.00 %, +6.0 points [3.0, 9.0]" in sentence(row, 0.95)
    assert phrases.size_text({**row, "detectable": 0.031}) == "3.1 points"


def test_a_better_model_is_called_better_except_at_a_threshold_of_its_own() -> None:
    assert claim(models("auc", "", value_a=0.9, value_b=0.98), 0.95) == "jp is better than dlib on general"
    assert claim(models("fnmr", "fmr=0.001", value_a=0.1, value_b=0.3), 0.95) == "dlib is better than jp on general"
    traded = claim(models("fmr", "shipped", value_a=0.9, value_b=0.1), 0.95)
    assert traded == "jp accepts impostor comparisons less often than dlib on general"


def test_gaps_are_smaller_or_go_different_ways() -> None:
    ends = (("dlib", "general"), ("jp", "young-women"))
    smaller = difference("gaps", "own", "auc", "", *ends, value_a=0.06, value_b=0.01, p=0.001, p_holm=0.001)
    assert claim(smaller, 0.95) == "The gap between general and young-women is smaller with jp than with dlib"
    assert sentence(smaller, 0.95).startswith(
        "the gap between general and young-women is smaller with jp than with dlib: gap in AUC +0.01"
    )
    opposite = difference("gaps", "own", "auc", "", *ends, value_a=0.06, value_b=-0.08, p=0.001, p_holm=0.001)
    assert "goes one way with dlib and the other with jp" in claim(opposite, 0.95)


def test_what_was_not_tested_is_not_called_undecided() -> None:
    assert claim(cohorts(p_holm=None), 0.95) == "Not tested between general and young-women with dlib"
    assert phrases.p_words(cohorts(p_holm=None)) == "not tested"


@pytest.mark.parametrize(
    ("metric", "at", "words"),
    [
        ("auc", "", "AUC"),
        ("f1", "best-f1", "best F1"),
        ("fnmr", "fmr=0.001", "FNMR at each cohort's own threshold for FMR 0.001"),
        ("fmr", "shipped", "FMR at the shipped threshold"),
        ("fmr", "general@fmr=0.001", "FMR at the threshold for FMR 0.001 in general"),
        ("fmr", "all@fmr=0.001", "FMR at the threshold for FMR 0.001 over all cohorts"),
    ],
)
def test_metrics_in_words(metric: str, at: str, words: str) -> None:
    assert phrases.metric_words(metric, at) == words


@pytest.mark.parametrize(
    ("factor", "text"), [(3.14, "3.1"), (1.137, "1.14"), (0.421, "0.42"), (0.0123, "0.012"), (120.4, "120"),
                         (4e5, "> 1000"), (1e-5, "< 0.001")],
)  # fmt: skip
def test_factors(factor: float, text: str) -> None:
    assert phrases.times(factor) == text


def test_the_digits_follow_the_uncertainty() -> None:
    row = cohorts(value=0.00053, low=0.00019, high=0.00088)
    assert phrases.amount(row) == "+0.00053 [0.00019, 0.00088]"
    assert phrases.amount(cohorts(low=None, high=0.07)) == "+0.041 [–, 0.070]"
