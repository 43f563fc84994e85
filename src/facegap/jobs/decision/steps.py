"""What to do next about a model, from what it does at each threshold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil

from facegap.data.evaluation import Evaluation
from facegap.jobs.check.measured import Verdict
from facegap.jobs.decision.card import Action, AtThreshold, HeldRate, Step, Which
from facegap.jobs.plan import MOST_GROWTH, fewest_subjects, growth

PILOT = 100
"""A cohort of fewer subjects is a pilot, and may have to grow as one of so many does."""


@dataclass(frozen=True)
class Steps:
    """Works out the next steps. `at`: the thresholds of the card. `tried`: all common ones, the strictest first."""

    evaluation: Evaluation
    model: str
    at: Sequence[AtThreshold]
    tried: Sequence[AtThreshold]

    def next(self) -> Iterator[Step]:
        """Yield the steps: keep a threshold that holds, set one that does, else adapt or collect."""
        shipped, common = self._which(Which.SHIPPED), self._which(Which.COMMON)
        if self.evaluation.provenance.get("intervals") == "none":
            yield Step(Action.MEASURE)
            return
        if shipped is not None and shipped.verdict is Verdict.HOLDS:
            yield Step(Action.KEEP, shipped)
            return
        if common is not None and common.verdict is Verdict.HOLDS:
            yield Step(Action.SET, common, common.highest("fnmr"))
            return
        if shipped is not None and shipped.verdict is Verdict.UNDECIDED:
            yield self._collect(shipped)
            return
        if common is not None and common.verdict is Verdict.UNDECIDED:
            yield Step(Action.SET, common, common.highest("fnmr"))
            yield self._collect(common)
            return
        undecided = [one for one in self.tried if one.verdict is Verdict.UNDECIDED]
        if undecided:
            yield self._collect(min(undecided, key=self._needed))
        elif self.tried:
            yield Step(Action.ADAPT, common, common and common.highest("fnmr"), everywhere=self._fails_everywhere())
        elif unsure := [one for one in self.at if one.unsure]:
            yield self._collect(unsure[0])

    def _which(self, which: Which) -> AtThreshold | None:
        return next((one for one in self.at if one.which is which), None)

    def _fails_everywhere(self) -> bool:
        """Return whether no threshold keeps both limits, those between and beyond the tried ones included.

        There FMR is no lower than at the next stricter one, and FNMR no lower than at the next looser one.
        """
        failing = [{one.rate for one in at.held if one.verdict is Verdict.FAILS} for at in self.tried]
        both_sides = pairwise([set(), *failing, set()])
        return all("fmr" in stricter or "fnmr" in looser for stricter, looser in both_sides)

    def _collect(self, at: AtThreshold) -> Step:
        """Return how many subjects it takes to tell every rate, of the cohort that needs the most."""
        most = max(at.unsure, key=self._need)
        have, need = self._subjects(most.cohort), self._need(most)
        return Step(Action.COLLECT, at, most, have, None if need > MOST_GROWTH * max(have, PILOT) else ceil(need))

    def _needed(self, at: AtThreshold) -> float:
        return max(map(self._need, at.unsure))

    def _need(self, one: HeldRate) -> float:
        """Return how many subjects of its cohort it takes to tell a rate."""
        found, have = one.measured, self._subjects(one.cohort)
        if found.value is None or found.low is None or found.high is None:
            images = self._row("images", one.cohort) / have if have else 1.0
            return max(fewest_subjects(one.rate, one.limit, self._level, images), have + 1)
        return max(max(have, 1) * growth(found.value, found.low, found.high, one.limit, self._level), have + 1)

    @cached_property
    def _level(self) -> float:
        return float(self.evaluation.provenance.get("level", "0.95"))

    def _subjects(self, cohort: str) -> int:
        return int(self._row("subjects", cohort))

    def _row(self, name: str, cohort: str) -> float:
        row = self.evaluation.row(name, model=self.model, cohort=cohort)
        return 0.0 if row is None or row["value"] is None else row["value"]
