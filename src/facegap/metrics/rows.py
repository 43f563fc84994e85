"""The rows of the long table for one population of comparisons."""

from dataclasses import dataclass
from math import isnan

from facegap.metrics.asked import Questions
from facegap.metrics.rates import RESOLVABLE, Point, Rates

FMRS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
PARTIAL = 1e-2
NO_SPREAD = "undefined: a kind of comparison has no score, or the scores do not vary"
"""Why there is no d'."""


@dataclass(frozen=True)
class Population:
    """Whose comparisons these are: the key columns of the long table, shared by all rows of one population.

    `images`: `own` or `common`. `method`: said in every row, e.g. how failures count.
    """

    model: str
    dataset: str
    images: str
    probe_cohort: str
    gallery_cohort: str
    n_subjects: int
    method: str = ""

    def row(
        self,
        metric: str,
        value: float | None,
        *,
        at: str = "",
        threshold: float | None = None,
        n_comparisons: int | None = None,
        n_errors: int | None = None,
        method: str = "",
    ) -> dict:
        """Return one row; an undefined value (NaN) becomes null."""
        return {
            "model": self.model,
            "dataset": self.dataset,
            "images": self.images,
            "probe_cohort": self.probe_cohort,
            "gallery_cohort": self.gallery_cohort,
            "metric": metric,
            "at": at,
            "threshold": threshold,
            "value": None if value is None or isnan(value) else float(value),
            "low": None,
            "high": None,
            "n_comparisons": n_comparisons,
            "n_errors": n_errors,
            "n_subjects": self.n_subjects,
            "method": "; ".join(filter(None, (self.method, method))),
        }


def population_rows(population: Population, rates: Rates, asked: Questions) -> list[dict]:
    """Return every number of one population; what is undefined or cannot be resolved is null, with the reason."""
    genuine, impostor = rates.counts.n_genuine, rates.counts.n_impostor
    row = population.row
    rows = [
        row("genuine", genuine),
        row("impostor", impostor),
        row("genuine_share", genuine / (genuine + impostor) if genuine + impostor else None),
        *_summary_rows(population, rates),
        *_tar_rows(population, rates),
    ]
    if rates.defined:
        for measure in ("f1", "accuracy"):
            rows += _point_rows(population, rates.best(measure), f"best-{measure}")
        if (share := asked.genuine_share) is not None:
            best = rates.best("f1")
            at = f"best-f1, share={share:g}"
            rows.append(row("precision", best.precision_at(share), at=at, threshold=best.threshold))
            rows.append(row("f1", best.f1_at(share), at=at, threshold=best.threshold))
    for at, threshold in asked.named.items():
        rows += _point_rows(population, rates.at(threshold), at)
    return rows


def _summary_rows(population: Population, rates: Rates) -> list[dict]:
    """Return the threshold-free numbers."""
    total = rates.counts.n_genuine + rates.counts.n_impostor
    names = (("auc", ""), ("auc_bound", ""), ("pauc", f"fmr={PARTIAL:g}"), ("eer", ""), ("d_prime", ""))
    if not rates.defined:
        missing = "genuine" if rates.counts.n_genuine == 0 else "impostor" if rates.counts.n_impostor == 0 else "scored"
        return [
            population.row(name, None, at=at, n_comparisons=total, method=f"undefined: no {missing} comparison")
            for name, at in names
        ]
    eer, eer_threshold = rates.eer()
    values = (rates.auc(), rates.auc_bound(), rates.partial_auc(PARTIAL), eer, rates.d_prime())
    more = {"eer": {"threshold": eer_threshold}, "d_prime": {"method": NO_SPREAD if isnan(values[-1]) else ""}}
    return [
        population.row(name, value, at=at, n_comparisons=total, **more.get(name, {}))
        for (name, at), value in zip(names, values, strict=True)
    ]


def _tar_rows(population: Population, rates: Rates) -> list[dict]:
    """Return TAR at each FMR with the FMR reached there, or why it cannot be resolved."""
    rows = []
    genuine, impostor = rates.counts.n_genuine, rates.counts.n_impostor
    for fmr in FMRS:
        at = f"fmr={fmr:g}"
        if not rates.defined or not rates.resolvable(fmr):
            why = (
                f"not resolvable: {fmr * impostor:.3g} false matches expected among {impostor} impostor comparisons "
                f"of {population.n_subjects} subjects, at least {RESOLVABLE} needed"
            )
            if fmr * impostor >= RESOLVABLE and rates.defined:
                tied = int(rates.matches[1, -1])
                why = f"not resolvable: {tied} of {impostor} impostor comparisons are as close as scores can be"
            rows.append(population.row("tar", None, at=at, n_comparisons=genuine, method=why))
            continue
        point = rates.loosest_within(fmr)
        here = {"at": at, "threshold": point.threshold, "n_errors": point.false_matches}
        rows.append(population.row("tar", point.recall, n_comparisons=genuine, **here))
        rows.append(population.row("fmr", point.fmr, n_comparisons=impostor, **here))
    return rows


def _point_rows(population: Population, point: Point, at: str) -> list[dict]:
    """Return all rates at one threshold."""
    total = point.genuine + point.impostor
    errors = point.false_matches + point.false_non_matches
    values = (
        ("fmr", point.fmr, point.impostor, point.false_matches),
        ("fnmr", point.fnmr, point.genuine, point.false_non_matches),
        ("accuracy", point.accuracy, total, errors),
        ("precision", point.precision, point.true_matches + point.false_matches, point.false_matches),
        ("recall", point.recall, point.genuine, point.false_non_matches),
        ("f1", point.f1, total, errors),
    )
    return [
        population.row(metric, value, at=at, threshold=point.threshold, n_comparisons=n, n_errors=wrong)
        for metric, value, n, wrong in values
    ]
