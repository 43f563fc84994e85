"""What two evaluations say of a new and an old model, found by the names that rules use."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from facegap.errors import InputError
from facegap.jobs.changes import changes
from facegap.jobs.check.known import Known, Place
from facegap.jobs.check.measured import Because, MeasuredValue, Reason
from facegap.jobs.check.rules import ModelClaim, point
from facegap.report.text.language import _
from facegap.report.text.methods import method_text


@dataclass(frozen=True)
class KnownChanges:
    """Looks up claims of a model in a `new` evaluation against one in an `old` one, as `Known` does in one evaluation.

    All methods raise `InputError` for a name that is not known.
    """

    new: Known
    old: Known

    @property
    def directed(self) -> list[str]:
        """The metrics by which a model can be better."""
        return self.new.directed

    def claimed(self, asked: ModelClaim) -> tuple[Place, str, str, list[str]]:
        """Return what a claim is about: metric and operating point, the two models, and the cohorts."""
        new, old = self.new.model(asked.new), self._old(asked.old)
        named = [self.new.cohort(name) for name in asked.cohorts]
        both = [name for name in self.new.cohorts if name in self.old.cohorts]
        if not (named or both):
            raise InputError(
                "the reports share no cohort: {new}; {old}",
                new=", ".join(self.new.cohorts),
                old=", ".join(self.old.cohorts),
            )
        for cohort in named:
            self.old.cohort(cohort)
        return (asked.metric, self.new.at(asked.metric, asked.at)), new, old, named or both

    def old_name(self, model: str) -> str:
        """Return what the old model of a claim is called."""
        return _("{model} before", model=model)

    def difference(self, _kind: str, place: Place, a: Place, b: Place) -> MeasuredValue:
        """Return the end a of the new evaluation minus the end b of the old one."""
        rows = self._changes(a[0], b[0]).filter(cohort_a=a[1], metric=place[0])
        for row in rows.iter_rows(named=True):
            if point(row["at"]) == place[1]:
                said = Because(Reason.METHOD, {"method": method_text(row)})
                return MeasuredValue(row["value"], row["low"], row["high"], "difference", said)
        return MeasuredValue.absent(Because(Reason.NOT_COMPARED))

    def _old(self, name: str) -> str:
        try:
            return self.old.model(name)
        except InputError as error:
            raise InputError("in the earlier report {error}", error=error) from None

    def _changes(self, new: str, old: str) -> pl.DataFrame:
        if (new, old) not in self._made:
            self._made[new, old] = changes(self.new.evaluation, self.old.evaluation, models=[(new, old)])
        return self._made[new, old]

    @cached_property
    def _made(self) -> dict[tuple[str, str], pl.DataFrame]:
        return {}
