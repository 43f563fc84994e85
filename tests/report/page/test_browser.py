"""The page in a real browser, without a network."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from facegap.data.evaluation import Evaluation
from report.page.languages import change

PAGES = re.compile(rb"/Type\s*/Page\b")


@pytest.mark.parametrize("width", [390, 1600])
def test_the_page_opens_fits_and_draws_its_charts(browser, page_file: Path, width: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": 900}, offline=True).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(page_file.as_uri())
    charts = page.locator(".chart")
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    for i in range(charts.count()):
        charts.nth(i).scroll_into_view_if_needed()
        charts.nth(i).locator("svg").first.wait_for(timeout=10_000)
    assert charts.count() == page.locator(".chart svg").count() == 30
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(fits)
    inside = "[...document.querySelectorAll('.chart')].every(c => c.firstElementChild.scrollWidth <= c.clientWidth + 1)"
    assert page.evaluate(inside)
    page.check("input[value=det]")
    page.wait_for_function("document.querySelector('#curves .chart').textContent.includes('FNMR (log)')")
    assert complaints == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_decision_fits_one_printed_page(browser, sure: Evaluation, page_file: Path, language: str) -> None:
    page = browser.new_context(offline=True).new_page()
    page.goto(page_file.as_uri())
    change(page, language)
    page.locator("#forest .chart").last.scroll_into_view_if_needed()
    page.locator("#forest .chart svg").last.wait_for(timeout=10_000)
    cards = page.locator("#decision .card")
    assert cards.count() == sure.models.height == 2
    assert cards.first.locator(".rates").count() == 3
    assert cards.first.locator(".rates").first.locator("tbody tr").count() == 3
    page.add_style_tag(content="main > :not(#decision) { display: none }")
    assert len(PAGES.findall(page.pdf(prefer_css_page_size=True))) == 1
    inside = (
        "[...document.querySelectorAll('#decision, .card, .at')].every((one) => one.scrollWidth <= one.clientWidth)"
    )
    assert page.evaluate(inside)


def test_the_page_answers_the_questions_in_their_order(browser, page_file: Path) -> None:
    page = browser.new_context(offline=True).new_page()
    page.goto(page_file.as_uri())
    headings = page.evaluate("[...document.querySelectorAll('h2')].map((each) => each.textContent)")
    assert headings == ["Decision", "Where should the threshold be?", "Which model?", "For whom?", "Why?",
                        "Can I believe it?", "What failed?", "Words"]  # fmt: skip
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((each) => Number(each.tagName[1]))")
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no level is left out"
    assert page.locator("nav a").first.get_attribute("href") == "#decision"
