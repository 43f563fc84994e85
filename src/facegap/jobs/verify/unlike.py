"""Photos that are unlike those that a report was made from: its rates don't speak for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from facegap.data.evaluation import Evaluation
from facegap.measures import Combine, ImageMeasure

SHARE = 0.99
"""A photo counts as unlike them where it is worse in a measure than so many of their photos."""


@dataclass(frozen=True)
class Unlike:
    """A measure in which a photo lies beyond `share` of the photos of the cohort: `lower` or `higher` than these.

    `limit`: the value that bounds them.
    """

    path: str
    measure: str
    value: float
    side: str
    limit: float
    share: float = SHARE


def unlike(
    report: Evaluation, cohort: str, paths: Sequence[str], measures: Sequence[ImageMeasure], values: np.ndarray
) -> Iterator[Unlike]:
    """Yield where photos are worse in a measure than the images of the report; `values` (N, len(measures)).

    Of measures both of whose ends are bad both sides count. What the report did not measure is passed over.
    """
    rows = report.explanation.measures.filter(model="", cohort=cohort).iter_rows(named=True)
    known = {row["measure"]: row for row in rows if row["p01"] is not None}
    for path, photo in zip(paths, values, strict=True):
        for one, value in zip(measures, photo.tolist(), strict=True):
            row = known.get(one.name)
            if row is None or np.isnan(value):
                continue
            if one.combine is not Combine.HIGHER and value < row["p01"]:
                yield Unlike(path, one.name, value, "lower", row["p01"])
            elif one.combine is not Combine.LOWER and value > row["p99"]:
                yield Unlike(path, one.name, value, "higher", row["p99"])
