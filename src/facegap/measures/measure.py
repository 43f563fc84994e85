"""What a measure of an image is, and how those of two images become one of their comparison."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from facegap.measures.seen import Seen


class Combine(StrEnum):
    """What of two images' values counts in their comparison: the worse one, or how far they are apart."""

    LOWER = "lower"
    HIGHER = "higher"
    DIFFERENCE = "difference"


@dataclass(frozen=True)
class Measure:
    """A number of an image.

    `label`: what it is called in a sentence. `unit`: of its values, "" if they have none. `low`, `high`: its values lie
    between them, the ends included. `combine`: how two values become one; with `LOWER` the lower value is the worse
    one. `reference`: where it is defined. `logarithmic`: whether it is factors that count, not differences, so that
    cohorts are compared on the logarithm.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    combine: Combine
    reference: str
    logarithmic: bool = False

    def of_pair(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return (P,) the values of comparisons from those of their images, both (P,); NaN where one is NaN."""
        if self.combine is Combine.DIFFERENCE:
            return np.abs(a - b)
        return np.minimum(a, b) if self.combine is Combine.LOWER else np.maximum(a, b)

    def goodness(self, combined: np.ndarray) -> np.ndarray:
        """Return the values of comparisons so that more is better."""
        return combined if self.combine is Combine.LOWER else -combined

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return values on the scale on which they are compared, NaN for those that have no logarithm."""
        if not self.logarithmic:
            return values
        return np.log(values, out=np.full(len(values), np.nan), where=values > 0)


@dataclass(frozen=True, kw_only=True)
class ImageMeasure(Measure):
    """A measure that is taken of the image itself.

    `of`: returns its value, NaN where the image has none. `version`: changes whenever values change, for they are kept.
    """

    of: Callable[[Seen], float]
    version: str = "1"
