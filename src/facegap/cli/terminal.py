"""What a person sees in the terminal: progress bars, notes and tables."""

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

WIDE = 150
"""Columns a terminal needs for the whole summary in one table."""

COUNTS = ("Images", "Subjects", "FTA", "Genuine", "Impostor")


class Bars:
    """Progress bars, one per task, as the library's `Progress`; use it as a context."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, task: str, done: int, total: int) -> None:
        """See `facegap.progress.Progress`."""
        if task not in self._tasks:
            self._tasks[task] = self._progress.add_task(task, total=total)
        self._progress.update(self._tasks[task], completed=done, total=total)
        if done == total:
            self._progress.remove_task(self._tasks.pop(task))


def print_summary(console: Console, rows: Sequence[dict[str, str]]) -> None:
    """Print a line per model and cohort: in one table where the terminal is wide, else in two."""
    if not rows:
        return
    names = list(rows[0])
    if console.width >= WIDE:
        _print_table(console, rows, names)
        return
    counts = [name for name in names if name in COUNTS]
    _print_table(console, rows, [*names[: names.index(counts[0])], *counts])
    _print_table(console, rows, [name for name in names if name not in counts])


def _print_table(console: Console, rows: Sequence[dict[str, str]], names: Sequence[str]) -> None:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in names:
        text = name in ("Model", "Cohort", "Image set")
        table.add_column(name, justify="left" if text else "right", overflow="fold", no_wrap=not text)
    for row in rows:
        table.add_row(*(_plain(row[name]) for name in names))
    console.print(table)
    console.print()


def _plain(text: str) -> str:
    """Names are data: a cohort called "[red]" is printed as it is."""
    return text.replace("[", "\\[")
