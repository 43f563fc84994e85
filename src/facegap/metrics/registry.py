"""The registry of metrics: one record says all that facegap knows of a number by its name.

Rows, intervals, differences, rules, plans, tables and words read the record; no other place lists metrics to say what
they are. To add one, write a file in `metrics/families/` that calls `register` with one of two shapes:

- a `PointMetric` is a function of four counts at a threshold: its formula gives value, influence and what it is without
  each subject;
- a `SummaryMetric` brings a function for its value and one for its estimate.

A plain `Metric` describes a number whose rows are made together with others, such as a count.
"""

from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import TypeVar

from facegap.errors import InputError
from facegap.metrics.records import LOPSIDED, Metric, PointMetric, SummaryMetric, SummaryValue, Unit, Word

__all__ = ["LOPSIDED", "Metric", "PointMetric", "SummaryMetric", "SummaryValue", "Unit", "Word"]
__all__ += ["metric", "parse_metrics", "point_metric", "register", "registered", "standing_points"]
__all__ += ["standing_summaries", "unregister", "whole_of"]

M = TypeVar("M", bound=Metric)

_KNOWN: dict[str, Metric] = {}
_MAKERS: dict[str, Callable[..., Metric]] = {}


def register(metric: M, make: Callable[..., M] | None = None) -> M:
    """Add a metric to the registry and return it.

    `make`: makes the metric with parameters, all of them floats and named as in `--metric NAME:a=1,b=2`; it raises an
    `InputError` for a value that cannot be. `metric` is then an example, for messages and for reports.

    Raises:
        ValueError: another metric has this name.
    """
    if metric.name in _KNOWN:
        raise ValueError(f"a metric is already called {metric.name!r}: choose another name")
    _KNOWN[metric.name] = metric
    if make is not None:
        _MAKERS[metric.name] = make
    return metric


def unregister(name: str) -> None:
    """Take a metric out again, as a test of one does."""
    _MAKERS.pop(name, None)
    del _KNOWN[name]


def metric(name: str) -> Metric:
    """Return the record of a metric; of a name that nobody registered, such as in another's report, an empty one."""
    return _KNOWN.get(name) or Metric(name=name)


def point_metric(name: str) -> PointMetric:
    """Return the record of a metric that is a function of the counts at a threshold.

    Raises:
        KeyError: there is no such metric.
    """
    found = _KNOWN[name]
    if not isinstance(found, PointMetric):
        raise KeyError(name)
    return found


def registered() -> tuple[Metric, ...]:
    """Return all metrics, in the order in which their rows are made."""
    return tuple(_KNOWN.values())


def standing_points() -> list[PointMetric]:
    """Return the functions of the counts that are measured in every evaluation."""
    return [one for one in registered() if isinstance(one, PointMetric) and one.standing]


def standing_summaries() -> list[SummaryMetric]:
    """Return the numbers of a population that are measured in every evaluation."""
    return [one for one in registered() if isinstance(one, SummaryMetric) and one.standing]


def whole_of(name: str) -> Metric | None:
    """Return the metric whose complement this one is, if any: TAR of FNMR."""
    return next((one for one in registered() if one.complement == name), None)


def parse_metrics(texts: Sequence[str]) -> tuple[Metric, ...]:
    """Read what `--metric` takes, e.g. `hter` or `dcf:c_miss=1,c_false=10,prior=0.01`.

    Raises:
        InputError: a text names no metric that can be asked for, or one is asked for twice.
    """
    found: dict[str, Metric] = {}
    for text in texts:
        one = _parsed(text)
        if one.name in found:
            raise InputError("--metric {name} is given twice: give it once in a run", name=one.name)
        found[one.name] = one
    return tuple(found.values())


def _parsed(text: str) -> Metric:
    name, _, given = text.partition(":")
    known = _KNOWN.get(name)
    if known is None:
        asked = ", ".join(one.text for one in registered() if not one.standing)
        raise InputError("--metric {text!r} is unknown: there are {asked}", text=text, asked=asked)
    if known.standing:
        raise InputError("{name} is measured in every evaluation: leave --metric {text} out", name=name, text=text)
    make = _MAKERS.get(name)
    expected = list(signature(make).parameters) if make else []
    try:
        values = {key.strip(): float(value) for key, value in _pairs(given)}
    except ValueError:
        values = {}
    if sorted(values) != sorted(expected) or (given and not expected):
        raise InputError(
            "--metric {text!r} is not understood: write e.g. --metric {example}", text=text, example=known.text
        )
    return make(**values) if make else known


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(",") if text else ():
        key, _, value = part.partition("=")
        yield key, value
