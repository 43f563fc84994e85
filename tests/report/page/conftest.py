"""The browser that pages are opened in, and the page of a report with all that one can have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from facegap.data.evaluation import Evaluation
from facegap.report.page.writer import write_report

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def page_file(sure: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a report in both languages, which no test changes."""
    return write_report(sure, tmp_path_factory.mktemp("report"), charts=())
