"""The threshold explorer in a real browser: against comparisons counted one by one, and the report's own tables."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.data.limits import Limits
from facegap.report.charts.figures import Figures
from facegap.report.page.explorer import explored, explorer
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.text.formatting import interval_text, percent, value_text
from facegap.report.text.language import in_language
from metrics.asked_for import COHORTS, AskedStudy, asked_study
from report.text.pseudo import PSEUDO, unbracketed

C_MISS, C_FALSE, PRIOR = 2.0, 1.0, 0.1
ASKED = [f"min_dcf:c_miss={C_MISS:g},c_false={C_FALSE:g},prior={PRIOR:g}"]
HALF = 0.0051
"""Percent are shown with three digits, so they are known to half a hundredth of themselves."""


@dataclass
class Opened:
    """The explorer of a page that is open."""

    page: Any

    def part(self, name: str) -> Any:
        return self.page.locator(f'#explorer [data-part="{name}"]')

    def type(self, name: str, text: object) -> None:
        self.part(name).fill(f"{text}")

    @property
    def threshold(self) -> float:
        return float(self.part("threshold").input_value())

    def cells(self, name: str, row: str) -> list[list[str]]:
        """Return of each cell of a row its number, or both bounds of it, and its interval if any."""
        found = self.part(name).locator("tr", has=self.page.locator("th", has_text=re.compile(f"^{row}$")))
        texts = found.locator("td").evaluate_all("cells => cells.map(c => [...c.childNodes].map(n => n.textContent))")
        assert texts
        return texts


def page_of(evaluation: Evaluation, language: str, folder: Path) -> Path:
    with in_language(language):
        page = render(evaluation, Figures(defaultdict(list)), shown_faces(evaluation), None)
    file = folder / f"{language}.html"
    file.write_text(page, encoding="utf-8")
    return file


@pytest.fixture(scope="module", params=[Comparator.COSINE, Comparator.EUCLIDEAN])
def study(request: pytest.FixtureRequest) -> AskedStudy:
    shipped = 0.35 if request.param is Comparator.COSINE else 1.14
    return asked_study(ASKED, comparator=request.param, shipped=shipped)


@pytest.fixture(scope="module")
def opened(browser, study: AskedStudy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    page = browser.new_context(offline=True).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(page_of(study.evaluation, "en", tmp_path_factory.mktemp("explorer")).as_uri())
    yield Opened(page)
    assert complaints == []


@pytest.fixture(autouse=True)
def _from_the_start(request: pytest.FixtureRequest) -> None:
    if "opened" in request.fixturenames:
        request.getfixturevalue("opened").page.reload()


def bounds(text: str) -> tuple[float, float]:
    numbers = [float(number) for number in re.findall(r"[\d.]+", text)]
    return numbers[0], numbers[-1]


def test_it_starts_at_the_shipped_threshold_with_the_numbers_of_the_report(opened: Opened, study: AskedStudy) -> None:
    assert opened.threshold == study.evaluation.models["threshold"][0]
    for cohort in (*COHORTS, "all"):
        rows = [study.evaluation.row(rate, model="one", cohort=cohort, at="shipped") for rate in ("fmr", "fnmr")]
        assert opened.cells("rates", cohort)[:2] == [[value_text(row), interval_text(row)] for row in rows]
    (pair,) = study.evaluation.metrics.filter(
        model="one", metric="fmr", at="shipped", probe_cohort=COHORTS[0], gallery_cohort=COHORTS[1]
    ).to_dicts()
    assert opened.cells("crossed-rows", COHORTS[0])[1] == [value_text(pair), interval_text(pair)]


def test_keys_move_the_slider_over_evaluated_thresholds(opened: Opened, study: AskedStudy) -> None:
    opened.part("slider").focus()
    before, falling = opened.threshold, []
    for key in ("ArrowRight", "ArrowRight", "PageUp", "ArrowLeft", "PageDown"):
        opened.page.keyboard.press(key)
        threshold = opened.threshold
        assert threshold != before
        assert (threshold > before) == ((key in ("ArrowRight", "PageUp")) == (study.comparator.sign > 0))
        before = threshold
        for cohort in COHORTS:
            fmr, fnmr = study.rates("one", cohort, threshold)
            cells = opened.cells("rates", cohort)
            assert [cells[0][0], cells[1][0]] == [percent(fmr), percent(fnmr)]
            falling.append(fmr)
        assert f"{threshold:.4g}" in opened.part("status").inner_text()
        assert opened.part("slider").get_attribute("aria-valuetext") == f"{threshold:.4g}"
    assert len(set(falling)) > len(COHORTS)


def test_between_two_evaluated_thresholds_bounds_hold_the_truth(opened: Opened, study: AskedStudy) -> None:
    bounded = 0
    data = explorer(study.evaluation, explored(study.evaluation))
    assert data is not None
    stops = data["data"]["models"][0]["stops"]
    inside = [k for k, stop in enumerate(stops[1:], 1) if study.rates("one", "hard", stop)[0] < 0.2][:60:4]
    for k in inside:
        threshold = stops[k - 1] + 0.37 * (stops[k] - stops[k - 1])
        opened.type("threshold", threshold)
        for cohort in COHORTS:
            for (text, sure), truth in zip(
                opened.cells("rates", cohort), study.rates("one", cohort, threshold), strict=False
            ):
                low, high = bounds(text)
                assert low * (1 - HALF) <= 100 * truth <= high * (1 + HALF)
                assert sure.endswith("*")
                least, most = bounds(sure)
                assert least <= high
                assert most >= low
                bounded += low < high
    assert bounded >= len(inside)
    assert opened.part("between").is_visible()
    assert opened.part("united").is_visible()


def test_errors_of_a_day_follow_the_fields(opened: Opened, study: AskedStudy) -> None:
    opened.type("attempts", 200_000)
    opened.type("prior", 0.25)
    for cohort in COHORTS:
        fmr, fnmr = study.rates("one", cohort, opened.threshold)
        false_matches, false_rejections = (
            float(cell[0].replace(",", "")) for cell in opened.cells("rates", cohort)[2:4]
        )
        assert false_matches == pytest.approx(200_000 * 0.75 * fmr, rel=HALF)
        assert false_rejections == pytest.approx(200_000 * 0.25 * fnmr, rel=HALF)
    opened.type("prior", 1.5)
    assert opened.part("prior").get_attribute("aria-invalid") == "true"
    assert "between 0 and 1" in opened.part("status").inner_text()


def cost(study: AskedStudy, cohort: str, threshold: float) -> float:
    fmr, fnmr = study.rates("one", cohort, threshold)
    return (C_MISS * PRIOR * fnmr + C_FALSE * (1 - PRIOR) * fmr) / min(C_MISS * PRIOR, C_FALSE * (1 - PRIOR))


def test_the_lowest_cost_is_that_of_the_metric(opened: Opened, study: AskedStudy) -> None:
    assert [opened.part(name).input_value() for name in ("c_miss", "c_false", "prior")] == ["2", "1", "0.1"]
    everyone = study.evaluation.value("min_dcf", model="one", cohort="all")
    assert everyone is not None
    least, most = bounds(opened.cells("best", "All comparisons together")[0][0])
    assert least - 0.0005 <= everyone <= most + 0.0005
    assert most < 1.05 * everyone
    worst = opened.cells("best", "The cohort with the highest DCF")
    opened.part("best").get_by_role("button").nth(1).press("Enter")
    there = [cost(study, cohort, opened.threshold) for cohort in COHORTS]
    assert max(there) == pytest.approx(bounds(worst[0][0])[1], abs=0.0006)
    assert [float(opened.cells("rates", cohort)[4][0]) for cohort in COHORTS] == pytest.approx(there, abs=0.0006)
    grid = [
        max(cost(study, cohort, stop) for cohort in COHORTS)
        for stop in study.scores["one"][::97] * study.comparator.sign
    ]
    assert bounds(worst[0][0])[0] <= min(grid) + 0.0005


def test_another_model_brings_its_own_numbers(opened: Opened, study: AskedStudy) -> None:
    opened.part("model").select_option("two")
    for cohort in COHORTS:
        fmr, fnmr = study.rates("two", cohort, opened.threshold)
        cells = opened.cells("rates", cohort)
        assert [cells[0][0], cells[1][0]] == [percent(fmr), percent(fnmr)]


@pytest.mark.parametrize(("language", "words"), [("en", "best common"), ("ja", "最良の共通")])
def test_a_button_leads_to_the_best_common_threshold(
    browser, study: AskedStudy, language: str, words: str, tmp_path: Path
) -> None:
    limit = 0.1
    evaluation = replace(study.evaluation, limits=Limits(limit, 0.5))
    best = evaluation.cards()[0].at_which("common")
    assert best is not None
    assert best.threshold is not None
    page = browser.new_context(offline=True).new_page()
    page.goto(page_of(evaluation, language, tmp_path).as_uri())
    opened = Opened(page)
    named = opened.part("marks").get_by_role("button")
    assert [text.split(":")[0] for text in named.all_inner_texts()][1] == words, "behind the shipped one"
    named.nth(1).press("Enter")
    assert study.comparator.cut(opened.threshold) == study.comparator.cut(best.threshold)
    assert named.nth(1).inner_text() == f"{words}: {opened.threshold:.4g}"
    for cohort in COHORTS:
        assert bounds(opened.cells("rates", cohort)[0][1])[1] <= 100 * limit


def test_where_no_threshold_is_common_there_is_no_button(study: AskedStudy) -> None:
    strict = replace(study.evaluation, limits=Limits(1e-6, 0.5))
    data = explorer(strict, explored(strict))
    assert data is not None
    assert "best" not in "".join(data["words"]["marks"][0])


def test_a_text_that_is_no_threshold_is_refused(opened: Opened) -> None:
    before = opened.cells("rates", COHORTS[0])
    opened.type("threshold", "")
    assert opened.part("threshold").get_attribute("aria-invalid") == "true"
    assert opened.cells("rates", COHORTS[0]) == before


def test_the_keyboard_reaches_every_control(opened: Opened) -> None:
    first = opened.part("model")
    first.focus()
    reached = {"model"}
    for _press in range(20):
        opened.page.keyboard.press("Tab")
        reached.add(opened.page.evaluate("document.activeElement.dataset.part ?? document.activeElement.textContent"))
    assert {"slider", "threshold", "attempts", "prior", "c_miss", "c_false"} <= reached
    assert {button.inner_text() for button in opened.page.locator("#explorer button").all()} <= reached


def test_without_scripts_a_table_stands_there(browser, sure: Evaluation, tmp_path: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(page_of(sure, "en", tmp_path).as_uri())
    row = sure.row("fmr", model="dlib", cohort="general", at="shipped")
    line = page.locator("noscript tr", has=page.locator("th", has_text="shipped: 0.6"))
    assert f"FMR {value_text(row)} {interval_text(row)}" in line.inner_text()
    assert not page.locator("#explorer").is_visible()


def test_its_texts_can_be_translated(sure: Evaluation) -> None:
    with in_language(PSEUDO):
        data = explorer(sure, explored(sure))
    assert data is not None
    texts = "\n".join(data["words"]["explorer"].values())
    assert unbracketed(texts, "low", "high", "cohort", "threshold", "fmr", "fnmr",
                       "fmr_cohort", "fnmr_cohort") == set()  # fmt: skip


def test_models_without_intervals_have_none(evaluation: Evaluation) -> None:
    data = explorer(evaluation, explored(evaluation))
    assert data is not None
    rates = [cohort["fmr"] for model in data["data"]["models"] for cohort in model["cohorts"]]
    assert len(rates) == 8
    assert all(rate["sure"] == [] for rate in rates)
