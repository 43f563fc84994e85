"""Numbers as cohorts: `age:0-17,18-29,30-` or `age:quartiles` instead of a cohort for each value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, inf

import numpy as np
import polars as pl

from facegap.errors import InputError

QUARTILES = "quartiles"
BIN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)?\s*")


@dataclass(frozen=True)
class CohortBy:
    """An attribute that makes cohorts: each of its values, or each of its `bins`, a text as `--cohort` takes it."""

    attribute: str
    bins: str = ""

    @classmethod
    def parsed(cls, text: str) -> "CohortBy":
        """Read `age`, `age:quartiles` or `age:0-17,18-`; a colon that begins no bins belongs to the name."""
        name, colon, bins = text.rpartition(":")
        known = bins.strip() == QUARTILES or all(map(BIN.fullmatch, bins.split(",")))
        return cls(name.strip(), bins.strip()) if colon and known else cls(text)

    def labels(self, columns: Sequence[pl.Series]) -> list[pl.Series]:
        """Return the cohort of each value of the attribute in each input; null where it lies in no bin, or is unknown.

        Quartiles are those of all images together, named by their lowest and highest value.

        Raises:
            InputError: no value is a number, or the bins overlap.
        """
        if not self.bins:
            return list(columns)
        numbers = [column.cast(pl.Float64, strict=False) for column in columns]
        known = pl.concat(numbers).drop_nulls().drop_nans().to_numpy()
        if not len(known):
            raise InputError(
                "cohorts by {attribute}:{bins}: no value of {attribute!r} is a number",
                attribute=self.attribute,
                bins=self.bins,
            )
        ranges = _quartiles(known) if self.bins == QUARTILES else self._ranges()
        ends = [end for _, *ends in ranges for end in ends if end != inf]
        whole = self.bins != QUARTILES and all(end == floor(end) for end in ends)
        found = []
        for column, values in zip(columns, numbers, strict=True):
            at = values.floor().to_numpy() if whole else values.to_numpy()
            inside = [(at >= low) & (at <= high) for _, low, high in ranges]
            labels = np.select(inside, [np.array(name) for name, *_ in ranges], "")
            found.append(pl.Series(column.name, labels, dtype=pl.String).replace("", None))
        return found

    def _ranges(self) -> list[tuple[str, float, float]]:
        """Return the name, the lowest and the highest value of each bin."""
        ranges = []
        for text in self.bins.split(","):
            found = BIN.fullmatch(text)
            assert found is not None, "parsed has looked"
            low, high = float(found[1]), float(found[2] or inf)
            ranges.append((text.strip(), low, high))
        turned = any(high < low for _, low, high in ranges)
        if turned or any(second[1] <= first[2] for first, second in pairwise(ranges)):
            raise InputError(
                "the bins {bins} of {attribute!r} do not rise: write e.g. 0-17,18-29,30-",
                bins=self.bins,
                attribute=self.attribute,
            )
        return ranges


def _quartiles(known: np.ndarray) -> list[tuple[str, float, float]]:
    """Return the bins of the quartiles of all values; fewer where one value makes more than a quarter."""
    place = np.searchsorted(np.quantile(known, [0.25, 0.5, 0.75]), known, side="left")
    ends = [(known[place == quarter].min(), known[place == quarter].max()) for quarter in np.unique(place)]
    return [(f"{low:g}-{high:g}", float(low), float(high)) for low, high in ends]
