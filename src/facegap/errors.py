"""The errors facegap raises for what a user can mend.

    FacegapError
    ├── InputError     a data set, a path, a file or an option that cannot be used
    ├── ModelError     a model file or its contract that cannot be used
    ├── StoreError     the embedding store cannot be read or written
    ├── BudgetSpent    as much as was allowed was asked of a black box, and more is needed
    └── WorkerLost     a process that did a part of the work is gone

A message is one line: what was found, what was expected, what to do. Anything else that escapes is a bug.
It is written as a template with named places and the values of these, so that it can be said in any language:
`InputError("{path} has no rows: a table needs a header and a row per image", path=path)`. `str(error)` is the English;
`report.text.errors` translates. A message without values is never formatted; with values, a brace is written twice.
A bad *image* is never an error: it is an outcome, counted and listed.
"""

from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import PurePath
from typing import Any


class _Count(int):
    def __format__(self, format_spec: str) -> str:
        return super().__format__(format_spec or ",")


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Return a message with values in its named places.

    Whole numbers are counts, with their thousands separated, `44,850`, but where a place says otherwise: `{width:d}`.
    """
    return template.format(**{name: _counted(value) for name, value in values.items()})


def _counted(value: Any) -> Any:
    return _Count(value) if isinstance(value, Integral) and not isinstance(value, bool) else value


class Phrase(str):
    """Words that can be said in any language: a text in English that knows its template and the values of its places.

    A value may be a phrase again, or an error, whose phrase is then taken; another exception is taken as its text, for
    not every exception can be pickled.

    `one`: the template for a number `n` among the values that is 1, where it differs.
    """

    template: str
    values: dict[str, Any]
    one: str | None

    def __new__(cls, template: str, /, **values: Any) -> "Phrase":
        """Fill the template; without values it stays as it is, and so pickling can hand over the English."""
        said = {name: _said(value) for name, value in values.items()}
        phrase = super().__new__(cls, filled(template, said) if said else template)
        phrase.template, phrase.values, phrase.one = template, said, None
        return phrase


def nphrase(one: str, many: str, n: int, /, **values: Any) -> Phrase:
    """Return words that depend on a number, the value of the place `n`."""
    phrase = Phrase(one if n == 1 else many, n=n, **values)
    phrase.template, phrase.one = many, one
    return phrase


class FacegapError(Exception):
    """Base of every error a user can mend.

    `said`: its message, from which each language is made.
    """

    def __init__(self, message: str, /, **values: Any) -> None:
        self.said = message if isinstance(message, Phrase) else Phrase(message, **values)
        super().__init__(str(self.said))  # pickling keeps this text and the attributes


class InputError(FacegapError):
    """A data set, a path, a file or an option cannot be used.

    `findings`: what was found in the data on the way, which `report.text` puts into words after the message.
    """

    def __init__(self, message: str, /, *, findings: Iterable[Any] = (), **values: Any) -> None:
        super().__init__(message, **values)
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
            raise InputError("{name} takes a list: give [{text!r}] in place of {text!r}", name=name, text=str(value))


def _said(value: Any) -> Any:
    if isinstance(value, FacegapError):
        return value.said
    return str(value) if isinstance(value, BaseException) else value
