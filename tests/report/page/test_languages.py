"""The page in a real browser, in both of its languages: the switch, the keyboard, pictures, and what axe finds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facegap.data.evaluation import Evaluation
from facegap.report.charts.figures import Figures
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from report.page.languages import change

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
BOTH = ("en", "ja")
CUT = """[...document.querySelectorAll('main *')].filter((one) => one.offsetWidth
  && one.scrollWidth > one.clientWidth + 1
  && ['hidden', 'clip'].includes(getComputedStyle(one).overflowX)).map((one) => one.outerHTML.slice(0, 200))"""
BOXED = """[...document.querySelectorAll('.chart svg text')].filter((one) => {
  const [text, card] = [one.getBoundingClientRect(), one.closest('.chart-card').getBoundingClientRect()];
  return text.width && (text.left < card.left - 1 || text.right > card.right + 1);
}).map((one) => one.textContent)"""


@pytest.fixture
def page(browser, page_file: Path) -> Iterator[Any]:
    """The page at the width of a phone; it may ask for nothing and complain of nothing."""
    page = browser.new_context(viewport={"width": 390, "height": 900}, offline=True).new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(page_file.as_uri())
    yield page
    assert [url for url in asked if not url.startswith(("data:", page_file.as_uri()))] == []
    assert complaints == []
    page.context.close()


def test_the_switch_keeps_what_the_reader_did(page) -> None:
    english = page.locator("h2").all_inner_texts()
    faces = page.locator("img").evaluate_all("images => images.map((one) => one.src)")
    page.locator("[data-part=model]").select_option("1")
    page.locator("[data-part=threshold]").fill("0.4321")
    page.locator("#differences details[data-kind=cohorts] summary").last.press("Enter")
    page.locator("#differences details[data-kind=cohorts]").last.locator("select").nth(2).select_option(index=2)
    page.locator("input[value=det]").press("Space")
    rates = page.locator("[data-part=rates]").inner_text()
    seen = "document.querySelectorAll('#differences details[data-kind=cohorts] tbody tr:not([hidden])').length"
    rows = page.evaluate(seen)
    change(page, "ja")
    assert page.locator("h2").first.inner_text() == "判断"
    assert page.locator("[data-part=threshold]").input_value() == "0.4321"
    assert page.locator("[data-part=model]").input_value() == "1"
    assert page.locator("[data-part=rates]").inner_text().count("%") == rates.count("%")
    assert page.evaluate(seen) == rows
    assert page.is_checked("input[value=det]")
    assert page.evaluate("document.activeElement.lang") == "ja"
    assert page.locator("img").evaluate_all("images => images.map((one) => one.src)") == faces
    chart = page.locator("#curves .chart").first
    chart.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#curves .chart').textContent.includes('対数')")
    assert chart.get_attribute("role") == "img"
    assert "画像" in chart.get_attribute("aria-label")
    change(page, "en")
    assert page.locator("h2").all_inner_texts() == english
    assert page.locator("[data-part=rates]").inner_text() == rates


def test_the_notice_is_in_the_language_of_the_page(browser, sure: Evaluation, tmp_path: Path) -> None:
    notices = {"en": "Synthetic faces.", "ja": "合成した顔です。"}
    noticed = replace(sure, notice=notices["en"], notices=notices)
    file = tmp_path / "page.html"
    file.write_text(render(noticed, Figures(defaultdict(list)), shown_faces(noticed), None), encoding="utf-8")
    page = browser.new_context(offline=True).new_page()
    page.goto(file.as_uri())
    for language in ("ja", "en"):
        change(page, language)
        assert page.locator(".notice").all_inner_texts() == [notices[language]]


def test_the_switch_keeps_the_place(page) -> None:
    page.evaluate("document.querySelector('#failed').scrollIntoView({ block: 'start', behavior: 'instant' })")
    page.wait_for_timeout(300)
    top = "document.querySelector('#failed').getBoundingClientRect().top"
    before = page.evaluate(top)
    page.locator(".languages [lang=ja]").evaluate("button => button.click()")
    page.wait_for_function("document.documentElement.lang === 'ja'")
    assert abs(page.evaluate(top) - before) < 100


@pytest.mark.parametrize("language", BOTH)
def test_axe_finds_no_serious_fault(page, language: str) -> None:
    change(page, language)
    page.locator("#explorer [data-part=threshold]").fill("0.5123")
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.locator("#explorer [data-part=between]").is_visible(), "a threshold that was not evaluated"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = axe.Axe().run(page).response["violations"]
    serious = {one["id"]: one["nodes"][0]["html"][:200] for one in found if one["impact"] in ("serious", "critical")}
    assert serious == {}


@pytest.mark.parametrize("language", BOTH)
def test_the_keyboard_reaches_everything(page, language: str) -> None:
    change(page, language)
    wanted = """[...document.querySelectorAll('a[href], button, select, input:not([type=radio]), summary, .scroll')]
      .filter((one) => one.checkVisibility()).length"""
    page.evaluate("document.activeElement.blur(); window.reached = new Set()")
    page.evaluate("document.addEventListener('focusin', (event) => window.reached.add(event.target))")
    page.evaluate("document.querySelector('.languages button').focus()")
    for _ in range(page.evaluate(wanted) + 5):
        page.keyboard.press("Tab")
    left = page.evaluate(
        """[...document.querySelectorAll('a[href], button, select, input:not([type=radio]), summary, .scroll')]
        .filter((one) => one.checkVisibility() && !window.reached.has(one)).map((one) => one.outerHTML.slice(0, 150))"""
    )
    assert left == []


@pytest.mark.parametrize("language", BOTH)
def test_nothing_is_cut_on_a_phone(page, language: str) -> None:
    change(page, language)
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    for k in range(page.locator("#forest .chart").count()):
        page.locator("#forest .chart").nth(k).scroll_into_view_if_needed()
        page.locator("#forest .chart").nth(k).locator("svg.marks").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(CUT) == []
    assert page.evaluate(BOXED) == []


def test_without_scripts_the_forest_stands_there(browser, page_file: Path) -> None:
    page = browser.new_context(java_script_enabled=False, offline=True).new_page()
    page.goto(page_file.as_uri())
    forests = page.locator("#forest .chart svg.still")
    assert forests.count() == page.locator("#forest .chart").count() > 0
    assert forests.first.locator("circle").count() >= 6
    assert "若年女性" in (forests.first.text_content() or "")
    assert page.locator(".languages").count() == 0
