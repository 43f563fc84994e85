"""The table of a paper in each format."""

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.report.tables.formats import FORMATS, as_csv, html, latex, latex_text, markdown
from facegap.report.tables.published import Published, published

Made = Callable[..., Evaluation]

HOSTILE = Published(
    ("Model", "Cohort", "FNMR at FMR 1e-4"),
    (("a_b & 50% {x}\\y", "<b>|若年|*", "1.5 % [1.0 %, −2.0 %]"), ("a_b & 50% {x}\\y", "b", "–")),
    (
        {"model": "a_b & 50% {x}\\y", "cohort": '<b>|若"年|*', "fnmr": 0.015},
        {"model": "m", "cohort": "b", "fnmr": None},
    ),
)


@pytest.fixture(scope="module")
def evaluation(make_evaluation: Made) -> Evaluation:
    return make_evaluation()


def test_numbers_are_those_of_the_evaluation(evaluation: Evaluation) -> None:
    models, cohorts = evaluation.models["model"].to_list(), evaluation.cohorts["cohort"].to_list()
    table = published(evaluation, ["auc", "fnmr@fmr=1e-3", "fmr"])
    assert [line[:2] for line in table.lines][: len(cohorts) - 1] == [(models[0], name) for name in cohorts[:-1]]
    assert len(table.rows) == len(models) * len(cohorts)
    for row in table.rows:
        at = {"model": row["model"], "cohort": row["cohort"]}
        tar = evaluation.value("tar", at="fmr=0.001", **at)
        assert row["auc"] == evaluation.value("auc", **at)
        assert row["fnmr@fmr=0.001"] == (None if tar is None else pytest.approx(1 - tar))
        assert row["fmr@shipped"] == evaluation.value("fmr", at="shipped", **at), "as rules have it without @"


def test_models_and_cohorts_are_chosen_in_the_order_asked_for(evaluation: Evaluation) -> None:
    models, cohorts = evaluation.models["model"].to_list(), evaluation.cohorts["cohort"].to_list()
    table = published(evaluation, ["auc"], models=models[:1], cohorts=[cohorts[1], cohorts[0]], intervals=False)
    assert [line[:2] for line in table.lines] == [(models[0], cohorts[1]), (models[0], cohorts[0])]
    assert "[" not in table.lines[0][2]
    assert published(evaluation).titles[:2] == ("Model", "Cohort")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"numbers": ["auk"]}, "no number is called 'auk': there are accuracy, auc, "),
        ({"numbers": ["fnmr@fmr=3e-7"]}, r"fnmr is not measured there \(fnmr@fmr=3e-7\): there are fnmr@.*fmr=0.001"),
        ({"cohorts": ["x"]}, "there is no cohort 'x': there are general"),
        ({"models": ["x"]}, "there is no model 'x': there are "),
    ],
)
def test_names_that_do_not_exist_are_errors_that_name_what_does(evaluation: Evaluation, asked: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        published(evaluation, **asked)


def test_marks_of_each_format_are_texts() -> None:
    assert latex_text("a_b & 50% {x}\\y") == r"a\_b \& 50\% \{x\}\textbackslash{}y"
    assert r"& $<$b$>$|若年|* & 1.5 \% [1.0 \%, $-$2.0 \%] \\" in latex(HOSTILE)
    assert latex(HOSTILE).count("50") == 1, "lines of one model stand together"
    assert r"| a\_b & 50% {x}\\y | \<b\>\|若年\|\* |" in markdown(HOSTILE)
    assert "<b>" not in html(HOSTILE)
    assert list(csv.reader(io.StringIO(as_csv(HOSTILE))))[1:] == [
        ["a_b & 50% {x}\\y", '<b>|若"年|*', "0.015"], ["m", "b", ""],
    ]  # fmt: skip


def test_the_command_prints_every_format(evaluation: Evaluation, run, tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_bytes(evaluation.to_json())
    for name, write in FORMATS.items():
        code, printed, wrong = run("table", tmp_path, "--format", name, "--metric", "auc,eer")
        assert (code, wrong) == (0, "")
        assert printed == write(published(evaluation, ["auc", "eer"]))
    assert run("table", tmp_path, "--format", "docx")[0] == 2


@pytest.mark.slow
def test_a_latex_table_compiles(evaluation: Evaluation, tmp_path: Path) -> None:
    tex = next((name for name in ("tectonic", "lualatex", "pdflatex") if shutil.which(name)), None)
    if tex is None:
        pytest.skip("neither tectonic nor lualatex nor pdflatex is installed")
    latin = Published(*(HOSTILE.titles, tuple((line[0], "b", *line[2:]) for line in HOSTILE.lines), HOSTILE.rows))
    body = latex(published(evaluation, cohorts=["general"])) + latex(latin)
    page = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "table.tex").write_text(page, encoding="utf-8")
    quiet = [] if tex == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run([tex, *quiet, "table.tex"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "table.pdf").read_bytes().startswith(b"%PDF")
