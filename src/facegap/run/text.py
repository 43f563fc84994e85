"""How names, counts and reasons are written, so that every reader says them alike."""

import re
import unicodedata
from collections.abc import Iterable

from facegap.errors import Phrase, nphrase

SHOWN = 5
"""How many names a message gives before it says how many more there are."""


def clean(name: str) -> str:
    """Return `name` in Unicode form NFC without white space around it: equal names are then equal strings."""
    return unicodedata.normalize("NFC", name).strip()


def natural(name: str) -> list[tuple[int, str]]:
    """Return a sorting key under which `9` comes before `10` and `age 9` before `age 10`, however long the number."""
    return [_number(part) if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _number(digits: str) -> tuple[int, str]:
    """Return a key for a number in decimal digits of any script: how many it has, then what they are."""
    plain = "".join(str(unicodedata.decimal(digit)) for digit in digits).lstrip("0")
    return len(plain), plain


def counted(number: int, noun: str) -> str:
    """Return e.g. `1 image` or `12 images`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shortened(names: Iterable[str]) -> str:
    """Return the first few names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def first_few(names: Iterable[str], most: int = SHOWN) -> str:
    """Return the first few names, and how many more there are, as a value of an error."""
    names = list(names)
    shown, more = in_a_row(names[:most]), len(names) - most
    return shown if more <= 0 else nphrase("{names} and {n} more", "{names} and {n} more", more, names=shown)


def in_a_row(names: Iterable[str]) -> str:
    """Return `a, b`, as a value of an error."""
    names = list(names)
    if not any(isinstance(name, Phrase) for name in names):
        return ", ".join(names)
    return _joined(N_("{first}, {second}"), names)


def either(names: Iterable[str]) -> str:
    """Return `a or b`, as a value of an error."""
    return _joined(N_("{first} or {second}"), names)


def both(names: Iterable[str]) -> str:
    """Return `a and b`, as a value of an error."""
    return _joined(N_("{first} and {second}"), names)


def one_after_another(phrases: Iterable[str]) -> str:
    """Return `a; b`, as a value of an error."""
    return _joined(N_("{first}; {second}"), phrases)


def _joined(template: str, parts: Iterable[str]) -> str:
    said = ""
    for number, part in enumerate(parts):
        said = Phrase(template, first=said, second=part) if number else part
    return said


def N_(message: str) -> str:
    """Return a message as it is, marked to be listed: a constant that `report.text.language._` translates."""
    return message


def one_line(error: BaseException) -> str:
    """Return what a library complains of as the one line that a facegap message may take up."""
    return " ".join(str(error).split()) or type(error).__name__
