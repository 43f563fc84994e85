"""Columns of texts that Python makes: a list of them all would take several times as much as the column."""

from collections.abc import Callable

import polars as pl

SOME = 8192
"""So many texts are objects at a time."""


def mapped(function: Callable[[str], str], column: pl.Series) -> pl.Series:
    """Return what a function makes of each text of a column."""
    parts = (column[start : start + SOME] for start in range(0, len(column), SOME))
    made = [pl.Series(column.name, map(function, part), dtype=pl.String) for part in parts]
    return pl.concat([column.clear(), *made])
