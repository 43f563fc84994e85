"""What some thresholds of a model do in every cohort: what stands on the page where no script runs."""

from collections.abc import Mapping

from facegap.report.tables.held_rates import Bounds, HeldModel, HeldRate
from facegap.report.tables.layout import Cell, Table, titled
from facegap.report.text.formatting import ABSENT, bracketed, percent, percent_bound, threshold_text
from facegap.report.text.language import _, said_of

SHOWN_FMRS = (0.1, 0.01, 1e-3, 1e-4, 1e-5)
"""The loosest stop within each of these FMRs over all comparisons is shown."""


def explored_table(model: str, held: HeldModel, marks: Mapping[str, float], short: Mapping[str, str]) -> Table:
    """Return FMR and FNMR of every cohort at the thresholds of a model that have a name, and at some stops.

    `marks`: thresholds by their names. `short`: names of models and cohorts, shortened.
    """
    sign = held.comparator.sign
    named = {threshold: words for words, threshold in marks.items()}
    thresholds = sorted({*named, *_spread(held)}, key=lambda threshold: sign * threshold)
    rows = tuple(
        (
            Cell(said_of(named[t], threshold_text(t)) if t in named else threshold_text(t)),
            *(_cell(rates, held, t) for rates in held.populations.values()),
        )
        for t in thresholds
    )
    columns = (_("Threshold"), *(short[name] for name in held.populations))
    return Table(titled(short[model], "own"), columns, rows, heads=1)


def _spread(held: HeldModel) -> list[float]:
    """Return the loosest stop within each of some FMRs."""
    every = list(held.populations.values())[-1].get("fmr")
    if every is None:
        return []
    most = [(stop, every.at(held.comparator.cut(stop)).most) for stop in held.stops]
    found = (next((stop for stop, rate in most if rate <= fmr), None) for fmr in SHOWN_FMRS)
    return [stop for stop in found if stop is not None]


def _cell(rates: Mapping[str, HeldRate], held: HeldModel, threshold: float) -> Cell:
    cut = held.comparator.cut(threshold)
    fmr, fnmr = (
        (rates[rate].at(cut), rates[rate].interval(cut)) if rate in rates else None for rate in ("fmr", "fnmr")
    )
    return Cell(_("FMR {rate}", rate=_text(fmr)), (_("FNMR {rate}", rate=_text(fnmr)),))


def _text(found: tuple[Bounds, Bounds | None] | None) -> str:
    """Return a rate with its interval; where it is only bounded, its bounds."""
    if found is None:
        return ABSENT
    rate, interval = found
    low, high = percent(rate.least), percent(rate.most)
    shown = low if low == high else _("{low} to {high}", low=low, high=high)
    sure = "" if interval is None else bracketed(interval.least, interval.most, percent_bound)
    return " ".join(filter(None, (shown, sure)))
