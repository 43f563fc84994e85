"""What is asked of every draw, and the answers: an interval per method and quantity."""

from dataclasses import dataclass
from math import inf, isnan, nan
from typing import NamedTuple

from studies.truth import Truth

LEVEL = 0.95


class Quantity(NamedTuple):
    """One number to be estimated.

    `kind`: `single` (model a, all subjects), `models` (a minus b, all subjects) or `cohorts` (x minus y, model a; x / y
    where `scale` is `ratio`). `metric`, `at`: as in the tables of an evaluation.
    """

    kind: str
    metric: str
    at: str
    scale: str = ""

    def true_value(self, truth: Truth) -> float:
        """Return the value in the population."""
        if self.kind == "single":
            return truth.values["a", "all", self.metric, self.at]
        ends = (("a", "all"), ("b", "all")) if self.kind == "models" else (("a", "x"), ("a", "y"))
        first, second = (truth.values[model, cohort, self.metric, self.at] for model, cohort in ends)
        return first / second if self.scale == "ratio" else first - second

    @property
    def label(self) -> str:
        """The words of a table."""
        name = _LABELS[self.metric, self.at]
        return f"{name}, ratio" if self.scale == "ratio" else name


_LABELS = {
    ("auc", ""): "AUC",
    ("fmr", "shipped"): "FMR(t)",
    ("fnmr", "shipped"): "FNMR(t)",
    ("tar", "fmr=0.01"): "TAR@FMR=0.01",
    ("eer", ""): "EER",
    ("f1", "best-f1"): "best F1",
    ("threshold", "best-f1"): "threshold of best F1",
    ("threshold", "eer"): "threshold of EER",
    ("threshold", "fmr=0.01"): "threshold of FMR=0.01",
}

METRICS = tuple(key for key in _LABELS if key[0] != "threshold")
SINGLE = tuple(Quantity("single", *key) for key in _LABELS)
MODEL_DIFFERENCES = tuple(Quantity("models", *key, "difference") for key in METRICS)
COHORT_DIFFERENCES = (
    *(Quantity("cohorts", *key, "difference") for key in METRICS),
    Quantity("cohorts", "fmr", "shipped", "ratio"),
    Quantity("cohorts", "fnmr", "shipped", "ratio"),
)


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


Readings = dict[tuple[str, Quantity], Reading]
