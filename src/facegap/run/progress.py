"""Progress as an injected callable, so that the library itself never prints."""

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done, how much of it is done, and how much there is in all."""

    def __call__(self, task: str, done: int, total: int) -> None:
        """Report that `done` of `total` steps of `task` are done."""


def silent(task: str, done: int, total: int) -> None:
    """Report nothing: the default."""


def mute(line: str) -> None:
    """Say nothing: the default of jobs that say what goes on, in lines."""
