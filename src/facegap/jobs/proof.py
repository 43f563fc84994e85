"""Whether a new model is better than an old one for the people it was made for, and at which price for others."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from facegap.data.evaluation import Evaluation
from facegap.jobs.check import Judgement, Verdict
from facegap.jobs.enough import shortage
from facegap.jobs.suggestion import Suggestion, far_above
from facegap.report.text import proofs
from facegap.report.text.language import paragraph
from facegap.report.text.phrases import sentence
from facegap.report.text.shown_differences import in_order, level_of, significant, turned

STRICT = ("fmr=0.01", "fmr=0.001")
"""False match rates that access systems work at: a model may gain AUC and still lose there."""


class Result(StrEnum):
    """What a proof came to."""

    GAIN = "gain"
    NO_GAIN = "no gain"
    TOO_DEAR = "too dear"


class Side(StrEnum):
    """Where the whole interval of new − old lies: `OPEN` is on both sides of 0."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"


@dataclass(frozen=True)
class Proof:
    """How a new model did against an old one on subjects that it never saw.

    `evaluation`: of both models, with the verdict in its notice. `gain`: whether the new one is better in each target
    cohort. `price`: whether it is not worse in each general cohort by more than a margin, or None where there is none.
    `metric`: by which they are compared, and its operating point. `judged_on`: how many subjects of each cohort have
    genuine comparisons. `suggested`: the threshold that comes with the new model, if there is one.
    """

    evaluation: Evaluation
    old: str
    new: str
    target: tuple[str, ...]
    general: tuple[str, ...]
    gain: Judgement
    price: Judgement | None
    metric: tuple[str, str]
    judged_on: Mapping[str, int]
    suggested: Suggestion | None

    @property
    def shortage(self) -> str:
        """Return which cohorts have too few subjects for any claim (see `facegap.jobs.enough`), or ""."""
        return shortage(self.judged_on)

    @property
    def result(self) -> Result:
        """What it came to: a gain is claimed where all that was asked is shown, never where the data cannot tell."""
        if self.shortage or self.gain.verdict is not Verdict.HOLDS:
            return Result.NO_GAIN
        return Result.GAIN if self.price is None or self.price.verdict is Verdict.HOLDS else Result.TOO_DEAR

    @property
    def sentences(self) -> list[str]:
        """Return what was found in each cohort, what speaks against the new model, and last the verdict."""
        found = [self._found_in(cohort) for cohort in (*self.target, *self.general)]
        return [*found, *self.losses, *self.misfits, self._verdict()]

    @property
    def losses(self) -> list[str]:
        """Return where a gain recognises fewer people at a fixed FMR than the old model: AUC does not see that."""
        if self.result is not Result.GAIN:
            return []
        level = level_of(self.evaluation)
        return [
            proofs.loss_text(sentence(row, level))
            for cohort in (*self.target, *self.general)
            for row in self._compared(cohort, "fnmr")
            if row["at"] in STRICT and significant(row, level) and in_order(row)["model_a"] == self.old
        ]

    @property
    def misfits(self) -> list[str]:
        """Return for which cohorts the suggested threshold is far too loose: one that others decided need not fit."""
        if self.suggested is None:
            return []
        return [
            proofs.misfit_text(self.suggested.threshold, self.suggested.fmr, cohort, fmr)
            for cohort, fmr in far_above(self.evaluation, self.new, self.suggested).items()
        ]

    def _compared(self, cohort: str, metric: str) -> list[dict]:
        images = "common" if "common" in self.evaluation.differences["images"] else "own"
        found = self.evaluation.differences.filter(kind="models", metric=metric, cohort_a=cohort, images=images)
        return found.to_dicts()

    def _judged(self, cohort: str) -> list[dict]:
        return [row for row in self._compared(cohort, self.metric[0]) if row["at"] == self.metric[1]]

    def _found_in(self, cohort: str) -> str:
        rows = self._judged(cohort)
        if not rows:
            return proofs.not_comparable(cohort, self.gain.reason)
        row = turned(rows[0]) if rows[0]["model_a"] == self.old else rows[0]
        subjects = self.evaluation.cohorts.filter(cohort=cohort)["subjects"].item()
        return proofs.found_text(row, self.metric, self._side(row), subjects=subjects)

    def _side(self, row: dict) -> Side:
        """Return where the interval of a row of `differences` puts the new model."""
        low, high = row["low"], row["high"]
        if (low is None or low <= 0) and (high is None or high >= 0):
            return Side.OPEN
        return Side.BETTER if in_order(row)["model_a"] == self.new else Side.WORSE

    def _verdict(self) -> str:
        if self.result is Result.NO_GAIN:
            said = proofs.no_gain(self.old, self.shortage or self.gain.reason)
            return said if self.price else paragraph([said, proofs.unmeasured()])  # training writes its model anyway
        worse = [c for c in self.general if any(self._side(row) is Side.WORSE for row in self._judged(c))]
        if self.price is None:
            return paragraph([proofs.gain_text(self.new, self.target, (), (), 0.0, self.metric), proofs.unmeasured()])
        if self.result is Result.GAIN:
            return proofs.gain_text(self.new, self.target, self.general, worse, self.price.limit, self.metric)
        return proofs.too_dear(self.new, self.old, self.target, self.general, worse, self.price.reason)
