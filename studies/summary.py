"""How often intervals held the truth, on which side they missed it, how wide they were, how often they rejected."""

from collections.abc import Sequence
from math import inf, isfinite, isnan

import numpy as np
import polars as pl

from studies.reading import Readings
from studies.truth import Truth

SCHEMA = pl.Schema(
    {
        "population": pl.String,
        "contrast": pl.String,
        "method": pl.String,
        "kind": pl.String,
        "metric": pl.String,
        "at": pl.String,
        "scale": pl.String,
        "label": pl.String,
        "truth": pl.Float64,
        "draws": pl.Int64,
        "cover": pl.Float64,
        "above": pl.Float64,
        "below": pl.Float64,
        "none": pl.Float64,
        "width": pl.Float64,
        "bias": pl.Float64,
        "rejects": pl.Float64,
    }
)
"""`none` is the share of draws without an interval, e.g. since there are too few errors; `cover`, `above` and `below`
are shares of the others: the truth lies in, above, below the interval. `width`: the median; null where most are open.
`bias`: mean error of the value over its standard deviation. `rejects`: share of all draws that find a difference, null
for a single number."""


def summarise(population: str, contrast: str, known: Truth, found: Sequence[Readings]) -> pl.DataFrame:
    """Return one row per method and quantity.

    Raises:
        ValueError: a method gave no interval of a quantity in any draw: something is not wired.
    """
    rows = []
    for method, quantity in dict.fromkeys(key for readings in found for key in readings):
        answers = [readings[method, quantity] for readings in found if (method, quantity) in readings]
        given = [one for one in answers if one.given]
        if not given:
            raise ValueError(f"{method} gave no interval for {quantity} in any of {len(answers)} draws of {population}")
        target = quantity.true_value(known)
        sides = np.array([one.side(target) for one in given])
        values = np.array([one.value for one in answers])
        width = np.median([inf if isnan(one.high - one.low) else one.high - one.low for one in given])
        spread = np.nanstd(values)
        neutral = 1.0 if quantity.scale == "ratio" else 0.0
        rejects = float(np.mean([one.rejects(neutral) for one in answers]))
        rows.append(
            {
                "population": population,
                "contrast": contrast,
                "method": method,
                **quantity._asdict(),
                "label": quantity.label,
                "truth": target,
                "draws": len(answers),
                "cover": float((sides == 0).mean()),
                "above": float((sides == 1).mean()),
                "below": float((sides == -1).mean()),
                "none": 1 - len(given) / len(answers),
                "width": float(width) if isfinite(width) else None,
                "bias": float((np.nanmean(values) - target) / spread) if spread else None,
                "rejects": None if quantity.kind == "single" else rejects,
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)
