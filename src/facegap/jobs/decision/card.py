"""What a card holds: states and numbers, no words."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from facegap.jobs.check.measured import MeasuredValue, Verdict

_WORST_FIRST = (Verdict.FAILS, Verdict.UNDECIDED, Verdict.HOLDS)


class Which(StrEnum):
    """A threshold that a model is judged at: one for all cohorts, or each cohort's own."""

    SHIPPED = "shipped"
    COMMON = "common"
    OWN = "own"


class Action(StrEnum):
    """What to do next."""

    KEEP = "keep"
    """The shipped threshold."""
    SET = "set"
    """The threshold, to the common one."""
    ADAPT = "adapt"
    """The model: no common threshold keeps both limits."""
    COLLECT = "collect"
    """More subjects, so that the data can tell."""
    MEASURE = "measure"
    """Anew, with intervals: nothing has one."""


@dataclass(frozen=True)
class HeldRate:
    """A rate of a cohort, `fmr` or `fnmr`, that was held to its limit."""

    cohort: str
    rate: str
    measured: MeasuredValue
    verdict: Verdict
    limit: float

    @property
    def share_of_limit(self) -> float:
        """The rate as a multiple of its limit; infinite where nothing is known of it."""
        return inf if self.measured.value is None else self.measured.value / self.limit


@dataclass(frozen=True)
class AtThreshold:
    """What a model does at a threshold: `threshold` in its unit, None where each cohort has its own."""

    which: Which
    threshold: float | None
    held: tuple[HeldRate, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether all rates keep their limits; one that fails decides."""
        return min((one.verdict for one in self.held), key=_WORST_FIRST.index, default=Verdict.UNDECIDED)

    @property
    def decisive(self) -> list[HeldRate]:
        """The rates that decide, those with the same verdict as all together, the highest above its limit first."""
        found = [one for one in self.held if one.verdict is self.verdict]
        return sorted(found, key=lambda one: -one.share_of_limit)

    @property
    def unsure(self) -> list[HeldRate]:
        """The rates that cannot be told from their limits."""
        return [one for one in self.held if one.verdict is Verdict.UNDECIDED]

    def highest(self, rate: str) -> HeldRate | None:
        """Return the cohort where a rate is highest; None where none was measured."""
        of_rate = [one for one in self.held if one.rate == rate and one.measured.value is not None]
        return max(of_rate, key=lambda one: one.share_of_limit, default=None)

    def of(self, cohort: str, rate: str) -> HeldRate | None:
        """Return one rate of one cohort; None where it was not asked for."""
        return next((one for one in self.held if (one.cohort, one.rate) == (cohort, rate)), None)


@dataclass(frozen=True)
class Step:
    """What to do next. `at`: at which threshold. `held`: the rate that decides it.

    `have`, `need`: subjects of its cohort, now and to tell; `need` is None where no reasonable number would.
    `everywhere`: whether a limit is surely exceeded between the thresholds that were tried too, and not at those alone.
    """

    action: Action
    at: AtThreshold | None = None
    held: HeldRate | None = None
    have: int = 0
    need: int | None = None
    everywhere: bool = False


@dataclass(frozen=True)
class Card:
    """What is decided about a model.

    `at`: at the shipped threshold, at the best common one and at each cohort's own, as far as there are such. `steps`:
    what to do next. `embeds`: whether there are embeddings, and not scores alone. `stricter`: 1 where a stricter
    threshold is higher, -1 where it is lower.
    """

    model: str
    at: tuple[AtThreshold, ...]
    steps: tuple[Step, ...]
    embeds: bool
    stricter: int

    @property
    def main(self) -> AtThreshold | None:
        """What the model is judged by first: the shipped threshold, else the best common one, else each one's own."""
        return self.at[0] if self.at else None

    def at_which(self, which: str) -> AtThreshold | None:
        """Return what it does at one of the thresholds, `shipped`, `common` or `own`; None where there is none."""
        return next((one for one in self.at if one.which == which), None)
