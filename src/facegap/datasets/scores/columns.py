"""A table of comparisons with their scores: facegap's own columns, and those of bob's CSV files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.datasets.part import ReadScores
from facegap.datasets.scores.batches import batches, columns_of
from facegap.datasets.scores.collector import Collector
from facegap.datasets.sheet import PARQUET, TEXT, find_column
from facegap.datasets.sides import NO, PATHS, SAME, SUBJECTS, YES, attributes_of_sides
from facegap.errors import InputError, Phrase

SCORE = ("score", "scores", "similarity", "distance")
MISSING = ("", "nan", "none", "null", "na", "n/a", "-")
"""What stands where a score is missing, in any case."""


@dataclass(frozen=True)
class Columns:
    """Which column says what. `attributes`: of each attribute, the columns of the two sides."""

    score: str
    paths: tuple[str, str]
    subjects: tuple[str, str] | None
    same: str | None
    attributes: dict[str, tuple[str, str]]


def has_scores(path: Path) -> bool:
    """Return whether a file is a table with columns of two images and of their score."""
    if path.suffix.lower() not in PARQUET | TEXT:
        return False
    try:
        return _columns(columns_of(path), path) is not None
    except InputError:  # whoever reads it as a table says what is wrong with it
        return False


def has_pairs(path: Path) -> bool:
    """Return whether a table of scores is also a list of pairs, as `read_pairs` takes it."""
    names = columns_of(path)
    return all(find_column(names, aliases, path) for aliases in (*PATHS, SAME))


def read_columns(path: Path) -> ReadScores:
    """Return the scores of a table with the columns `path_a`, `path_b` and `score`.

    `same` or both of `subject_a` and `subject_b` say which comparisons are genuine. Other columns are attributes: of
    one image each where there are two of them, `sex_a` and `sex_b`, else of both.

    Raises:
        InputError: columns are missing, or a row makes no sense.
    """
    names = columns_of(path)
    found = _columns(names, path)
    if found is None or not (found.same or found.subjects):
        raise InputError(
            "{path} has the columns {names}: scores need `path_a`, `path_b`, `score`, and `same` or both `subject_a` "
            "and `subject_b`",
            path=path,
            names=", ".join(names),
        )
    collector = Collector(
        path, subjects=found.subjects is not None, same=found.same is not None, attributes=list(found.attributes)
    )
    row = 0
    for batch in batches(path):
        collector.add(_batch(path, batch, found, row))
        row += batch.height
    passed = [name for name in names if name.lower() == "fold"]
    unused = Finding.of(FindingCode.FOLDS_OF_SCORES, place=str(path))
    return collector.read("table of scores", [unused] if passed else [])


def _columns(names: Sequence[str], path: Path) -> Columns | None:
    score = find_column(names, SCORE, path)
    a, b = (find_column(names, aliases, path) for aliases in PATHS)
    if score is None or a is None or b is None:
        return None
    first, second = (find_column(names, aliases, path) for aliases in SUBJECTS)
    subjects = (first, second) if first and second else None
    same = find_column(names, SAME, path)
    used = {score, a, b, same, *(subjects or ())}
    rest = [name for name in names if name not in used and name.lower() != "fold"]
    return Columns(score, (a, b), subjects, same, attributes_of_sides(rest))


def _batch(path: Path, batch: pl.DataFrame, columns: Columns, first: int) -> pl.DataFrame:
    """Return the rows as a `Collector` takes them."""
    texts = {f"path_{side}": name for side, name in zip("ab", columns.paths, strict=True)}
    if columns.subjects:
        texts |= {f"subject_{side}": name for side, name in zip("ab", columns.subjects, strict=True)}
    attributes = {
        f"{attribute}_{side}": name
        for attribute, both in columns.attributes.items()
        for side, name in zip("ab", both, strict=True)
    }
    clean = {
        name: pl.col(column).cast(pl.String, strict=False).str.normalize("NFC").str.strip_chars()
        for name, column in (texts | attributes).items()
    }
    score = pl.col(columns.score)
    if batch.schema[columns.score] == pl.String:
        blank = score.str.strip_chars().str.to_lowercase().is_in(MISSING)
        score = pl.when(blank).then(None).otherwise(score.str.strip_chars())
    made = batch.select(
        **clean,
        **({"same": _flag(pl.col(columns.same))} if columns.same else {}),
        score=score.cast(pl.Float64, strict=False),
        bad=score.is_not_null() & score.cast(pl.Float64, strict=False).is_null(),
    ).with_columns(pl.col(name).replace("", None) for name in attributes)
    _refuse(path, batch, made, columns, [*texts, *(["same"] if columns.same else [])], first)
    return made.drop("bad")


def _flag(column: pl.Expr) -> pl.Expr:
    """Return whether a column says yes, or null where it says neither yes nor no."""
    text = column.cast(pl.String).str.strip_chars().str.to_lowercase().str.replace(r"\.0$", "")
    return pl.when(text.is_in(list(YES))).then(True).when(text.is_in(list(NO))).then(False).otherwise(None)


def _refuse(
    path: Path, batch: pl.DataFrame, made: pl.DataFrame, columns: Columns, needed: Sequence[str], first: int
) -> None:
    """Raise InputError for the first row that makes no sense."""
    for name in needed:
        empty = (made[name].is_null() | (made[name].cast(pl.String) == "")).arg_true()
        if len(empty):
            row = int(empty[0])
            where = Phrase("{path}, row {row}", path=path, row=first + row + 1)
            if name == "same":
                raise InputError(
                    "{where}: same is {value!r}, expected 1 or 0; every comparison needs it",
                    where=where,
                    value=batch[str(columns.same)][row],
                )
            raise InputError("{where}: the {name} is empty; every comparison needs it", where=where, name=name)
    if made["bad"].any():
        row = int(made["bad"].arg_true()[0])
        given = batch[columns.score][row]
        raise InputError(
            "{path}, row {row}: the score is {given!r}, expected a number or nothing",
            path=path,
            row=first + row + 1,
            given=given,
        )
