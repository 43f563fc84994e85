"""How often intervals held the truth, on which side they missed it, how wide they were, how often they rejected."""

from collections.abc import Sequence
from math import inf, isfinite, isnan

import numpy as np
import polars as pl

from studies.reading import Quantity, Readings
from studies.truth import Truth

SCHEMA = pl.Schema(
    {
        "group": pl.String,
        "population": pl.String,
        "contrast": pl.String,
        "method": pl.String,
        "kind": pl.String,
        "metric": pl.String,
        "at": pl.String,
        "scale": pl.String,
        "level": pl.Float64,
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
"""`group`: see `pooled.GROUPS`. `none` is the share of draws without an interval, e.g. since there are too few errors;
`cover`, `above` and `below` are shares of the others: the truth lies in, above, below the interval; they are null where
no interval is judged. `width`: the median; null where most are open. `bias`: mean error of the value over its standard
deviation. `rejects`: share of all draws that find a difference, null for a single number."""


_SIDES = {"cover": 0, "above": 1, "below": -1}


def summarise(group: str, population: str, contrast: str, known: Truth, found: Sequence[Readings]) -> pl.DataFrame:
    """Return one row per method and quantity."""
    rows = []
    for method, quantity in dict.fromkeys(key for readings in found for key in readings):
        answers = [readings[method, quantity] for readings in found if (method, quantity) in readings]
        given = [one for one in answers if one.given]
        target = quantity.true_value(known)
        sides = np.array([one.side(target) for one in given])
        values = np.array([one.value for one in answers])
        widths = [inf if isnan(one.high - one.low) else one.high - one.low for one in given]
        width = np.median(widths) if widths else inf
        spread = np.nanstd(values)
        rejects = float(np.mean([one.rejects(quantity.neutral) for one in answers]))
        rows.append(
            {
                "group": group,
                "population": population,
                "contrast": contrast,
                "method": method,
                **quantity._asdict(),
                "label": quantity.label,
                "truth": target,
                "draws": len(answers),
                **{name: float((sides == side).mean()) if given else None for name, side in _SIDES.items()},
                "none": 1 - len(given) / len(answers),
                "width": float(width) if isfinite(width) else None,
                "bias": float((np.nanmean(values) - target) / spread) if spread else None,
                "rejects": None if quantity.kind == "single" else rejects,
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def wired(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a simulated population as they are.

    Raises:
        ValueError: a method gave no interval of a quantity in any draw: something is not wired.
    """
    for row in rows.filter(pl.col("none") == 1).iter_rows(named=True):
        asked = f"{row['kind']} {row['label']} at {row['level']}"
        raise ValueError(
            f"{row['method']} gave no interval for {asked} in any of {row['draws']} draws of {row['population']}"
        )
    return rows


def share_row(
    group: str, population: str, contrast: str, method: str, quantity: Quantity, shares: Sequence[float]
) -> dict:
    """Return a row that says how often something was found, and judges no interval; one number from 0 to 1 a draw.

    A draw without a test has NaN; `rejects` is null where none has a test.
    """
    empty = dict.fromkeys(SCHEMA)
    key = {"group": group, "population": population, "contrast": contrast, "method": method}
    known = [share for share in shares if not isnan(share)]
    told = {"label": quantity.label, "draws": len(shares), "rejects": float(np.mean(known)) if known else None}
    return {**empty, **key, **quantity._asdict(), **told}
