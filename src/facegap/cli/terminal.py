"""What a person sees in the terminal: progress bars, notes and tables."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from facegap.cli.columns import COLUMN_GAP, NAME_ROOM, Columns
from facegap.cli.console import Terminal
from facegap.run.visible import in_one_line

if TYPE_CHECKING:
    from facegap.data.evaluation import Evaluation

PARTS = (
    ("Images", "Subjects", "FTA", "Genuine", "Impostor"),
    ("FMR@shipped", "FNMR@shipped", "TAR@FMR=1e-2", "TAR@FMR=1e-3"),
    ("EER", "AUC", "Best F1"),
)
"""The summary's columns: those that name a row, and the others by what they are about."""

LINE_SECONDS = 60
"""Without a terminal to draw bars on, a line says so often how far the work is."""


class Bars:
    """Progress bars, one per task, as the library's `Progress`, or a line a minute; use it as a context."""

    def __init__(self, console: Terminal) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not (console.is_interactive and console.says_notes),
        )
        self._console = console
        self._said = time.monotonic()
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, task: str, done: int, total: int) -> None:
        """See `facegap.run.progress.Progress`."""
        if self._progress.disable:
            self._say(task, done, total)
            return
        from facegap.report.text.on_the_way import task_name

        if task not in self._tasks:
            self._tasks[task] = self._progress.add_task(in_one_line(task_name(task)), total=total)
        self._progress.update(self._tasks[task], completed=done, total=total)
        if done == total:
            self._progress.remove_task(self._tasks.pop(task))

    def _say(self, task: str, done: int, total: int) -> None:
        from facegap.report.text.on_the_way import progress_text

        if time.monotonic() - self._said >= LINE_SECONDS:
            self._console.say(progress_text(task, done, total))
            self._said = time.monotonic()


def place(path: Path, *, anonymous: bool) -> str:
    """Return where something was written, as it may be said: by its name alone where no folder is to be named."""
    return path.name if anonymous else str(path)


def print_cards(console: Terminal, evaluation: "Evaluation") -> None:
    """Print whether each model keeps the limits on every cohort, as a table, and what to do next."""
    from facegap.report.tables.state_tables import decision_cards, state_lines
    from facegap.report.text.decisions import limits_text
    from facegap.report.text.language import said_of

    titles, lines = state_lines(evaluation)
    console.print(limits_text(evaluation.limits))
    console.print()
    if lines:
        table = Columns()
        for title in titles:
            table.add_column(title, overflow="fold")
        for line in lines:
            table.add_row(*line)
        console.print(table)
        console.print()
    for one in decision_cards(evaluation):
        console.print(said_of(one.model, one.said))
    console.print()


def print_summary(console: Terminal, rows: Sequence[dict[str, str]]) -> None:
    """Print a line per model and cohort, in as few tables as the terminal has room for."""
    from facegap.report.text.language import _
    from facegap.report.text.summary import NAMED

    rows = [{_(column): text for column, text in row.items()} for row in rows]
    names = [name for name in map(_, NAMED) if name in rows[0]]
    for part in _parts(rows, names, console.width):
        table = Columns()
        for name in names:
            table.add_column(name, overflow="fold")
        for name in part:
            table.add_column(name, justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*(row[name] for name in (*names, *part)))
        console.print(table)
        console.print()


def _parts(rows: Sequence[dict[str, str]], names: Sequence[str], width: int) -> list[list[str]]:
    """Return which columns share a table: what is about the same stays together where it fits."""
    from facegap.report.text.language import _

    def room(columns: Sequence[str]) -> int:
        return sum(
            max(cell_len(text) for text in (column, *(row[column] for row in rows))) + COLUMN_GAP for column in columns
        )

    left = width - sum(min(NAME_ROOM + COLUMN_GAP, room([name])) for name in names)
    parts: list[list[str]] = [[]]
    for group in [list(map(_, part)) for part in PARTS]:
        if room([*parts[-1], *group]) <= left:
            parts[-1] += group
            continue
        parts.append([])
        for column in group:
            if parts[-1] and room([*parts[-1], column]) > left:
                parts.append([])
            parts[-1].append(column)
    return [part for part in parts if part]
