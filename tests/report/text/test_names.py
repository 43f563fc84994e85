import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.data.evaluation import Evaluation
from facegap.report.charts.figures import figures_of
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.tables.formats import as_csv, markdown
from facegap.report.tables.published import published
from facegap.report.text.language import in_language
from facegap.report.text.names import LEGEND_LENGTH, cohort_names, file_stem, names_of, short_names
from facegap.report.text.summary import summary_rows
from jobs.check.made import evaluation as made


def test_a_long_name_loses_its_middle() -> None:
    name = "efficientnetv2_arcface_fine_tuned_on_everything.onnx"
    short = short_names([name, "dlib"])
    assert short["dlib"] == "dlib"
    assert len(short[name]) <= LEGEND_LENGTH
    assert short[name].startswith("efficientnet")
    assert short[name].endswith(".onnx")


def test_names_that_would_look_the_same_stay_whole() -> None:
    a, b = "x" * 20 + "1" + "y" * 20, "x" * 20 + "2" + "y" * 20
    assert short_names([a, b]) == {a: a, b: b}


def test_file_names_keep_letters_of_any_script_and_lose_the_rest() -> None:
    taken: set[str] = set()
    assert file_stem(taken, "roc", "若年女性") == "roc-若年女性"
    assert file_stem(taken, "roc", '../<b>&"q"') == "roc-b-q"
    assert file_stem(taken, "roc", "") == "roc-unnamed"


@given(st.lists(st.lists(st.text(max_size=40), min_size=1, max_size=3), max_size=12))
def test_file_names_differ_even_where_case_does_not_count(parts: list[list[str]]) -> None:
    taken: set[str] = set()
    stems = [file_stem(taken, *each) for each in parts]
    assert len({stem.casefold() for stem in stems}) == len(stems)
    assert all(stem and not set(stem) & set('/\\:*?"<>|.') for stem in stems)
    assert all(len(stem.encode()) < 240 or len(parts) > 3 for stem in stems)


@pytest.mark.parametrize(("language", "name"), [("en", "all"), ("ja", "全体")])
def test_all_cohorts_together_have_a_name_in_the_language_of_the_reader(
    sure: Evaluation, language: str, name: str
) -> None:
    with in_language(language):
        figures = figures_of(sure)
        page = render(sure, figures, shown_faces(sure), None)
        assert summary_rows(sure)[-1]["Cohort"] == name
        table = published(sure)
    assert (">all<" in page) == (language == "en")
    assert f">{name}<" in page
    captions = {figure.caption for figure in figures.every}
    assert name in captions
    assert not {"all", "全体"} - {name} & captions
    other = {"en": "ja", "ja": "en"}[language]
    assert figures.words[other][name] == {"en": "all", "ja": "全体"}[other], "the switch of the page says it anew"
    assert re.search(r"^dlib,all,", as_csv(table), re.MULTILINE), "data keep their name"
    assert "| all |" not in markdown(table)
    assert json.loads(sure.to_json())["cohorts"]["cohort"][-1] == "all"


def test_a_model_called_all_and_a_cohort_of_that_name_in_the_language_keep_their_names() -> None:
    with in_language("ja"):
        assert names_of(made(models=("all",), cohorts=("a", "b")))["all"] == "all"
        assert cohort_names(made(cohorts=("a", "全体")))["all"] == "all"
        assert cohort_names(made(cohorts=("a", "b")))["all"] == "全体"
