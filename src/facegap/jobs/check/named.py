"""The names in an evaluation, found as rules write them."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from facegap.data.across import Ends, between_name
from facegap.data.cohort_names import written
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.errors import InputError, Phrase
from facegap.jobs.check.rules import point
from facegap.metrics.registry import metric, registered
from facegap.run.text import first_few

_ORDER = ("auc", "pauc", "tar", "accuracy", "f1", "recall", "precision", "d_prime", "fmr", "fnmr", "eer", "fta")
"""In which order a message names the metrics by which a model can be better; others come after them."""
SHIPPED = "shipped"
_SHOWN = 20
NOTHING: Mapping[str, str] = {}

Place = tuple[str, str]
"""A metric and its operating point, or a model and a cohort."""


@dataclass(frozen=True)
class Named:
    """Looks up names in an evaluation. All methods raise `InputError` for one that it does not know."""

    evaluation: Evaluation

    @property
    def models(self) -> list[str]:
        """The models, in report order."""
        return self.evaluation.models["model"].to_list()

    @property
    def cohorts(self) -> list[str]:
        """The cohorts, and the pairs with numbers of their own, in report order, without the pooled one."""
        return [name for name in self.ends if name != POOLED]

    @property
    def directed(self) -> list[str]:
        """The metrics by which a model can be better."""
        found = [one for one in registered() if one.higher_is_better is not None]
        names = [one.name for one in found if one.standing or one.name in self.points]
        return sorted(names, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))

    def model(self, name: str | None, how: str = "") -> str:
        """Return the model of this name, or the only one; `how` says where a rule names it."""
        if name is not None:
            return one_of(Phrase("model"), name, self.models)
        if self.evaluation.several_models:
            raise InputError(
                "there are several models ({models}): name one, {how}", models=listed(self.models), how=how
            )
        return self.models[0]

    def cohort(self, name: str) -> str:
        """Return the cohort of this name, which may be the pooled one, or a pair, whose cohorts come in any order."""
        known = list(self.ends)
        if name in self.models and name not in known:
            raise InputError("{name!r} is a model, a cohort was expected: write METRIC[COHORT, {name}]", name=name)
        return one_of(Phrase("cohort"), name, known, self.turned)

    def at(self, name: str, at: str | None) -> str:
        """Return an operating point of a metric; where none is said, it has none or is the shipped threshold."""
        if name not in self.points:
            raise InputError(
                "no metric is called {name!r}: there are {points}", name=name, points=listed(sorted(self.points))
            )
        known = self.points[name]
        if at in known:
            return at
        if at is None and (usual := next((usual for usual in ("", SHIPPED) if usual in known), None)) is not None:
            return usual
        there = listed([one or Phrase("{name} without @", name=name) for one in known])
        if at:
            raise InputError("{name} is not measured at {at!r}: there are {known}", name=name, at=at, known=there)
        raise InputError("{name} is not measured without @: there are {known}", name=name, known=there)

    @cached_property
    def points(self) -> dict[str, list[str]]:
        """The operating points of each metric, as rules write them."""
        found: dict[str, list[str]] = {}
        for name, at in self.shown.select("metric", "at").unique(maintain_order=True).iter_rows():
            found.setdefault(name, []).append(point(at))
        for name, points in list(found.items()):
            if other := metric(name).complement:
                found[other] = list(dict.fromkeys((*found.get(other, ()), *points)))
        return found

    @cached_property
    def shown(self) -> pl.DataFrame:
        """The rows of the populations that go by a name, which stands in the column `cohort`."""
        rows = [(*ends, name) for name, ends in self.ends.items()]
        named = pl.DataFrame(rows, ["probe_cohort", "gallery_cohort", "cohort"], orient="row")
        return self.evaluation.metrics.join(named, ["probe_cohort", "gallery_cohort"], maintain_order="left")

    @cached_property
    def ends(self) -> dict[str, Ends]:
        """The two cohorts of everything that has numbers, in report order, the pooled one last."""
        across = self.evaluation.across
        return {name: across.get(name, (name, name)) for name in self.evaluation.populations}

    @property
    def turned(self) -> dict[str, str]:
        """The pairs of cohorts by what they are called the other way round."""
        return {between_name(*ends[::-1]): name for name, ends in self.ends.items() if ends[0] != ends[1]}


def one_of(what: Phrase, name: str, known: list[str], turned: Mapping[str, str] = NOTHING) -> str:
    """Return the name as it is known, or what it is known as where `turned`; letters may be composed differently."""
    name = written(name, known)
    for one in known:
        if unicodedata.normalize("NFC", one) == name:
            return one
    for other, one in turned.items():
        if unicodedata.normalize("NFC", other) == name:
            return one
    raise InputError("there is no {what} {name!r}: there are {known}", what=what, name=name, known=listed(known))


def listed(names: Iterable[str]) -> str:
    """Return the first names in one line, and how many more there are."""
    return first_few(names, _SHOWN)
