"""What CONTRIBUTING.md says about adding is true: one of each is added to a copy, in the files that it names.

The files beside this one are what is added, each as small as it can be.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import facegap

HERE = Path(__file__).parent
PACKAGE = Path(facegap.__file__).parent
CONTRIBUTING = HERE.parents[1] / "CONTRIBUTING.md"

ADDED = {
    "a layout": "tagged",
    "a format of scores": "spaced",
    "a detector": "lit",
    "a metric": "balanced_accuracy",
    "a chart": "sizes",
    "an executor": "in_turn",
    "a language": "eo",
}
"""What is added, by its row of the table."""

LINES = {
    "src/facegap/datasets/layouts.py": [
        ("from facegap.errors", "from facegap.datasets.tagged import are_tagged, read_tagged"),
        ('    FolderLayout("prefix"', '    FolderLayout("tagged", are_tagged, read_tagged),'),
    ],
    "src/facegap/datasets/scores/__init__.py": [
        ("from facegap.datasets.scores.two_files", "from facegap.datasets.scores.spaced import is_spaced, read_spaced"),
        ("    ScoreFormat(is_matrix", "    ScoreFormat(is_spaced, read_spaced),"),
    ],
    "src/facegap/report/page/body.html.j2": [
        ('<section id="curves">', "{% for f in figures.sizes %}{{ figure(f) }}{% endfor %}")
    ],
}
"""The lines that are written into files that there are, each before the line that begins so."""

START = "import facegap, runpy, sys; facegap.__path__.append(sys.argv.pop(1)); runpy.run_path(sys.argv.pop(1))"
"""Runs a script with the copy, and takes from the package itself what is not copied: the scoring, whose compiled loops
are kept by the place of their source."""


def touched() -> dict[str, list[str]]:
    """Return which files of `src` are touched for each addition, by the table of CONTRIBUTING.md."""
    section = CONTRIBUTING.read_text(encoding="utf-8").partition("## To add X, touch Y")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (an? [^|]+?) \| ([^|]+) \|", section, re.MULTILINE)
    return {what: re.findall(r"`(src/[^`]+)`", files) for what, files in rows}


def add(copy: Path, name: str, files: list[str]) -> None:
    """Add one thing to the copy, in these files and no others."""
    for file in files:
        place = copy.parent / re.sub(r"\bNAME\b|\bCODE\b", name, file)
        if place.suffix in (".po", ".mo"):
            place.parent.mkdir(parents=True, exist_ok=True)
            translate(place)
        elif "NAME" in file:
            assert not place.exists(), f"{place} is there already"
            shutil.copyfile(HERE / f"{name}.py", place)
        else:
            text = place.read_text(encoding="utf-8")
            for before, line in LINES[file]:
                assert text.count(f"\n{before}") == 1, f"{file} has no one line that begins with {before!r}"
                text = text.replace(f"\n{before}", f"\n{line}\n{before}")
            place.write_text(text, encoding="utf-8")


def translate(place: Path) -> None:
    """Write a catalogue that translates one message into Esperanto."""
    with (PACKAGE / "report/text/locales/facegap.pot").open(encoding="utf-8") as file:
        catalogue = read_po(file, locale="eo")
    catalogue["Error curves"].string = "Eraraj kurboj"
    with place.open("wb") as file:
        (write_mo if place.suffix == ".mo" else write_po)(file, catalogue)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Add one of each to a copy of the source, use all of them in one process, and return what it saw."""
    folder = tmp_path_factory.mktemp("copied")
    copy = folder / "src"
    skipped = shutil.ignore_patterns("__pycache__", "scoring")
    shutil.copytree(PACKAGE, copy / "facegap", ignore=skipped)
    for what, name in ADDED.items():
        add(copy, name, touched()[what])
    command = [sys.executable, "-c", START, PACKAGE, HERE / "use_them.py", folder]
    copied = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(command, env=copied, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert Path(found["copy"]).is_relative_to(copy)
    assert Path(found["scoring"]).is_relative_to(PACKAGE)
    return found


def test_the_table_has_what_is_added_here_and_names_files_that_there_are() -> None:
    found = touched()
    assert set(ADDED) <= set(found)
    ready = [file for files in found.values() for file in files if "NAME" not in file and "CODE" not in file]
    assert set(LINES) == set(ready)
    assert all((PACKAGE.parents[1] / file).is_file() for file in ready)


def test_a_layout_is_found_out_and_read(seen: dict) -> None:
    assert seen["layouts"] == ["tagged", "tagged"]
    assert seen["subjects"] == [24, 24, 48]


def test_a_format_of_scores_is_found_out_and_read(seen: dict) -> None:
    subjects, summary = seen["scored"]
    assert subjects == ["Aoi", "Aoi", "Emi"]
    assert "lines of two images and a score" in summary


def test_a_detector_finds_the_faces(seen: dict) -> None:
    assert seen["detectors"] == ["lit"]
    assert seen["failures"] == 0


def test_a_metric_is_in_the_tables_of_metrics_and_of_differences(seen: dict) -> None:
    assert len(seen["measured"]) == 3
    assert all(low < value < high for value, low, high in seen["measured"])
    assert seen["compared"] == ["cohorts"]
    assert "Balanced accuracy at the shipped threshold" in seen["page"]
    assert "The mean of the shares of both kinds that are decided rightly." in seen["page"]


def test_a_chart_is_on_the_page(seen: dict) -> None:
    assert 'data-figure="sizes"' in seen["page"]
    assert '"sizes": {"": {' in seen["charts"]


def test_an_executor_does_the_work(seen: dict) -> None:
    assert seen["embedded"] == 48 * 3
    assert seen["others"] > 0, "comparing goes through it too"


def test_a_language_shows(seen: dict) -> None:
    assert '<html lang="eo"' in seen["page"]
    assert "<h3>Eraraj kurboj</h3>" in seen["page"]
    assert "Error curves" not in seen["page"]
