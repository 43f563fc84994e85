"""What an evaluation holds, found by the names that rules use."""

from dataclasses import dataclass
from functools import cached_property

from facegap.errors import InputError, Phrase
from facegap.jobs.check.measured import Because, MeasuredValue, Reason
from facegap.jobs.check.named import SHIPPED, Named, Place, listed, one_of
from facegap.jobs.check.rules import Contrast, ModelClaim, Quantity, Scale, point, spelled
from facegap.metrics.registry import PointMetric, Unit, metric, registered, whole_of
from facegap.report.text.methods import method_text
from facegap.run.text import either

_WITHOUT = Because(Reason.WITHOUT_INTERVALS)


@dataclass(frozen=True)
class Known(Named):
    """Looks up numbers in an evaluation. All methods raise `InputError` for a name that it does not know."""

    def quantity(self, asked: Quantity) -> MeasuredValue:
        """Return a metric of one cohort and model, or a differential of one model."""
        measures = {spelled(name): name for name in self.evaluation.differentials["measure"].unique()}
        if asked.word in measures:
            return self._differential(measures[asked.word], asked)
        if asked.word not in self.points:
            points = listed(sorted(self.points))
            if not measures:
                raise InputError(
                    "nothing is called {word!r}: the metrics are {metrics}; the differentials are absent from this "
                    "report",
                    word=asked.word,
                    metrics=points,
                )
            raise InputError(
                "nothing is called {word!r}: the metrics are {metrics}; the differentials are {differentials}",
                word=asked.word,
                metrics=points,
                differentials=listed(sorted(measures)),
            )
        if len(asked.names) > 2:
            raise InputError(
                "{n_names} names are in brackets: write {name}[COHORT, MODEL]",
                n_names=len(asked.names),
                name=asked.word,
            )
        cohort, model = (*asked.names, None, None)[:2]
        found = list(self.ends)[-1] if cohort is None else self.cohort(cohort)
        place = asked.word, self.at(asked.word, asked.at)
        named = self.model(model, f"{asked.word}[COHORT, MODEL]")
        return self._cell(place, named, found) or MeasuredValue.absent(_unmeasured(place, named, found))

    def contrast(self, asked: Contrast) -> MeasuredValue:
        """Return how far one cohort lies from another."""
        place = asked.metric, self.at(asked.metric, asked.at)
        if asked.scale == "ratio" and not metric(asked.metric).act:
            rates = either(one.name for one in registered() if one.act)
            raise InputError(
                "a ratio of {metric} says nothing: write {rates}, or a gap", metric=asked.metric, rates=rates
            )
        if len(asked.names) > 1:
            raise InputError("{n_names} names are in brackets, one model was expected", n_names=len(asked.names))
        place_of_model = Phrase("in brackets at the end of the quantity: [MODEL]")
        model = self.model(asked.names[0] if asked.names else None, place_of_model)
        first, second = (one_of(Phrase("cohort"), name, self.cohorts, self.turned) for name in asked.cohorts)
        if first == second:
            raise InputError(
                "both cohorts are {first!r}: name two of {cohorts}", first=first, cohorts=listed(self.cohorts)
            )
        return self.difference("cohorts", place, (model, first), (model, second), asked.scale)

    def difference(self, kind: str, place: Place, a: Place, b: Place, scale: Scale = "difference") -> MeasuredValue:
        """Return the end a minus the end b (each a model and a cohort), or a / b, in whichever order it is stored."""
        images = self._images(kind)
        of_kind = self.evaluation.differences.filter(kind=kind, images=images, metric=place[0])
        for row in of_kind.iter_rows(named=True):
            ends = (row["model_a"], row["cohort_a"]), (row["model_b"], row["cohort_b"])
            if point(row["at"]) == place[1] and row["scale"] == scale and ends in ((a, b), (b, a)):
                found = MeasuredValue(row["value"], row["low"], row["high"], scale, _said(row))
                return found if ends == (a, b) else found.turned()
        return MeasuredValue.absent(self._why_absent(kind, place, a, b, scale))

    def claimed(self, asked: ModelClaim) -> tuple[Place, str, str, list[str]]:
        """Return what a claim is about: metric and operating point, the two models, and the cohorts."""
        if len(self.models) < 2:
            raise InputError(
                "{kind} compares two models, and one was evaluated: {model}", kind=asked.kind, model=self.models[0]
            )
        new, old = self.model(asked.new), self.model(asked.old)
        if new == old:
            raise InputError("both models are {new!r}: name two of {models}", new=new, models=", ".join(self.models))
        cohorts = [self.cohort(name) for name in asked.cohorts] or self.cohorts
        return (asked.metric, self.at(asked.metric, asked.at)), new, old, cohorts

    def old_name(self, model: str) -> str:
        """Return what the old model of a claim is called."""
        return model

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str, str, str], dict]:
        """The rows by model, cohort, images, metric and operating point as rules write it; the first of each."""
        found: dict[tuple[str, str, str, str, str], dict] = {}
        for row in self.shown.iter_rows(named=True):
            place = row["model"], row["cohort"], row["images"], row["metric"], point(row["at"])
            found.setdefault(place, row)
        return found

    def _cell(self, place: Place, model: str, cohort: str, images: str = "own") -> MeasuredValue | None:
        name, at = place
        if (row := self._rows.get((model, cohort, images, name, at))) is not None:
            known = metric(name)
            scale = "count" if known.unit is Unit.COUNT else "plain"
            bounded = isinstance(known, PointMetric) or known.estimate is not None
            return MeasuredValue(row["value"], row["low"], row["high"], scale, self._method(row), bounded)
        whole = whole_of(name)
        found = whole and self._cell((whole.name, at), model, cohort, images)
        return found and found.complement()

    def _differential(self, measure: str, asked: Quantity) -> MeasuredValue:
        if len(asked.names) > 1:
            raise InputError("{name} is about all cohorts: write {name}@AT[MODEL]", name=asked.word)
        model = self.model(asked.names[0] if asked.names else None, f"{asked.word}[MODEL]")
        at = asked.at or SHIPPED
        rows = self.evaluation.differentials.filter(images="own", measure=measure)
        points = list(dict.fromkeys(map(point, rows["at"])))
        if at not in points:
            raise InputError(
                "{name} is not measured at {at!r}: there are {known}", name=asked.word, at=at, known=listed(points)
            )
        for row in rows.filter(model=model).iter_rows(named=True):
            if point(row["at"]) == at:
                return MeasuredValue(row["value"], row["low"], row["high"], "plain", self._method(row))
        return MeasuredValue.absent(
            Because(Reason.MEASURE_UNMEASURED, {"measure": f"{asked.word}@{at}", "model": model})
        )

    def _method(self, row: dict) -> Because:
        """Return how an interval came about or why there is none."""
        return _WITHOUT if self._unsure and row["value"] is not None else _said(row)

    @property
    def _unsure(self) -> bool:
        return self.evaluation.provenance.get("intervals") == "none"

    def _images(self, kind: str) -> str:
        """Return over which images models are compared: the common ones where they failed on different ones."""
        sets = self.evaluation.differences.filter(kind=kind)["images"].unique().to_list()
        return "common" if "common" in sets else "own"

    def _why_absent(self, kind: str, place: Place, a: Place, b: Place, scale: Scale) -> Because:
        """Return why two ends were not compared.

        Raises:
            InputError: because this metric is never compared.
        """
        if self._unsure:
            return _WITHOUT
        images = self._images(kind)
        for model, cohort in (a, b):
            end = self._cell(place, model, cohort, images)
            if end is None:
                return _unmeasured(place, model, cohort)
            if end.value is None:
                named = {"metric": _written(place), "model": model, "cohort": cohort, "method": end.method}
                return Because(Reason.END_UNRESOLVED, named)
        rows = self.evaluation.differences.filter(kind=kind, images=images)
        compared = dict.fromkeys((name, point(at)) for name, at in rows.select("metric", "at").iter_rows())
        if compared and place not in compared:
            raise InputError(
                "{place} is not compared: there are {compared}",
                place=_written(place),
                compared=listed(map(_written, compared)),
            )
        return Because(Reason.RATIO_WITHOUT_ERRORS if scale == "ratio" else Reason.NOT_COMPARED)


def _written(place: Place) -> str:
    return "@".join(filter(None, place))


def _said(row: dict) -> Because:
    return Because(Reason.METHOD, {"method": method_text(row)})


def _unmeasured(place: Place, model: str, cohort: str) -> Because:
    return Because(Reason.UNMEASURED, {"metric": _written(place), "model": model, "cohort": cohort})
