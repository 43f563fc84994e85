"""How far cohorts lie apart at one threshold for all, in single numbers, and what that threshold costs each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import exp, isnan

import numpy as np

from facegap.data.statement import Statement, cell_of
from facegap.metrics import chosen
from facegap.metrics.influence import SubjectRates
from facegap.stats import FEW_ERRORS, LOG, Combination, Estimate, compare

ALPHA = 0.5
"""How much FMR weighs in FDR, IR and GARBE; FNMR weighs the rest."""

METHOD = Statement("jackknife_ends_fixed")

NOTHING_TO_GO_BY = Statement("no_variance")


def differential_rows(
    cohorts: Mapping[str, SubjectRates],
    *,
    model: str,
    images: str,
    at: str,
    threshold: float,
    similarity: float,
    level: float,
) -> list[dict]:
    """Return the rows of `Evaluation.differentials` at one threshold for all cohorts.

    `cohorts`: the comparisons within each cohort, by its name. `threshold`: native; `similarity`: its evaluated
    threshold. With x_1 to x_n the FMR (or FNMR) of n cohorts and a = `ALPHA`:

    - max/min: max(x) / min(x), and max/geomean: max(x) / (x_1 ... x_n)^(1/n). NIST IR 8429 (Grother 2022);
      ISO/IEC 19795-10.
    - FDR, fairness discrepancy rate: 1 - a (max FMR - min FMR) - (1 - a) (max FNMR - min FNMR). De Freitas Pereira &
      Marcel, IEEE TBIOM 4 (2022).
    - IR, inequity rate: (max FMR / min FMR)^a (max FNMR / min FNMR)^(1 - a). NIST IR 8429.
    - GARBE: a G(FMR) + (1 - a) G(FNMR) with the Gini coefficient G(x) = n / (n - 1) times the sum of |x_i - x_j| over
      all i and j, over 2 n^2 mean(x). Howard, Laird, Sirotin, Rubin, Tipton & Vemury, arXiv 2203.05051 (2022).

    Intervals at `level` leave out each subject in turn, with what a subject in two cohorts does to both set off. Ratios
    are judged by their logarithm. Which cohorts are at the ends is taken as given: a ratio's interval that reaches
    below 1 says that it could be the other way round, and chance alone makes max/min larger than 1. A ratio is not
    resolved where a rate in it stands on fewer than ten errors, nor is GARBE where the errors of all cohorts together
    are; the other two measures then have a value but no interval.
    """
    fmr, fnmr = _Rates.of("FMR", cohorts, similarity), _Rates.of("FNMR", cohorts, similarity)
    if min(len(fmr.names), len(fnmr.names)) < 2:
        return []
    names = {"model": model, "images": images, "at": at, "threshold": threshold}
    rows = [{**names, **found} for found in _measures(fmr, fnmr, level)]
    left_out = list(filter(None, (fmr.left_out, fnmr.left_out)))
    return [{**row, **cell_of(*left_out, before=row)} for row in rows]


Few = list[tuple[str, int, str]]
"""Rates that stand on too few errors: fmr or fnmr, the errors, and the cohort, "" where they are those of all."""


@dataclass(frozen=True)
class _Rates:
    """One rate of n cohorts: `kind` is FMR or FNMR, `errors` are false matches or false non-matches."""

    kind: str
    names: list[str]
    estimates: list[Estimate]
    errors: list[int]
    left_out: Statement | None

    @classmethod
    def of(cls, kind: str, cohorts: Mapping[str, SubjectRates], similarity: float) -> "_Rates":
        """Return the rate of every cohort that has such comparisons at all."""
        column = 0 if kind == "FNMR" else 1
        made = {name: rates for name, rates in cohorts.items() if rates.sizes[column] > 0}
        estimates = [rates.fnmr(similarity) if kind == "FNMR" else rates.fmr(similarity) for rates in made.values()]
        sizes = [rates.sizes[column] for rates in made.values()]
        errors = [round(one.value * size) for one, size in zip(estimates, sizes, strict=True)]
        missing = [name for name in cohorts if name not in made]
        comparison = "genuine" if kind == "FNMR" else "impostor"
        named = {f"without_{comparison}": missing}
        left_out = Statement.of(f"left_out_without_{comparison}", **named) if missing else None
        return cls(kind, list(made), estimates, errors, left_out)

    @property
    def values(self) -> np.ndarray:
        """(n,) rates."""
        return np.array([one.value for one in self.estimates])

    @cached_property
    def low(self) -> int:
        """Which cohort has the lowest rate."""
        return int(np.argmin(self.values))

    @cached_property
    def high(self) -> int:
        """Which cohort has the highest rate; another than the lowest, even where all are equal."""
        return len(self.names) - 1 - int(np.argmax(self.values[::-1]))

    def few(self, *which: int) -> "Few":
        """Return in which of some cohorts, all by default, the rate stands on too few errors, and on how many."""
        chosen = dict.fromkeys(which or range(len(self.names)))
        return [(self.kind.lower(), self.errors[i], self.names[i]) for i in chosen if self.errors[i] < FEW_ERRORS]

    def spread(self, weight: float) -> list[tuple[float, Estimate]]:
        """Return the highest rate less the lowest, `weight` times, as parts of a sum."""
        return [(weight, self.estimates[self.high]), (-weight, self.estimates[self.low])]

    def over_geomean(self) -> list[tuple[float, Estimate]]:
        """Return the logarithm of the highest rate over the geometric mean of all as parts of a sum of logarithms."""
        n = len(self.names)
        return [((i == self.high) - 1 / n, one) for i, one in enumerate(self.estimates)]

    def gini(self) -> tuple[float, list[tuple[float, Estimate]]]:
        """Return the Gini coefficient and the parts it moves with.

        With the rates in rising order it is the sum of (2 k - n - 1) x_k over (n - 1) times the sum of x_k.
        """
        n, total = len(self.names), self.values.sum()
        rank = np.empty(n)
        rank[np.argsort(self.values, kind="stable")] = np.arange(1, n + 1)
        step = (2 * rank - n - 1) / (n - 1)
        value = float(step @ self.values / total)
        return value, [(float(w), one) for w, one in zip((step - value) / total, self.estimates, strict=True)]


def _measures(fmr: _Rates, fnmr: _Rates, level: float) -> Iterator[dict]:
    for one in (fmr, fnmr):
        ends = {"best": one.names[one.low], "worst": one.names[one.high]}
        few = one.few(one.low, one.high)
        yield _ratio(f"{one.kind.lower()} max/min", one.spread(1), few, level) | ends
        yield _ratio(f"{one.kind.lower()} max/geomean", one.over_geomean(), one.few(), level) | ends | {"best": ""}
    ends = {"best": _both(fmr, fnmr, fmr.low, fnmr.low), "worst": _both(fmr, fnmr, fmr.high, fnmr.high)}
    spread = [*fmr.spread(ALPHA), *fnmr.spread(1 - ALPHA)]
    at_ends = [*fmr.few(fmr.low, fmr.high), *fnmr.few(fnmr.low, fnmr.high)]
    discrepancy = 1 - sum(weight * one.value for weight, one in spread)
    yield _share("FDR", discrepancy, [(-weight, one) for weight, one in spread], at_ends, level) | ends
    yield _ratio("IR", spread, at_ends, level) | ends
    scarce = [(one.kind.lower(), sum(one.errors), "") for one in (fmr, fnmr) if sum(one.errors) < FEW_ERRORS]
    if scarce:
        yield _unresolved("GARBE", scarce) | ends
        return
    (of_fmr, by_fmr), (of_fnmr, by_fnmr) = fmr.gini(), fnmr.gini()
    parts = [*((ALPHA * w, one) for w, one in by_fmr), *(((1 - ALPHA) * w, one) for w, one in by_fnmr)]
    few = [*fmr.few(), *fnmr.few()]
    yield _share("GARBE", ALPHA * of_fmr + (1 - ALPHA) * of_fnmr, parts, few, level) | ends


def _both(fmr: _Rates, fnmr: _Rates, of_fmr: int, of_fnmr: int) -> str:
    """Return the cohort at an end of both rates, or the one of each."""
    one, other = fmr.names[of_fmr], fnmr.names[of_fnmr]
    return one if one == other else f"FMR: {one}, FNMR: {other}"


def _ratio(measure: str, parts: list[tuple[float, Estimate]], few: Few, level: float) -> dict:
    """Return a product of powers of rates, judged by its logarithm."""
    if few:
        return _unresolved(measure, few)
    found = Combination(tuple(parts), LOG)
    low, high = map(exp, found.interval(level)) if found.known else (None, None)
    method = cell_of(METHOD if found.known else NOTHING_TO_GO_BY)
    return {"measure": measure, "value": exp(found.value), "low": low, "high": high, **method}


def _share(measure: str, value: float, parts: list[tuple[float, Estimate]], few: Few, level: float) -> dict:
    """Return a number from 0 to 1 that moves with rates."""
    found = Combination(tuple(parts))
    made = {"measure": measure, "value": value, "low": None, "high": None}
    if few or not found.known:
        return {**made, **cell_of(_too_few("few_errors_no_interval", few) if few else NOTHING_TO_GO_BY)}
    # The parts move the number, they need not add up to it: a constant is missing, or they are a derivative.
    low, high = np.clip(np.array(found.interval(level)) + value - found.value, 0.0, 1.0).tolist()
    return {**made, "low": low, "high": high, **cell_of(METHOD)}


def _unresolved(measure: str, few: Few) -> dict:
    why = cell_of(_too_few("few_errors_not_resolvable", few))
    return {"measure": measure, "value": None, "low": None, "high": None, **why}


def _too_few(code: str, few: Few) -> Statement:
    return Statement.of(code, few=few, least=FEW_ERRORS)


def price_rows(
    cohorts: Mapping[str, SubjectRates],
    *,
    model: str,
    images: str,
    at: str,
    fmr: float,
    threshold: float,
    similarity: float,
    level: float,
) -> list[dict]:
    """Return the rows of `Evaluation.prices`: what one threshold for all costs each cohort in rejected people.

    `threshold` (native; `similarity`, its evaluated threshold) is meant to give the false match rate `fmr`. A cohort's
    own threshold is the loosest at which its own FMR does not exceed `fmr`; the price is FNMR at the one for all less
    FNMR at its own, negative where the cohort pays with false matches instead. The threshold for all is taken as given,
    the cohort's own is not: its uncertainty is in the interval, which is that of any difference (see `stats.compare`).
    """
    names = {"model": model, "images": images, "at": at, "threshold": threshold}
    return [
        {**names, "cohort": name, **_price(rates, fmr, threshold, similarity, level)}
        for name, rates in cohorts.items()
        if rates.rates.defined
    ]


def _price(rates: SubjectRates, fmr: float, threshold: float, similarity: float, level: float) -> dict:
    there = rates.fnmr(similarity)
    row = dict.fromkeys(("own_threshold", "own_fmr", "own_fnmr", "price", "low", "high"))
    row |= {"fmr": rates.fmr(similarity).value, "fnmr": there.value}
    if not rates.rates.resolvable(fmr):
        return row
    point, own = rates.rates.loosest_within(fmr), chosen.tar(rates, fmr).complement()
    price = compare(there, own, level)
    row |= {"own_threshold": point.threshold, "own_fmr": point.fmr, "own_fnmr": own.value, "price": price.value}
    if point.threshold == threshold:
        # The cohort's own threshold became the one for all: whatever it is, nothing is paid.
        row |= {"price": 0.0, "low": 0.0, "high": 0.0}
    elif not isnan(price.low):
        row["low"], row["high"] = price.low, price.high
    return row
