"""A number with its interval, seen from any side, and how it stands to a limit."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from facegap.jobs.check.rules import Sign


class Verdict(StrEnum):
    """What the data say of a rule."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "can't tell"


@dataclass(frozen=True)
class MeasuredValue:
    """A value with its bounds, each None where it is unknown; `method` then says why.

    `scale`: `plain`, `count` (known without an interval), `difference` (a − b) or `ratio` (a / b).
    """

    value: float | None
    low: float | None
    high: float | None
    scale: Literal["plain", "count", "difference", "ratio"]
    method: str = ""

    @classmethod
    def absent(cls, why: str) -> "MeasuredValue":
        """Return what is known where nothing was measured."""
        return cls(None, None, None, "plain", why)

    def turned(self) -> "MeasuredValue":
        """Return b − a for a − b, and b / a for a / b."""
        turn = _inverse if self.scale == "ratio" else _negative
        return replace(self, value=turn(self.value), low=turn(self.high), high=turn(self.low))

    def complement(self) -> "MeasuredValue":
        """Return 1 − the value."""
        value, low, high = (None if one is None else 1 - one for one in (self.value, self.high, self.low))
        return replace(self, value=value, low=low, high=high)

    def against(self, sign: Sign, limit: float) -> Verdict:
        """Return whether the interval lies on the right side of a limit.

        A value that shall be `<=` a limit does so where the upper bound does, and does not where the lower bound is
        above it; in between the data cannot tell, and neither where the bound that would decide is unknown.
        """
        low, high = (self.value, self.value) if self.scale == "count" else (self.low, self.high)
        if sign == ">=":
            low, high, limit = _negative(high), _negative(low), -limit
        if high is not None and high <= limit:
            return Verdict.HOLDS
        return Verdict.FAILS if low is not None and low > limit else Verdict.UNDECIDED


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _inverse(value: float | None) -> float | None:
    return None if value is None or value == 0 else 1 / value
