"""The errors facegap raises for what a user can mend.

    FacegapError
    ├── InputError     a data set, a path, a file or an option that cannot be used
    ├── ModelError     a model file or its contract that cannot be used
    ├── StoreError     the embedding store cannot be read or written
    ├── BudgetSpent    as much as was allowed was asked of a black box, and more is needed
    └── WorkerLost     a process that did a part of the work is gone

A message is one line: what was found, what was expected, what to do. Anything else that escapes is a bug.
A bad *image* is never an error: it is an outcome, counted and listed.
"""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any


class FacegapError(Exception):
    """Base of every error a user can mend."""


class InputError(FacegapError):
    """A data set, a path, a file or an option cannot be used.

    `findings`: what was found in the data on the way, which `report.text` puts into words after the message.
    """

    def __init__(self, message: str, findings: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ModelError(FacegapError):
    """A model file, or the contract it is used with, cannot be used."""


class StoreError(FacegapError):
    """The embedding store cannot be read or written."""


class BudgetSpent(FacegapError):
    """As much as was allowed was asked of a black box, and more is needed; the answers are kept."""


class WorkerLost(FacegapError):
    """A process that did a part of the work is gone; what was done is kept."""


def check_lists(**given: object) -> None:
    """Refuse one text or path where several are expected: Python would take each of its letters for one.

    Raises:
        InputError: it is one; the name of the argument is the keyword here.
    """
    for name, value in given.items():
        if isinstance(value, str | PurePath):
            raise InputError(f"{name} takes a list: give [{str(value)!r}] in place of {str(value)!r}")
