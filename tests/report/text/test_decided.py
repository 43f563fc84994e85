from dataclasses import replace

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.report.text.decided import difference_lines
from facegap.report.text.shown_differences import compared, significant


def test_lines_say_what_the_verdict_has_not_said(sure: Evaluation) -> None:
    lines = difference_lines(sure, "", most=6)
    assert lines[0].startswith("\nIn brackets 95 % intervals over subjects; a difference is claimed where p < 0.05")
    assert len(lines) == 9
    assert lines[2].startswith("- dlib is worse on 若年女性 than on general: AUC")
    amount = lines[2].split(", ", 1)[1].rpartition(", p")[0]
    assert lines[2] not in difference_lines(sure, amount, most=6)


def test_measures_of_prevalence_are_claimed_of_models_only(sure: Evaluation) -> None:
    lines = "\n".join(difference_lines(sure, "", most=99))
    assert "is better than dlib" in lines
    assert "worse" not in [line for line in lines.splitlines() if "F1" in line]
    fair = [
        row
        for kind, images in (("cohorts", "own"), ("models", "common"), ("gaps", "common"))
        for row in compared(sure, kind, images)
        if "all" not in (row["cohort_a"], row["cohort_b"]) and (kind == "models" or row["metric"] != "f1")
    ]
    others = sum(not significant(row, 0.95) for row in fair)
    assert lines.endswith(f"{others} of {len(fair)} differences are not significant: see the report.")


def test_nothing_told_is_said_in_one_line(sure: Evaluation, evaluation: Evaluation) -> None:
    undecided = sure.differences.with_columns(p_holm=pl.lit(1.0))
    lines = difference_lines(replace(sure, differences=undecided), "", most=6)
    assert len(lines) == 2
    assert difference_lines(evaluation, "", most=6) == []
