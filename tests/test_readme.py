"""The README's example runs as it is printed."""

import re
from pathlib import Path

import pytest

from facegap.synthetic import GENERAL, HARD, write_population

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
FIRST_SCREEN = 60
"""Lines of the README in which a reader sees what facegap gives."""


def test_the_python_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for seed, (name, spread) in enumerate({"general": GENERAL, "hard": HARD}.items()):
        write_population(
            tmp_path / "faces" / name, subjects=6, images=3, spread=spread.all, geometry_spread=spread.geometry,
            seed=seed, prefix=name[0],
        )  # fmt: skip
    example = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    exec(compile(example[1], "README.md", "exec"), {"__name__": "readme"})
    printed = capsys.readouterr().out
    assert re.search(r"^general: AUC [01]\.\d{3}, FMR at dlib's own threshold [01]\.\d{3}$", printed, re.MULTILINE)
    assert (tmp_path / "report" / "index.html").stat().st_size > 100_000


def test_its_first_lines_show_what_the_commands_of_the_start_page_print():
    """The start page is run as a whole by tests/docs/test_examples.py; the README shows lines of it, in their order."""
    first = README.read_text(encoding="utf-8").splitlines()[:FIRST_SCREEN]
    shown = first[first.index("```console") + 1 : first.index("```")]
    lines = iter((ROOT / "docs" / "start.md").read_text(encoding="utf-8").splitlines())
    assert sum(line.startswith("$ facegap ") for line in shown) >= 2
    assert [line for line in shown if line != "..." and line not in lines] == []


def test_what_it_links_to_exists():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text(encoding="utf-8"))
    missing = [link for link in links if not (README.parent / link).exists()]
    if missing:
        pytest.fail(f"missing: {missing}")
