"""What the report of a large study weighs: bytes and elements of its page, time to draw it, and time to make it.

`python -m benchmarks.report_page` makes embeddings of people who do not exist, evaluates them, writes the report and
opens it in Chromium. Times stand beside those of a small study, and as multiples of a bare start of the packages.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console

import facegap
from benchmarks import page
from benchmarks.section import Goal, Section, duration, figure, size
from facegap.data.manifest import Manifest

CHROMIUM = Path("/usr/bin/chromium")
DIMENSION = 32
MEGABYTES, ELEMENTS, DRAWN = 4.0, 8000, 2.0
"""At most for the large study: the page's size, its elements before anything is opened, and seconds to draw it."""


@dataclass(frozen=True)
class Case:
    """A study: how many models and cohorts, subjects a cohort, and processor seconds that its report may take."""

    name: str
    models: int
    cohorts: int
    seconds: float
    subjects: int = 20
    images: int = 4


CASES = (Case("2 models x 3 cohorts", 2, 3, 2.0), Case("3 models x 10 cohorts", 3, 10, 6.0))


@dataclass(frozen=True)
class Weighed:
    """What was found of one study's report; `drawn` and `elements` are None where there is no browser."""

    bytes: int
    seconds: float
    imports: float
    elements: int | None
    drawn: float | None


def evaluation(case: Case) -> facegap.Evaluation:
    """Return the evaluation of models with rising noise on cohorts with rising noise."""
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(case.cohorts * case.subjects), case.images)
    cohort = subject // case.subjects
    names = tuple(f"cohort {k:02}" for k in range(case.cohorts))
    people = {
        "path": [f"{row:06}" for row in range(len(subject))],
        "subject": [f"{one:05}" for one in subject],
        "cohort": [names[k] for k in cohort],
    }
    manifest = Manifest(pl.DataFrame(people), names, "made")
    centre = rng.normal(size=(subject[-1] + 1, DIMENSION))[subject]
    scored = []
    for k in range(case.models):
        noise = (0.7 + 0.1 * k + 0.5 * cohort / case.cohorts)[:, None] * rng.normal(size=centre.shape)
        vectors = (centre + noise).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        box = np.full((len(subject), 4), np.nan, np.float32)
        made = facegap.Embeddings(vectors, np.zeros(len(subject), np.uint8), (None,) * len(subject), box)
        spec = facegap.ModelSpec(f"model {k}", "saved", "", "", 0, DIMENSION, facegap.Comparator.COSINE, threshold=0.5)
        scored.append(facegap.score(made, manifest, spec))
    return facegap.measure(scored, manifest)


def weighed(case: Case, folder: Path) -> Weighed:
    """Return what the report of a study weighs."""
    evaluation(case).to_parquet(folder / "evaluation.parquet")
    read = "import sys, facegap; from pathlib import Path; from facegap.report.page.writer import write_report"
    given = f"{read}; e = facegap.Evaluation.from_parquet(Path(sys.argv[1]) / 'evaluation.parquet')"
    written = f"{given}; write_report(e, Path(sys.argv[1]) / 'report', charts=())"
    imports, seconds = (_processor_seconds(code, folder) for code in (given, written))
    report = folder / "report" / "index.html"
    drawn, elements = _drawn(report) if CHROMIUM.exists() else (None, None)
    return Weighed(report.stat().st_size, seconds - imports, imports, elements, drawn)


def _processor_seconds(code: str, folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _drawn(report: Path) -> tuple[float, int]:
    """Return the seconds until the charts in sight are drawn, and the elements of the page then."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        opened = chromium.new_page(viewport={"width": 1400, "height": 900})
        opened.goto("about:blank")
        start = time.perf_counter()
        opened.goto(report.as_uri())
        opened.evaluate(
            "document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => setTimeout(done))))"
        )
        seconds = time.perf_counter() - start
        elements = opened.evaluate("document.querySelectorAll('*').length")
        chromium.close()
    return seconds, elements


def section(say: Callable[[str], object] = lambda _: None) -> Section:
    """Weigh the reports of both studies."""
    rows, goals = [], []
    for case in CASES:
        say(case.name)
        with tempfile.TemporaryDirectory() as folder:
            found = weighed(case, Path(folder))
        shown = (
            "–" if found.elements is None else f"{found.elements:,}",
            "–" if found.drawn is None else duration(found.drawn),
        )
        rows.append(
            (case.name, size(found.bytes), *shown, duration(found.seconds), figure(found.seconds / found.imports))
        )
        goals.append(Goal(f"{case.name}: processor time of the report", case.seconds, found.seconds, " s", most=True))
        if case is CASES[-1]:
            goals.append(Goal(f"{case.name}: page", MEGABYTES, found.bytes / 1e6, " MB", most=True))
            if found.elements is not None and found.drawn is not None:
                goals.append(Goal(f"{case.name}: elements until opened", ELEMENTS, found.elements, most=True))
                goals.append(Goal(f"{case.name}: drawn", DRAWN, found.drawn, " s", most=True))
    about = (
        "The page without faces and without charts as files. Elements are counted before anything is opened. Processor "
        "time of the report is without that of starting Python and reading the evaluation; the last column holds both "
        "against each other."
    )
    columns = ("", "page", "elements", "drawn in", "made in", "times start and reading")
    return Section("The report's page", about, columns, tuple(rows), goals=tuple(goals))


def main() -> None:
    """Weigh the reports from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report_page", description=__doc__)
    parser.parse_args()
    console = Console(width=150, highlight=False)
    found = section(lambda line: console.print(f"{line} ...", style="dim", markup=False))
    page.show(console, found)
    page.show_goals(console, [found])


if __name__ == "__main__":
    main()
