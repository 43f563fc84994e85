"""What a run says while it is under way."""

import re
from pathlib import Path

import facegap
from facegap.report.text import on_the_way
from facegap.report.text.language import in_language

SOURCE = Path(facegap.__file__).parent


def test_every_task_has_a_name_in_every_language() -> None:
    calls = re.compile(r"\b(?:progress|bars)\(\s*\"([^\"]+)\"")
    named = {task for file in SOURCE.rglob("*.py") for task in calls.findall(file.read_text(encoding="utf-8"))}
    assert {"comparing", "drawing faces"} <= named
    assert named - set(on_the_way._TASKS) == set()


def test_progress_as_a_line() -> None:
    assert on_the_way.progress_text("comparing", 1500, 12000) == "comparing: 1,500 of 12,000"
    with in_language("ja"):
        assert on_the_way.progress_text("comparing", 1500, 12000) == "比較: 12,000 件中 1,500 件"
