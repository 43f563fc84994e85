"""One threshold for all cohorts: what a model does at each that an evaluation holds with intervals."""

from collections.abc import Sequence

from facegap.data.evaluation import Evaluation
from facegap.jobs.check.measured import Because, MeasuredValue, Reason, Verdict
from facegap.jobs.decision.card import AtThreshold, HeldRate, Which

_Bands = dict[str, dict[float, dict]]
"""Rows of `Evaluation.bands` of a cohort by rate and threshold."""


def candidates(evaluation: Evaluation, model: str, sign: int, asked: Sequence[tuple[str, str]]) -> list[AtThreshold]:
    """Return what a model does at each threshold where the FMR of every cohort is bounded, the strictest first.

    `sign`: of similarity over the threshold. `asked`: cohorts and rates. A cohort whose genuine comparisons all lie
    across cohorts has no bands, and is left out; where another has none, no threshold is known to be good for it.
    """
    bands = {cohort: _bands(evaluation, model, cohort) for cohort, rate in asked if rate == "fnmr"}
    shared = [set(found["fmr"]) for found in bands.values()]
    thresholds = sorted(set.intersection(*shared) if shared else (), key=lambda one: -sign * one)
    places = [(cohort, rate) for cohort, rate in asked if cohort in bands]
    return [
        AtThreshold(Which.COMMON, one, tuple(_held(evaluation, bands[place[0]], *place, one) for place in places))
        for one in thresholds
    ]


def best_common(tried: Sequence[AtThreshold]) -> AtThreshold | None:
    """Return the loosest threshold up to which every FMR surely keeps its limit, where FNMR is the lowest.

    `tried`: the strictest first. To walk until the first that does not is a fixed sequence of tests, which needs no
    correction for their number (Maurer, Hothorn & Lehmacher 1995).
    """
    found = None
    for one in tried:
        keeps = all(each.verdict is Verdict.HOLDS for each in one.held if each.rate == "fmr")
        if found is not None and not keeps:
            break
        found = one if keeps else found
    return found


def _held(evaluation: Evaluation, bands: _Bands, cohort: str, rate: str, at: float) -> HeldRate:
    row, limit = bands[rate].get(at), evaluation.limits.of(rate)
    if row is None:
        return HeldRate(cohort, rate, MeasuredValue.absent(Because(Reason.NO_INTERVAL)), Verdict.UNDECIDED, limit)
    found = MeasuredValue(row["value"], row["low"], row["high"], "plain")
    return HeldRate(cohort, rate, found, found.against("<=", limit), limit)


def _bands(evaluation: Evaluation, model: str, cohort: str) -> _Bands:
    probe, gallery = evaluation.ends(cohort)
    rows = evaluation.bands.filter(model=model, images="own", probe_cohort=probe, gallery_cohort=gallery)
    return {rate: {row["x"]: row for row in rows.filter(curve=rate).iter_rows(named=True)} for rate in ("fmr", "fnmr")}
