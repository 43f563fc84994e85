"""A number with its interval, seen from any side, and how it stands to a limit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from facegap.jobs.check.rules import Sign
from facegap.report.text.judgements import reason_text


class Verdict(StrEnum):
    """What the data say of a rule."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "can't tell"


class Reason(StrEnum):
    """Why there is no number, or a rule got its verdict: `<=` and `>=` are the signs of limits."""

    METHOD = "method"
    """The evaluation says it in a word of its own, `method`."""
    NO_INTERVAL = "no interval"
    NO_INTERVAL_BY_METHOD = "no interval by method"
    WITHOUT_INTERVALS = "without intervals"
    UNMEASURED = "unmeasured"
    MEASURE_UNMEASURED = "measure unmeasured"
    END_UNRESOLVED = "end unresolved"
    RATIO_WITHOUT_ERRORS = "ratio without errors"
    NOT_COMPARED = "not compared"
    COUNT_AT_MOST = "count <= holds"
    COUNT_NOT_AT_MOST = "count <= fails"
    COUNT_AT_LEAST = "count >= holds"
    COUNT_NOT_AT_LEAST = "count >= fails"
    AT_MOST = "<= holds"
    ABOVE = "<= fails"
    AT_LEAST = ">= holds"
    BELOW = ">= fails"
    KEEPS_UNSURE = "keeps, unsure"
    BEYOND_UNSURE = "beyond, unsure"
    NOT_WORSE = "not_worse holds"
    NOT_WORSE_ON_EACH = "not_worse holds on each"
    WORSE_BY_MORE = "not_worse fails"
    EQUIVALENT = "equivalent holds"
    EQUIVALENT_ON_EACH = "equivalent holds on each"
    APART = "equivalent fails"
    BETTER = "better holds"
    BETTER_ON_EACH = "better holds on each"
    NOT_BETTER = "better fails"
    WORSE = "better fails, worse"
    BETTER_UNSURE = "better, unsure"
    CLAIM_UNSURE = "claim, unsure"


@dataclass(frozen=True)
class Because:
    """A reason, and the names and numbers that its sentence gives."""

    code: Reason
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.values["method"]) if self.code is Reason.METHOD else reason_text(self.code, self.values)

    def __bool__(self) -> bool:
        return self.code is not Reason.METHOD or self.values["method"] != ""


@dataclass(frozen=True)
class MeasuredValue:
    """A value with its bounds, each None where it is unknown; `method` says how they came about, or why there are none.

    `scale`: `plain`, `count` (known without an interval), `difference` (a − b) or `ratio` (a / b). `bounded`: whether
    such a number has bounds where they can be known at all, so that without any `method` says why.
    """

    value: float | None
    low: float | None
    high: float | None
    scale: Literal["plain", "count", "difference", "ratio"]
    method: Because = Because(Reason.METHOD, {"method": ""})
    bounded: bool = True

    @classmethod
    def absent(cls, why: Because) -> "MeasuredValue":
        """Return what is known where nothing was measured."""
        return cls(None, None, None, "plain", why)

    @property
    def no_bound(self) -> Because:
        """Why the bound that would decide is unknown."""
        if self.value is None or (self.bounded and self.method and self.low is None and self.high is None):
            return self.method
        if not self.method:
            return Because(Reason.NO_INTERVAL)
        return Because(Reason.NO_INTERVAL_BY_METHOD, {"method": self.method})

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
