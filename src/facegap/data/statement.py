"""What is to be said, apart from words: a code, and the names and numbers that its sentence gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import msgspec

SEPARATOR = "; "
"""Stands between the codes of one cell of a table."""


@dataclass(frozen=True)
class Statement:
    """A code, and what its sentence gives by name; `report.text` makes the sentence.

    A value is a text, a number, a boolean, or a list of such. Where no sentence is known for a code, the code is shown
    as it is: so are the sentences of older files, and those of a plug-in.
    """

    code: str
    named: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, code: str, **values: object) -> "Statement":
        """Return a code with its values."""
        return cls(str(code), tuple((name, _frozen(value)) for name, value in values.items()))

    def __format__(self, _: str) -> str:
        """Return the statement in English: it can stand in the message of an error."""
        return in_english(self)

    @property
    def key(self) -> str:
        """A text that is the same for equal statements, and changes with no wording."""
        return f"{self.code} {text_of(self.values) or ''}".strip()

    @property
    def values(self) -> dict[str, Any]:
        """The names and numbers, by the names of their places."""
        return dict(self.named)


def in_english(said: Statement | None) -> str:
    """Return a statement in words, as an error gives it, "" where there is none: errors are in English.

    The room that makes the words lies above this one, and is looked up by its name.
    """
    return import_module("facegap.report.text.said").in_english(said)


def cell_of(
    *statements: Statement, column: str = "method", before: Mapping[str, Any] | None = None
) -> dict[str, str | None]:
    """Return statements as the cells `column` and `column_values` of a row, after those of the row `before`.

    All share one set of values.

    Raises:
        ValueError: two statements say different things by one name.
    """
    codes = [before[column]] if before else []
    values = values_of(before[f"{column}_values"]) if before else {}
    for one in statements:
        codes.append(one.code)
        for name, value in one.named:
            if values.setdefault(name, value) != value:
                raise ValueError(f"two statements of one row differ in {name!r}")
    return {column: SEPARATOR.join(filter(None, codes)), f"{column}_values": text_of(values)}


def statements_in(row: Mapping[str, Any], column: str = "method") -> list[Statement]:
    """Return the statements of a row, each with all values of it; `cell_of` wrote them."""
    named = tuple(values_of(row[f"{column}_values"]).items())
    return [Statement(code, named) for code in row[column].split(SEPARATOR) if code]


def text_of(values: Mapping[str, Any]) -> str | None:
    """Return values as JSON, as a cell of a table holds them; None where there are none."""
    return msgspec.json.encode(values).decode() if values else None


def values_of(text: str | None) -> dict[str, Any]:
    """Return the values that a cell holds.

    Raises:
        ValueError: it holds something else.
    """
    return {name: _frozen(value) for name, value in msgspec.json.decode(text, type=dict).items()} if text else {}


def _frozen(value: Any) -> Any:
    """Return a value with tuples for lists, so that it can be compared and hashed."""
    return tuple(map(_frozen, value)) if isinstance(value, Iterable) and not isinstance(value, str) else value
