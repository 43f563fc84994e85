"""The README's example runs as it is printed."""

import re
from pathlib import Path

import pytest

from facegap.synthetic import GENERAL, HARD, write_population

README = Path(__file__).resolve().parents[1] / "README.md"


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


def test_what_it_links_to_exists():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text(encoding="utf-8"))
    missing = [link for link in links if not (README.parent / link).exists()]
    if missing:
        pytest.fail(f"missing: {missing}")
