"""What is asked of every draw, and the answers: an interval per method and quantity."""

from dataclasses import dataclass
from math import inf, isnan, nan
from typing import NamedTuple

from studies.truth import Truth

LEVEL = 0.95
OTHER_LEVELS = (0.9, 0.99)
"""Levels at which the intervals of single numbers are judged besides `LEVEL`."""


class Quantity(NamedTuple):
    """One number to be estimated.

    `kind`: `single` (model a, all subjects), `models` (a minus b, all subjects), `cohorts` (x minus y, model a; x / y
    where `scale` is `ratio`) or `gaps` (x minus y of model a, minus that of b). `metric`, `at`: as in the tables of an
    evaluation. `level`: of the interval.
    """

    kind: str
    metric: str
    at: str
    scale: str = ""
    level: float = LEVEL

    def true_value(self, truth: Truth) -> float:
        """Return the value in the population."""

        def of(model: str, cohort: str) -> float:
            return truth.values[model, cohort, self.metric, self.at]

        if self.kind == "single":
            return of("a", "all")
        if self.kind == "gaps":
            return (of("a", "x") - of("a", "y")) - (of("b", "x") - of("b", "y"))
        first, second = (of("a", "all"), of("b", "all")) if self.kind == "models" else (of("a", "x"), of("a", "y"))
        return first / second if self.scale == "ratio" else first - second

    @property
    def neutral(self) -> float:
        """The value where nothing differs."""
        return 1.0 if self.scale == "ratio" else 0.0

    @property
    def label(self) -> str:
        """The words of a table."""
        name = label_of(self.metric, self.at)
        return f"{name}, ratio" if self.scale == "ratio" else name


_LABELS = {
    ("auc", ""): "AUC",
    ("fmr", "shipped"): "FMR(t)",
    ("fnmr", "shipped"): "FNMR(t)",
    ("tar", "fmr=0.01"): "TAR@FMR=0.01",
    ("eer", ""): "EER",
    ("f1", "best-f1"): "best F1",
    ("pauc", "fmr=0.01"): "pAUC to FMR=0.01",
    ("d_prime", ""): "d'",
    ("threshold", "best-f1"): "threshold of best F1",
    ("threshold", "eer"): "threshold of EER",
    ("threshold", "fmr=0.01"): "threshold of FMR=0.01",
}


def label_of(metric: str, at: str) -> str:
    """Return how a number is called in a table."""
    if (metric, at) in _LABELS:
        return _LABELS[metric, at]
    if at == f"best-{metric}":
        return f"best {metric}"
    return f"{metric.upper()}@{at.replace('fmr=', 'FMR=')}" if at.startswith("fmr=") else f"{metric} {at}".strip()


METRICS = (*_LABELS,)[:6]
"""Metric and operating point of the numbers that are compared."""

SINGLE = tuple(Quantity("single", *key) for key in _LABELS)
AT_LEVELS = tuple(Quantity("single", *key, level=level) for level in OTHER_LEVELS for key in (*_LABELS,)[:8])
MODEL_DIFFERENCES = tuple(Quantity("models", *key, "difference") for key in METRICS)
BETWEEN_COHORTS = tuple(key for key in METRICS if key[0] != "f1")
"""F1 hangs on the share of genuine comparisons, so cohorts are not compared by it."""

COHORT_DIFFERENCES = (
    *(Quantity("cohorts", *key, "difference") for key in BETWEEN_COHORTS),
    Quantity("cohorts", "fmr", "shipped", "ratio"),
    Quantity("cohorts", "fnmr", "shipped", "ratio"),
)
GAPS = tuple(Quantity("gaps", *key, "difference") for key in BETWEEN_COHORTS)


@dataclass(frozen=True)
class Reading:
    """One method's answer. A bound that is NaN is no bound; both NaN is no interval. `p` is NaN where none is given."""

    value: float
    low: float
    high: float
    p: float = nan

    @classmethod
    def of_row(cls, row: dict) -> "Reading":
        """Read a row of `Evaluation.metrics` or `Evaluation.differences`, null as NaN."""
        return cls(*(nan if row.get(name) is None else float(row[name]) for name in ("value", "low", "high", "p")))

    @property
    def given(self) -> bool:
        """Whether there is an interval, be it open on one side."""
        return not (isnan(self.low) and isnan(self.high))

    def side(self, truth: float) -> int:
        """Return 0 where the interval holds the truth, 1 where the truth lies above it, -1 where it lies below."""
        if truth > (inf if isnan(self.high) else self.high):
            return 1
        return -1 if truth < (-inf if isnan(self.low) else self.low) else 0

    def rejects(self, neutral: float) -> bool:
        """Return whether `neutral` (0, or 1 for a ratio) is rejected: by the p-value, else by the interval."""
        return self.p < 1 - LEVEL if not isnan(self.p) else self.given and self.side(neutral) != 0

    def pulled_in(self, factor: float) -> "Reading":
        """Return the reading with both ends nearer to the value by `factor`, and judged by them alone.

        This is what a sample without replacement from a finite universe asks for: its errors are smaller than those of
        a sample from a population, by the square root of the share that was not drawn.
        """
        return Reading(
            self.value, self.value - factor * (self.value - self.low), self.value + factor * (self.high - self.value)
        )


Readings = dict[tuple[str, Quantity], Reading]
