"""Tables in a real browser: states that lead to rows, rows that are sorted and chosen, blocks made when opened."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facegap.data.evaluation import Evaluation
from facegap.report.charts.figures import Figures
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.text.shown_differences import compared, significant
from report.filled import filled

COHORTS = ("general", "若年女性", "third")


@pytest.fixture(scope="module")
def made(make_evaluation: Callable[..., Evaluation]) -> Evaluation:
    return filled(make_evaluation(cohorts=COHORTS))


@pytest.fixture(scope="module")
def file(made: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "index.html"
    out.write_text(render(made, Figures(defaultdict(list)), shown_faces(made), None), encoding="utf-8")
    return out


@pytest.fixture
def page(browser, file: Path) -> Iterator[Any]:
    page = browser.new_context(offline=True).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    yield page
    assert complaints == []
    page.context.close()


def column(table: Any, k: int) -> list[str]:
    """Return the first line of every cell in sight of a column."""
    return table.locator(f"tbody tr:not([hidden]) > :nth-child({k + 1})").evaluate_all(
        "cells => cells.map(c => (c.querySelector('.name') ?? c.firstChild).textContent.trim())"
    )


def test_states_count_what_is_significant(page, made: Evaluation) -> None:
    rows = [row for row in compared(made, "cohorts", "own") if {row["cohort_a"], row["cohort_b"]} == {*COHORTS[:2]}]
    for k, model in enumerate(made.models["model"]):
        these = [row for row in rows if row["model_a"] == model]
        sure = sum(significant(row, 0.95) for row in these)
        cell = page.locator("#differences .states").nth(k).locator("tbody tr", has_text=COHORTS[1]).locator("td").first
        assert cell.inner_text() == f"{sure}/{sum(row['p_holm'] is not None for row in these)}"


def test_a_state_leads_to_its_rows(page, made: Evaluation) -> None:
    rows = page.locator("#differences details[data-kind=cohorts] tbody tr")
    others = page.locator("#differences details[data-kind=cohorts]").last.locator("tbody tr")
    assert others.count() == 0, "nothing is made before it is opened"
    page.locator("#differences .states").nth(1).locator("tbody tr", has_text="third").locator("a").first.press("Enter")
    model = made.models["model"][1]
    shown = page.locator("#differences details[data-kind=cohorts] table").all()
    assert rows.count() == len(compared(made, "cohorts", "own"))
    for table in shown:
        if table.locator("[data-filter]").count():
            assert set(column(table, 0)) == {model}
            assert set(column(table, 1)) == {"general / third"}


def test_a_column_is_sorted_by_its_numbers_with_the_keyboard(page) -> None:
    table = page.locator("#summary table").first
    head = table.locator("thead th").nth(4)
    before = column(table, 4)
    for way, turned in (("ascending", False), ("descending", True)):
        head.locator("button").press("Enter")
        assert head.get_attribute("aria-sort") == way
        numbers = [float(text.removesuffix(" %")) for text in column(table, 4)]
        assert numbers == sorted(numbers, reverse=turned)
    assert sorted(before) == sorted(column(table, 4))
    assert table.locator("[aria-sort=none]").count() == table.locator("thead th").count() - 1


def test_rows_are_chosen_by_a_number(page, made: Evaluation) -> None:
    page.locator("#differences details[data-kind=cohorts] summary").last.press("Enter")
    block = page.locator("#differences details[data-kind=cohorts]").last
    chosen = block.locator("select").nth(2)
    chosen.select_option("AUC")
    assert set(column(block.locator("table"), 2)) == {"AUC"}
    assert " of " in block.get_by_role("status").inner_text()
    chosen.select_option("")
    assert len(set(column(block.locator("table"), 2))) > 1


def test_without_scripts_every_row_stands_there(browser, file: Path, made: Evaluation) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(file.as_uri())
    rows = page.locator("#differences details[data-kind=gaps] tbody tr")
    assert rows.count() == len(compared(made, "gaps", "common"))
