"""The benchmarks as tables on the terminal and as a page of Markdown."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.section import Section

INTRODUCTION = """\
# How fast facegap is

`make bench` makes this page. Every number was measured in one run on one machine, unless it says how it was computed.
Times depend on the machine; the ratios are what counts. What is compared took turns, and a ratio is the median over
the rounds.
"""
QUICK = """
**This page comes from a quick run (`--quick`): tiny sizes, to show that the benchmarks work. Its numbers say nothing
about facegap's speed. `make bench` makes the real page.**
"""
GOALS = "What was asked for"
GOAL_COLUMNS = ("", "asked", "found", "met")


def show(console: Console, section: Section) -> None:
    """Print one benchmark's table."""
    _print(console, section.title, section.columns, section.rows)
    for note in section.notes:
        console.print(note, style="dim", markup=False)
    console.print()


def show_goals(console: Console, sections: Sequence[Section]) -> None:
    """Print what was asked for and what was found."""
    _print(console, GOALS, GOAL_COLUMNS, [goal.cells for section in sections for goal in section.goals])


def markdown(
    sections: Sequence[Section],
    machine: Sequence[tuple[str, str]],
    *,
    quick: bool = False,
    introduction: str = INTRODUCTION,
) -> str:
    """Return the page."""
    return "".join(_lines(sections, machine, introduction + QUICK * quick))


def _lines(sections: Sequence[Section], machine: Sequence[tuple[str, str]], introduction: str) -> Iterator[str]:
    yield introduction
    yield f"\n## {GOALS}\n\n"
    yield from _table(GOAL_COLUMNS, [goal.cells for section in sections for goal in section.goals])
    for section in sections:
        yield f"\n## {section.title}\n\n{section.about}\n\n"
        yield from _table(section.columns, section.rows)
        for note in section.notes:
            yield f"\n{note}\n"
    yield "\n## The machine\n\n"
    yield from _table(("", ""), machine)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (columns, ["---"] + ["---:"] * (len(columns) - 1), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _print(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for k, column in enumerate(columns):
        table.add_column(column, justify="right" if k else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell.replace("**", "")) for cell in row))
    console.print(table)
