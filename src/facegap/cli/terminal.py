"""What a person sees in the terminal: progress bars, notes and tables."""

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

WIDE = 150
"""Columns a terminal needs for the whole summary in one table."""

NAMES = ("Image set", "Model", "Cohort")
PARTS = (
    ("Images", "Subjects", "FTA", "Genuine", "Impostor"),
    ("AUC", "EER", "TAR@FMR=1e-2", "TAR@FMR=1e-3"),
    ("Best F1", "FMR@shipped", "FNMR@shipped"),
)
"""The summary's columns: those that name a row, and the tables that a narrow terminal shows one below the other."""


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
    """Print a line per model and cohort, in one table where the terminal is wide enough."""
    parts = [sum(PARTS, ())] if console.width >= WIDE else PARTS
    names = [name for name in NAMES if name in rows[0]]
    for part in parts:
        table = Table(show_edge=False, pad_edge=False, header_style="bold")
        for name in names:
            table.add_column(name, overflow="fold")
        for name in part:
            table.add_column(name, justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*(_plain(row[name]) for name in (*names, *part)))
        console.print(table)
        console.print()


def _plain(text: str) -> str:
    """Names are data: a cohort called "[red]" is printed as it is."""
    return text.replace("[", "\\[")
