from collections.abc import Callable

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.report.text.summary import summary_rows

COLUMNS = [
    "Model", "Cohort", "Images", "Subjects", "FTA", "Genuine", "Impostor", "FMR@shipped", "FNMR@shipped",
    "TAR@FMR=1e-2", "TAR@FMR=1e-3", "EER", "AUC", "Best F1",
]  # fmt: skip


def test_one_line_per_set_model_and_cohort_in_report_order(evaluation: Evaluation) -> None:
    rows = summary_rows(evaluation)
    assert [list(row) for row in rows] == [["Image set", *COLUMNS]] * len(rows)
    keys = [(row["Image set"], row["Model"], row["Cohort"]) for row in rows]
    models, cohorts = evaluation.models["model"], evaluation.cohorts["cohort"]
    assert keys == [(images, m, c) for images in ("own", "common") for m in models for c in cohorts]


def test_without_common_rates_there_is_no_image_set(make_evaluation: Callable[..., Evaluation]) -> None:
    rows = summary_rows(make_evaluation(common=False))
    assert [list(row) for row in rows] == [COLUMNS] * len(rows)


def test_the_numbers_are_those_of_the_evaluation(evaluation: Evaluation) -> None:
    line = summary_rows(evaluation)[0]
    assert line["Images"] == "300"
    assert line["Impostor"] == "30,000"
    assert line["FTA"] == "2.00 %"
    auc = evaluation.value("auc", model="dlib", cohort="general")
    assert auc is not None
    assert float(line["AUC"]) == round(auc, len(line["AUC"]) - 2)
    assert " @ 0.4" in line["Best F1"]


def test_a_model_without_shipped_threshold_shows_dashes(make_evaluation: Callable[..., Evaluation]) -> None:
    rows = summary_rows(make_evaluation(models={"bare": ("cosine", None)}, common=False))
    assert {row["FMR@shipped"] for row in rows} == {"–"}


def test_a_cohort_without_rows_is_a_line_of_dashes(make_evaluation: Callable[..., Evaluation]) -> None:
    full = make_evaluation(common=False)
    empty = pl.DataFrame({"cohort": ["empty"], "images": [0], "subjects": [0]})
    full = type(full)(**{**vars(full), "cohorts": pl.concat([full.cohorts, empty])})
    assert summary_rows(full)[4]["AUC"] == "–"
