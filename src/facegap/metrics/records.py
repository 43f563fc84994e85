"""The record of a metric, in its shapes; `registry` keeps them, and is where to import them from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from facegap.data.statement import Statement
from facegap.metrics import formulas
from facegap.metrics.formulas import Formula
from facegap.metrics.operating_points import EVERYWHERE, OperatingPoint, kind_of
from facegap.stats import LOGIT, PLAIN, Estimate, Scale

if TYPE_CHECKING:
    from facegap.metrics.influence import SubjectRates
    from facegap.metrics.rates import Rates

EstimateAt = Callable[["SubjectRates", str], Estimate | None]
"""From the subjects of a population and an operating point to an estimate, None where it is not known."""

Decisions = Callable[..., tuple]
"""From TP, FP, G and I to the errors and the right decisions of one kind."""

BoundsAt = Callable[["SubjectRates", str, float], tuple[float, float]]
"""From the subjects of a population, an operating point and a confidence level to the similarity bounds of a threshold
that was chosen on the data; NaN where nothing can be said."""


class Unit(StrEnum):
    """How a number is written."""

    DECIMAL = "decimal"
    PERCENT = "percent"
    COUNT = "count"
    PEOPLE = "people"
    TINY = "tiny"


class Word(NamedTuple):
    """An entry of the report's glossary: the word, other words for it, and what it means."""

    word: str
    others: str
    meaning: str


class SummaryValue(NamedTuple):
    """A number, the native threshold at which it is reached, if any, and why it is undefined (NaN), if so."""

    value: float
    threshold: float | None = None
    method: Statement | None = None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a number of `Evaluation.metrics` is.

    `name`: in the `metric` column, in rules and options. `label`: in sentences, the name where it is "".
    `higher_is_better`: None where a model cannot be better by it. `unit`: how it is written. `word`: its entry in the
    glossary. `reference`: whose definition it is.

    `standing`: whether it is measured in every evaluation; others are asked for (`--metric`). `parameters`: what it was
    asked for with, by name.

    `compared_at`: where models and cohorts are compared by it: kinds of operating points, or the text of one.
    `of_prevalence`: it hangs on the share of genuine comparisons, so cohorts are compared only where that is stated.
    `act`: of a rate of errors, what a model does so often, as in "accepts impostor comparisons": two cohorts are then
    compared as a ratio too, and fewer errors of one kind alone don't make a model better. `complement`: the metric
    that is 1 less this one at the same operating point.

    `worst`: the value where nothing is told apart; with one, a gap can be planned for. `not_told_above`: two values
    above it are never told apart.

    `estimate`: the number with what it is without each subject; without it there is no interval. `threshold_bounds`:
    for a threshold that is chosen on the data.
    """

    name: str
    label: str = ""
    higher_is_better: bool | None = None
    unit: Unit = Unit.DECIMAL
    word: Word | None = None
    reference: str = ""
    standing: bool = True
    parameters: dict[str, float] = field(default_factory=dict)
    compared_at: frozenset[str] = frozenset()
    of_prevalence: bool = False
    act: str = ""
    complement: str = ""
    worst: float | None = None
    not_told_above: float | None = None
    estimate: EstimateAt | None = None
    threshold_bounds: BoundsAt | None = None

    @property
    def text(self) -> str:
        """The metric as `--metric` takes it."""
        return f"{self.name}:{self.parameter_text.replace(' ', '')}" if self.parameters else self.name

    @property
    def parameter_text(self) -> str:
        """The parameters as `c_miss=1, prior=0.01`."""
        return ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())

    def compares(self, at: str) -> bool:
        """Return whether models and cohorts are compared at an operating point."""
        return at in self.compared_at or kind_of(at) in self.compared_at


@dataclass(frozen=True, kw_only=True)
class PointMetric(Metric):
    """A function of the four counts at a threshold; see `formulas`.

    `formula`: from TP, FP, G and I to the number. `decisions`: to the errors and the right decisions that it stands on,
    a function for each kind where kinds weigh differently: then none of them may be without errors for an interval.
    `at_share`: where the number hangs on the share of genuine comparisons, the formula at a given share; it is kept
    when a subject is left out. `scale`: on which the number is nearly normal; `compared`: on which two are compared.
    `points`: the operating points at which it is measured. `monotone`: -1 if it only falls, 1 if it only rises as the
    threshold gets stricter, else 0.

    `estimate`, `threshold_bounds`: at the threshold that is best for this metric, if it is measured there; elsewhere
    the formula is enough.
    """

    formula: Formula
    decisions: tuple[Decisions, ...] = (formulas.of_all,)
    at_share: Callable[[float], Formula] | None = None
    scale: Scale = LOGIT
    compared: Scale = PLAIN
    points: frozenset[OperatingPoint] = EVERYWHERE
    monotone: int = 0

    def errors(self, *counts: float) -> float:
        """Return the errors, or the right decisions if those are fewer, of the kind that has the fewest."""
        return min(min(kind(*counts)) for kind in self.decisions)

    def lopsided(self, *counts: float) -> bool:
        """Return whether one kind of decisions is all right, or all wrong, while there are errors of another kind.

        Then leaving out subjects says nothing of the one kind, however much it weighs.
        """
        kinds = [kind(*counts) for kind in self.decisions]
        return len(kinds) > 1 and any(wrong for wrong, _ in kinds) and not self.errors(*counts)


@dataclass(frozen=True, kw_only=True)
class SummaryMetric(Metric):
    """A number of a whole population with its own value.

    `value`: from the rates of a population that has both kinds of comparisons. `at`: what stands in the `at` column.
    `thresholds`: the similarity of every threshold at which `estimate` must know the subjects' comparisons.
    """

    value: Callable[["Rates"], SummaryValue]
    at: str = ""
    thresholds: Callable[["Rates"], Iterable[float]] | None = None


LOPSIDED = Statement("one_kind_without_errors")
"""Why a number has no interval where it is `lopsided`."""
