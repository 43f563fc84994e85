"""What an evaluation holds, found by the names that rules use."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from facegap.data.across import Ends, between_name
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.datasets.cohorts import written
from facegap.errors import InputError, Phrase
from facegap.jobs.check.measured import Because, MeasuredValue, Reason
from facegap.jobs.check.rules import Contrast, ModelClaim, Quantity, Scale, point, spelled
from facegap.metrics.registry import PointMetric, Unit, metric, registered, whole_of
from facegap.report.text.methods import method_text
from facegap.run.text import either, first_few

_ORDER = ("auc", "pauc", "tar", "accuracy", "f1", "recall", "precision", "d_prime", "fmr", "fnmr", "eer", "fta")
"""In which order a message names the metrics by which a model can be better; others come after them."""
_SHIPPED = "shipped"
_SHOWN = 20
NOTHING: Mapping[str, str] = {}
_WITHOUT = Because(Reason.WITHOUT_INTERVALS)

Place = tuple[str, str]
"""A metric and its operating point, or a model and a cohort."""


@dataclass(frozen=True)
class Known:
    """Looks up numbers in an evaluation. All methods raise `InputError` for a name that it does not know."""

    evaluation: Evaluation

    @property
    def models(self) -> list[str]:
        """The models, in report order."""
        return self.evaluation.models["model"].to_list()

    @property
    def cohorts(self) -> list[str]:
        """The cohorts, and the pairs with numbers of their own, in report order, without the pooled one."""
        return [name for name in self._ends if name != POOLED]

    @property
    def directed(self) -> list[str]:
        """The metrics by which a model can be better."""
        found = [one for one in registered() if one.higher_is_better is not None]
        names = [one.name for one in found if one.standing or one.name in self._points]
        return sorted(names, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))

    def model(self, name: str | None, how: str = "") -> str:
        """Return the model of this name, or the only one; `how` says where a rule names it."""
        if name is not None:
            return _one_of(Phrase("model"), name, self.models)
        if self.evaluation.several_models:
            raise InputError(
                "there are several models ({models}): name one, {how}", models=_listed(self.models), how=how
            )
        return self.models[0]

    def cohort(self, name: str) -> str:
        """Return the cohort of this name, which may be the pooled one, or a pair, whose cohorts come in any order."""
        known = list(self._ends)
        if name in self.models and name not in known:
            raise InputError("{name!r} is a model, a cohort was expected: write METRIC[COHORT, {name}]", name=name)
        return _one_of(Phrase("cohort"), name, known, self._turned)

    def quantity(self, asked: Quantity) -> MeasuredValue:
        """Return a metric of one cohort and model, or a differential of one model."""
        measures = {spelled(name): name for name in self.evaluation.differentials["measure"].unique()}
        if asked.word in measures:
            return self._differential(measures[asked.word], asked)
        if asked.word not in self._points:
            points = _listed(sorted(self._points))
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
                differentials=_listed(sorted(measures)),
            )
        if len(asked.names) > 2:
            raise InputError(
                "{n_names} names are in brackets: write {name}[COHORT, MODEL]",
                n_names=len(asked.names),
                name=asked.word,
            )
        cohort, model = (*asked.names, None, None)[:2]
        found = list(self._ends)[-1] if cohort is None else self.cohort(cohort)
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
        first, second = (_one_of(Phrase("cohort"), name, self.cohorts, self._turned) for name in asked.cohorts)
        if first == second:
            raise InputError(
                "both cohorts are {first!r}: name two of {cohorts}", first=first, cohorts=_listed(self.cohorts)
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

    def at(self, name: str, at: str | None) -> str:
        """Return an operating point of a metric; where none is said, it has none or is the shipped threshold."""
        if name not in self._points:
            raise InputError(
                "no metric is called {name!r}: there are {points}", name=name, points=_listed(sorted(self._points))
            )
        known = self._points[name]
        if at in known:
            return at
        if at is None and (usual := next((usual for usual in ("", _SHIPPED) if usual in known), None)) is not None:
            return usual
        there = _listed([one or Phrase("{name} without @", name=name) for one in known])
        if at:
            raise InputError("{name} is not measured at {at!r}: there are {known}", name=name, at=at, known=there)
        raise InputError("{name} is not measured without @: there are {known}", name=name, known=there)

    @cached_property
    def _points(self) -> dict[str, list[str]]:
        """The operating points of each metric, as rules write them."""
        found: dict[str, list[str]] = {}
        for name, at in self._shown.select("metric", "at").unique(maintain_order=True).iter_rows():
            found.setdefault(name, []).append(point(at))
        for name, points in list(found.items()):
            if other := metric(name).complement:
                found[other] = list(dict.fromkeys((*found.get(other, ()), *points)))
        return found

    @cached_property
    def _shown(self) -> pl.DataFrame:
        """The rows of the populations that go by a name, which stands in the column `cohort`."""
        rows = [(*ends, name) for name, ends in self._ends.items()]
        named = pl.DataFrame(rows, ["probe_cohort", "gallery_cohort", "cohort"], orient="row")
        return self.evaluation.metrics.join(named, ["probe_cohort", "gallery_cohort"], maintain_order="left")

    @cached_property
    def _ends(self) -> dict[str, Ends]:
        """The two cohorts of everything that has numbers, in report order, the pooled one last."""
        across = self.evaluation.across
        return {name: across.get(name, (name, name)) for name in self.evaluation.populations}

    @property
    def _turned(self) -> dict[str, str]:
        """The pairs of cohorts by what they are called the other way round."""
        return {between_name(*ends[::-1]): name for name, ends in self._ends.items() if ends[0] != ends[1]}

    def _cell(self, place: Place, model: str, cohort: str, images: str = "own") -> MeasuredValue | None:
        name, at = place
        rows = self._shown.filter(model=model, cohort=cohort, images=images)
        for row in rows.filter(metric=name).iter_rows(named=True):
            if point(row["at"]) == at:
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
        at = asked.at or _SHIPPED
        rows = self.evaluation.differentials.filter(images="own", measure=measure)
        points = list(dict.fromkeys(map(point, rows["at"])))
        if at not in points:
            raise InputError(
                "{name} is not measured at {at!r}: there are {known}", name=asked.word, at=at, known=_listed(points)
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
                compared=_listed(map(_written, compared)),
            )
        return Because(Reason.RATIO_WITHOUT_ERRORS if scale == "ratio" else Reason.NOT_COMPARED)


def _one_of(what: Phrase, name: str, known: list[str], turned: Mapping[str, str] = NOTHING) -> str:
    """Return the name as it is known, or what it is known as where `turned`; letters may be composed differently."""
    name = written(name, known)
    for one in known:
        if unicodedata.normalize("NFC", one) == name:
            return one
    for other, one in turned.items():
        if unicodedata.normalize("NFC", other) == name:
            return one
    raise InputError("there is no {what} {name!r}: there are {known}", what=what, name=name, known=_listed(known))


def _written(place: Place) -> str:
    return "@".join(filter(None, place))


def _said(row: dict) -> Because:
    return Because(Reason.METHOD, {"method": method_text(row)})


def _unmeasured(place: Place, model: str, cohort: str) -> Because:
    return Because(Reason.UNMEASURED, {"metric": _written(place), "model": model, "cohort": cohort})


def _listed(names: Iterable[str]) -> str:
    return first_few(names, _SHOWN)
