"""Lists of comparisons without a header line: `path path 1`, CALFW's two lines a pair, LFW's lines without a count."""

import re
from pathlib import Path

import polars as pl

from facegap.datasets.images import is_image
from facegap.datasets.lfw import is_uncounted, read_uncounted
from facegap.datasets.located import Located
from facegap.errors import InputError
from facegap.run.text import clean

FLAG = r"-?\d{1,18}"
THREE = (re.compile(rf"(?P<a>\S.*?)[\s,;]+(?P<b>\S.*?)[\s,;]+(?P<flag>{FLAG})"),
         re.compile(rf"(?P<flag>{FLAG})[\s,;]+(?P<a>\S.*?)[\s,;]+(?P<b>\S.*)"))  # fmt: skip
"""Two images and a flag after or before them."""

TWO = re.compile(rf"(?P<a>\S.*?)[\s,;]+(?P<flag>{FLAG})")
"""One image of a pair, and the flag of both."""


def plain_form(text: str) -> str:
    """Return the form of a list without a header by its first line: `three`, `two`, `lfw`, or "" where it is none."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if _three(first):
        return "three"
    if (found := TWO.fullmatch(first)) and is_image(found["a"]):
        return "two"
    return "lfw" if is_uncounted(first) else ""


def read_plain(path: Path, text: str, images: Path, form: str) -> pl.DataFrame:
    """Return the comparisons: `path_a`, `path_b`, `same` and `fold`; with subjects where the list names them.

    In two lines a pair, any flag but 0 says that the pair is genuine: CALFW gives the number of its fold there.

    Raises:
        InputError: a line has another form, or the two lines of a pair do not go together.
    """
    if form == "lfw":
        return read_uncounted(path, text, images)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    pairs = [_pair(path, *line) for line in lines] if form == "three" else _pairs_of_lines(path, lines)
    for number, a, b, _ in pairs:
        if a == b:
            raise InputError(
                "{path}, line {number}: {a} is compared with itself; remove the line", path=path, number=number, a=a
            )
    located = Located(images)
    return pl.DataFrame(
        {
            "path_a": [located.path(a) for _, a, _, _ in pairs],
            "path_b": [located.path(b) for _, _, b, _ in pairs],
            "same": [flag for _, _, _, flag in pairs],
            "fold": [0] * len(pairs),
        }
    )


def _three(line: str) -> re.Match[str] | None:
    for pattern in THREE:
        found = pattern.fullmatch(line)
        if found and is_image(found["a"]) and is_image(found["b"]):
            return found
    return None


def _pair(path: Path, number: int, line: str) -> tuple[int, str, str, bool]:
    found = _three(line)
    if found is None or found["flag"] not in ("1", "0", "-1"):
        raise InputError(
            "{path}, line {number}: found {line!r}, expected two images and 1 or 0, as in the first line",
            path=path,
            number=number,
            line=line,
        )
    return number, clean(found["a"]), clean(found["b"]), found["flag"] == "1"


def _pairs_of_lines(path: Path, lines: list[tuple[int, str]]) -> list[tuple[int, str, str, bool]]:
    halves = []
    for number, line in lines:
        found = TWO.fullmatch(line)
        if found is None or not is_image(found["a"]):
            raise InputError(
                "{path}, line {number}: found {line!r}, expected an image and a number",
                path=path,
                number=number,
                line=line,
            )
        halves.append((number, clean(found["a"]), int(found["flag"])))
    if len(halves) % 2:
        raise InputError(
            "{path} has {n_halves} lines, but a pair takes two: the list is incomplete", path=path, n_halves=len(halves)
        )
    pairs = []
    for (number, a, first), (_, b, second) in zip(halves[::2], halves[1::2], strict=True):
        if first != second:
            raise InputError(
                "{path}, line {number}: a pair has {first} and {second}, expected the same number twice",
                path=path,
                number=number,
                first=first,
                second=second,
            )
        pairs.append((number, a, b, first != 0))
    return pairs
