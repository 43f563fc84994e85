"""The threshold explorer: what its script reads, and the tables that stand in its place without scripts."""

from typing import TYPE_CHECKING, Any

import numpy as np

from facegap.data.across import Ends
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.errors import InputError
from facegap.metrics.operating_points import APPLIED, OperatingPoint, at_fmr, kind_of, parse_at
from facegap.metrics.registry import metric, parse_metrics
from facegap.report.charts.drawing import fit
from facegap.report.tables.explored import explored_table
from facegap.report.tables.held_rates import HeldModel, HeldRate, held_model
from facegap.report.text.decisions import common_short
from facegap.report.text.explorer import script_texts
from facegap.report.text.formatting import threshold_text
from facegap.report.text.language import said_of
from facegap.report.text.names import names_of, short_names
from facegap.report.text.phrases import at_short

if TYPE_CHECKING:
    from facegap.jobs.decision import AtThreshold

ATTEMPTS, SHARE = 1000, 0.99
"""What the fields begin with where nothing else is known: attempts a day, and the share of genuine ones."""

START_FMRS = (1e-3, 1e-2, 1e-1)
"""Without a shipped threshold or one for all cohorts, that of the first of these rates which is resolved is shown."""

_DIGITS = 6
"""Significant digits of the ends of intervals, which are shown with two."""


def explored(evaluation: Evaluation) -> dict[str, HeldModel]:
    """Return the error rates of the models that have some at many thresholds, over their own images."""
    held = {model: held_model(evaluation, model) for model in evaluation.models["model"]}
    return {model: one for model, one in held.items() if one.stops and any(one.populations.values())}


def explorer(evaluation: Evaluation, held: dict[str, HeldModel]) -> dict[str, Any] | None:
    """Return what the explorer's part of the page needs: `data` and `words` of its script, `tables`, `fields`.

    `held`: see `explored`; None without any. `data` is the same in every language.
    """
    if not held:
        return None
    common = {card.model: at for card in evaluation.cards() if (at := card.at_which("common")) is not None}
    marks = {model: _marks(evaluation, model, common.get(model)) for model in held}
    models = [_model_data(evaluation, model, one, marks[model]) for model, one in held.items()]
    return {
        "data": fit({"models": models}),
        "words": fit({"explorer": script_texts(), "marks": [_mark_texts(marks[model]) for model in held]}),
        "tables": [explored_table(model, one, marks[model], names_of(evaluation)) for model, one in held.items()],
        "fields": {"attempts": ATTEMPTS, "prior": SHARE, **_costs(evaluation)},
        "models": list(held),
        "several": evaluation.cohorts.height > 1,
    }


def _costs(evaluation: Evaluation) -> dict[str, float]:
    """Return the costs that the evaluation was asked for, with their prior, else those of the registry without it."""
    usual = {name: value for name, value in metric("dcf").parameters.items() if name != "prior"}
    try:
        asked = parse_metrics(evaluation.provenance.get("metrics", "").split())
    except InputError:  # another's facegap may measure more
        return usual
    return next((one.parameters for one in asked if one.name in ("dcf", "min_dcf")), usual)


def _marks(evaluation: Evaluation, model: str, common: "AtThreshold | None") -> dict[str, float]:
    """Return the thresholds of a model that are known by a name: the shipped one, the best common one, and those chosen
    on a cohort.
    """
    rows = evaluation.metrics.filter(model=model, images="own", metric="fmr").to_dicts()
    applied = {row["at"]: row["threshold"] for row in rows if kind_of(row["at"]) in APPLIED and row["threshold"]}
    order = sorted(applied, key=lambda at: (at != OperatingPoint.SHIPPED, parse_at(at).cohort != POOLED))
    marks = [(at_short(at), applied[at]) for at in order]
    if common is not None and common.threshold is not None:
        words = common_short(cohorts=len({one.cohort for one in common.held}))
        marks.insert(int(OperatingPoint.SHIPPED in applied), (words, common.threshold))
    return dict(marks)


def _mark_texts(marks: dict[str, float]) -> list[str]:
    return [said_of(words, threshold_text(threshold)) for words, threshold in marks.items()]


def _start(evaluation: Evaluation, model: str, marks: dict[str, float], stops: tuple[float, ...]) -> float:
    if marks:
        return next(iter(marks.values()))
    everyone = evaluation.populations[-1]
    rows = (evaluation.row("tar", model=model, cohort=everyone, at=at_fmr(fmr)) for fmr in START_FMRS)
    found = (row["threshold"] for row in rows if row is not None and row["threshold"] is not None)
    return next(found, stops[len(stops) // 2])


def _model_data(evaluation: Evaluation, model: str, held: HeldModel, marks: dict[str, float]) -> dict[str, Any]:
    """Return a model's numbers: `cuts` that rates name by their place, and counts that each add to the one before."""
    short = short_names([*evaluation.models["model"], *evaluation.populations])
    every = [rate for rates in (*held.populations.values(), *held.pairs.values()) for rate in rates.values()]
    cuts = np.unique(np.concatenate([part for rate in every for part in (rate.cuts, rate.interval_cuts)]))
    cohorts = [name for name in evaluation.cohorts["cohort"] if name != POOLED]
    names = list(held.populations)
    pairs = {ends: rates["fmr"] for ends, rates in held.pairs.items() if "fmr" in rates}
    return {
        "name": short[model],
        "sign": held.comparator.sign,
        "given": held.comparator not in OF_EMBEDDINGS,
        "cuts": [float(str(cut)) for cut in cuts],
        "stops": [_short(stop, held.comparator) for stop in held.stops],
        "start": _short(_start(evaluation, model, marks, held.stops), held.comparator),
        "marks": [_short(mark, held.comparator) for mark in marks.values()],
        "cohorts": [
            {"name": short[name], "all": name == POOLED, **{r: _rate_data(one, cuts) for r, one in rates.items()}}
            for name, rates in held.populations.items()
        ],
        "matrix": [names.index(name) for name in cohorts if name in names],
        "pairs": [_pair_data(names, ends, rate, cuts) for ends, rate in pairs.items()],
    }


def _pair_data(names: list[str], ends: Ends, rate: HeldRate, cuts: np.ndarray) -> dict[str, Any]:
    return {"ends": [names.index(end) for end in ends], "fmr": _rate_data(rate, cuts)}


def _rate_data(rate: HeldRate, cuts: np.ndarray) -> dict[str, Any]:
    """Return a rate as `at`, the steps from one place among the cuts to the next, and `k`, the steps of its counts.

    Where no whole number of comparisons gives the rates, `k` holds the rates themselves and `of` is null.
    """
    places, counts = np.searchsorted(cuts, rate.cuts), np.rint(rate.values * (rate.total or 0))
    exact = rate.total is not None and bool((counts / rate.total == rate.values).all())
    intervals = zip(np.searchsorted(cuts, rate.interval_cuts).tolist(), rate.low, rate.high, strict=True)
    return {
        "at": np.diff(places, prepend=0).tolist(),
        "of": rate.total if exact else None,
        "k": np.diff(counts, prepend=0).astype(int).tolist() if exact else rate.values.tolist(),
        "sure": [[place, _rounded(low), _rounded(high)] for place, low, high in intervals],
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _short(threshold: float, comparator: Comparator) -> float:
    """Return the shortest number that decides every comparison as a threshold does."""
    cut = comparator.cut(threshold)
    tries = (float(f"{threshold:.{digits}g}") for digits in range(1, 10))
    return next((shorter for shorter in tries if comparator.cut(shorter) == cut), threshold)
