"""The page of Markdown."""

from benchmarks.page import markdown
from benchmarks.section import Goal, Section

SECTION = Section("Speed", "How fast.", ("", "rate"), (("a|b", "3"), ("c", "4")), ("A note.",), (Goal("a", 2, 3),))


def test_a_page_holds_goals_tables_notes_and_the_machine():
    page = markdown([SECTION], [("cores", "2")], quick=False)
    assert "## What was asked for\n\n|  | asked | found | met |\n| --- | ---: | ---: | ---: |\n" in page
    assert "\n| a | at least 2 | 3 | yes |\n" in page
    assert "## Speed\n\nHow fast.\n\n|  | rate |\n| --- | ---: |\n| a\\|b | 3 |\n| c | 4 |\n\nA note.\n" in page
    assert page.endswith("## The machine\n\n|  |  |\n| --- | ---: |\n| cores | 2 |\n")


def test_a_quick_page_says_that_it_says_nothing():
    assert "quick run" in markdown([SECTION], [], quick=True)
    assert "quick run" not in markdown([SECTION], [], quick=False)
