"""Measures that come with the images: numbers in the columns of a table, and the length of an embedding."""

from collections.abc import Collection

import numpy as np
import polars as pl

from facegap.data.boxes import box_columns
from facegap.data.templates import MEDIA, TEMPLATE
from facegap.measures.measure import Combine, Measure
from facegap.run.text import N_

NOT_MEASURES = frozenset({"path", "subject", "cohort", TEMPLATE, MEDIA})

NORM = Measure(
    "embedding_norm", N_("length of the embedding"), "", 0.0, np.inf, Combine.LOWER,
    "Meng et al., MagFace, CVPR 2021, arXiv 2103.06627", logarithmic=True,
)  # fmt: skip
"""The length of an embedding before it is normalised; networks that normalise it themselves give 1 for all."""

LARGEST = 1e150
"""The square of a larger number is none."""


def column_measures(frame: pl.DataFrame, taken: Collection[str] = ()) -> list[Measure]:
    """Return a measure for each column of a manifest's `frame`, but for those whose names are `taken`.

    Where a column holds words, no image has a number in it. Of two images the difference counts: years between.
    """
    others = {*NOT_MEASURES, *box_columns(frame.columns), *taken}
    return [
        Measure(name, name, "", -np.inf, np.inf, Combine.DIFFERENCE, "a column of the table")
        for name in frame.columns
        if name not in others
    ]


def column_values(frame: pl.DataFrame, name: str) -> np.ndarray:
    """Return (N,) float64 the numbers of a column, NaN where there is none that can be reckoned with."""
    column = frame[name]
    if column.dtype == pl.String:
        column = column.str.strip_chars()
    elif not column.dtype.is_numeric():
        return np.full(len(column), np.nan)
    values = column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    return np.where(np.abs(values) <= LARGEST, values, np.nan)
