"""Measures that come with the images: numbers in the columns of a table, and the length of an embedding."""

from collections.abc import Collection

import numpy as np
import polars as pl

from facegap.measures.measure import Combine, Measure
from facegap.run.text import N_

NOT_MEASURES = frozenset({"path", "subject", "cohort"})

NORM = Measure(
    "embedding_norm", N_("length of the embedding"), "", 0.0, np.inf, Combine.LOWER,
    "Meng et al., MagFace, CVPR 2021, arXiv 2103.06627", logarithmic=True,
)  # fmt: skip
"""The length of an embedding before it is normalised; networks that normalise it themselves give 1 for all."""


def column_measures(frame: pl.DataFrame, taken: Collection[str] = ()) -> list[Measure]:
    """Return a measure for each column of numbers of a manifest's `frame`, but for those whose names are `taken`.

    Texts count where all that is filled in is a number. Of two images their difference counts: years between.
    """
    return [
        Measure(name, name, "", -np.inf, np.inf, Combine.DIFFERENCE, "a column of the table")
        for name in frame.columns
        if name not in NOT_MEASURES and name not in taken and _is_numeric(frame[name])
    ]


def column_values(frame: pl.DataFrame, name: str) -> np.ndarray:
    """Return (N,) float64 the numbers of a column, NaN where there is none."""
    return frame[name].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


def _is_numeric(column: pl.Series) -> bool:
    if column.dtype.is_numeric():
        return True
    if column.dtype != pl.String:
        return False
    filled = column.filter(column.str.strip_chars() != "").drop_nulls()
    return len(filled) > 0 and filled.cast(pl.Float64, strict=False).null_count() == 0
