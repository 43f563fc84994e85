"""Errors in words of the current language."""

from typing import Any

from facegap.data.statement import Statement
from facegap.errors import FacegapError, InputError, Phrase
from facegap.report.text.language import _, ngettext
from facegap.run.text import N_

_OF_SYSTEM = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("No space left on device"),
    N_("Read-only file system"),
    N_("File name too long"),
    N_("Input/output error"),
    N_("Disk quota exceeded"),
)
"""Reasons of the operating system that are translated; others stay as it gives them."""


def error_text(error: FacegapError) -> str:
    """Return what is wrong, and what was found in the data on the way."""
    said = phrase_text(error.said)
    if not (isinstance(error, InputError) and error.findings):
        return said
    from facegap.report.text.findings import finding_texts  # it imports polars, which takes long

    for found in finding_texts(error.findings):
        said = _("{first}; {second}", first=said, second=found)
    return said


def phrase_text(phrase: Phrase) -> str:
    """Return a phrase, and those among its values."""
    values: dict[str, Any] = {name: _value(value) for name, value in phrase.values.items()}
    if phrase.one is not None:
        return ngettext(phrase.one, phrase.template, values["n"], **values)
    return _(phrase.template, **values)


def _value(value: object) -> object:
    if isinstance(value, Phrase):
        return phrase_text(value)
    if isinstance(value, Statement):
        from facegap.report.text.said import said  # it imports polars, which takes long

        return said(value)
    return _(value) if isinstance(value, str) and value in _OF_SYSTEM else value
