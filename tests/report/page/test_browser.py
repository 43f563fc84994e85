"""The page in a real browser, without a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from facegap.data.evaluation import Evaluation
from facegap.report.page.writer import write_report

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page_file(sure: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(sure, tmp_path_factory.mktemp("report"), charts=())


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
