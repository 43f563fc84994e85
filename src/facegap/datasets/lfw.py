"""The format of the pairs lists of Labeled Faces in the Wild (http://vis-www.cs.umass.edu/lfw/README.txt)."""

import os
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path, PurePath

import polars as pl

from facegap.datasets.images import is_clutter, is_image
from facegap.errors import InputError, Phrase
from facegap.run.text import clean

HEADER = re.compile(r"\s*\d{1,9}(?:[ \t]+\d{1,9})?[ \t]*(?:\r?\n|$)")
NUMBER = re.compile(r"\d{1,9}")


def is_lfw(text: str) -> bool:
    """Return whether a text begins as a pairs list does: `300` or `10 300`."""
    return HEADER.match(text) is not None


def read_lfw(path: Path, text: str, images: Path) -> pl.DataFrame:
    """Return the comparisons of a list: `path_a`, `path_b`, `subject_a`, `subject_b`, `same` and `fold`, from 0.

    The list says in its first line how many folds there are (one, where it gives one number) and how many genuine
    comparisons `Name i j` each has, followed by as many impostor comparisons `NameA i NameB j`. Image i of a subject
    is `Name/Name_000i` below `images`, with any suffix; an absent one is listed as `.jpg`.

    Raises:
        InputError: a line is malformed, or lines are missing.
    """
    first, *lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    *folds, size = map(int, first[1].split())
    expected = 2 * size * (folds[0] if folds else 1)
    rows = [_parse(path, *line, genuine=row % (2 * size) < size) for row, line in enumerate(lines)] if size else []
    if len(rows) != expected or not expected:
        raise InputError(
            "{path} announces {expected} comparisons in its first line and has {n_lines}: the list is incomplete",
            path=path,
            expected=expected,
            n_lines=len(lines),
        )
    return _comparisons(images, rows, [row // (2 * size) for row in range(len(rows))])


def is_uncounted(line: str) -> bool:
    """Return whether a line is that of a comparison in a list without a first line: `Name i j` or `NameA i NameB j`."""
    match _fields(line):
        case [name, i, j] | [name, i, _, j]:
            return not NUMBER.fullmatch(name) and bool(NUMBER.fullmatch(i) and NUMBER.fullmatch(j))
    return False


def read_uncounted(path: Path, text: str, images: Path) -> pl.DataFrame:
    """Return the comparisons of a list without a first line, as RFW's are; see `read_lfw`.

    There are folds where as many genuine as impostor comparisons follow each other, always equally many.

    Raises:
        InputError: a line is malformed.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    rows = [_parse(path, *line, genuine=len(_fields(line[1])) == len(("name", "i", "j"))) for line in lines]
    same = [row[0] == row[2] for row in rows]
    runs = [len(list(run)) for _, run in groupby(same)]
    size = 2 * runs[0] if len(set(runs)) == 1 and len(runs) % 2 == 0 and same[0] else len(rows)
    return _comparisons(images, rows, [row // size for row in range(len(rows))])


def _comparisons(images: Path, rows: list[tuple[str, int, str, int]], folds: list[int]) -> pl.DataFrame:
    located = _locate(images, {name for row in rows for name in (row[0], row[2])})

    def image(name: str, number: int) -> str:
        stem = f"{name}_{number:04d}"
        return located.get((name, stem), str(images / name / f"{stem}.jpg"))

    return pl.DataFrame(
        {
            "path_a": [image(name, number) for name, number, _, _ in rows],
            "path_b": [image(name, number) for _, _, name, number in rows],
            "subject_a": [row[0] for row in rows],
            "subject_b": [row[2] for row in rows],
            "same": [row[0] == row[2] for row in rows],
            "fold": folds,
        }
    )


def _fields(line: str) -> list[str]:
    return [clean(field) for field in (line.split("\t") if "\t" in line else line.split())]


def _parse(path: Path, number: int, line: str, *, genuine: bool) -> tuple[str, int, str, int]:
    match _fields(line):
        case [name, i, j] if genuine and name and NUMBER.fullmatch(i) and NUMBER.fullmatch(j) and int(i) != int(j):
            return name, int(i), name, int(j)
        case [a, i, b, j] if not genuine and a and b and a != b and NUMBER.fullmatch(i) and NUMBER.fullmatch(j):
            return a, int(i), b, int(j)
    two = Phrase("two images of one subject, `Name i j`"), Phrase("images of two subjects, `NameA i NameB j`")
    raise InputError(
        "{path}, line {number}: found {line!r}, expected {form}",
        path=path,
        number=number,
        line=line.strip(),
        form=two[0 if genuine else 1],
    )


def _locate(images: Path, names: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the image files of the subjects by (name, stem), however the file system spells accents."""
    try:
        with os.scandir(images) as entries:
            folders = {clean(entry.name): images / entry.name for entry in entries if entry.is_dir()}
    except OSError as error:
        raise InputError(
            "the folder {images} cannot be opened ({reason}): check its permissions",
            images=images,
            reason=error.strerror,
        ) from None
    located: dict[tuple[str, str], str] = {}
    for name in names:
        folder = folders.get(name)
        files = _files_in(folder) if folder else []
        for file in files:
            if folder and is_image(file) and not is_clutter(file):
                located.setdefault((name, clean(PurePath(file).stem)), str(folder / file))
    return located


def _files_in(folder: Path) -> list[str]:
    """Return the names in a folder, none where it cannot be opened: its images are then absent, and counted so."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 (names are all that is needed)
    except OSError:
        return []
