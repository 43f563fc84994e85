"""`facegap compare`: what moved from one report to another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.cli.as_json import Json, print_json, rows_of
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal

if TYPE_CHECKING:
    import polars as pl

    from facegap.data.evaluation import Evaluation

VERSION = 1
"""Schema version of what `--json` prints."""


def compare(
    old: Annotated[Path, typer.Argument(metavar="LAST", help="The earlier report: its folder.")],
    new: Annotated[Path, typer.Argument(metavar="TONIGHT", help="The later report: its folder.")],
    *,
    json: Json = False,
) -> None:
    """Say which numbers moved from one report to another, each with its interval and test.

    The exit code is 0 whatever moved: `facegap check TONIGHT --against LAST` is the gate.
    """
    from facegap.data.report_files import read_report
    from facegap.jobs.changes import changes, only_in

    before, now = read_report(old), read_report(new)
    found = changes(now, before)
    alone = list(only_in(now, before))
    if json:
        only = [{"report": side, "what": what, "name": name} for side, what, name in alone]
        print_json(VERSION, {"old": before.name, "new": now.name, "changes": rows_of(found), "only_in": only})
    else:
        _show(Terminal(), found, alone, now)


def _show(console: Terminal, found: "pl.DataFrame", alone: list[tuple[str, str, str]], now: "Evaluation") -> None:
    from facegap.report.text.changes import COLUMNS, change_line, changes_text, moved, only_text, pairing_lines
    from facegap.report.text.language import _
    from facegap.report.text.notices import notice_text
    from facegap.report.text.shown_differences import level_of

    level, rows = level_of(now), found.to_dicts()
    if notice := notice_text(now):
        console.print(f"{notice}\n", style="yellow")
    if shown := moved(rows, level):
        table = Columns()
        for title in COLUMNS:
            table.add_column(_(title), overflow="fold")
        for row in shown:
            table.add_row(*change_line(row))
        console.print(table)
        console.print()
    console.print(changes_text(rows, level), style="bold")
    for line in [*pairing_lines(rows), *(only_text(*one) for one in alone)]:
        console.print(line)
