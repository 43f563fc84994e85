"""The rows of the long table for one population of comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from facegap.data.across import between_name
from facegap.data.statement import Statement, cell_of
from facegap.metrics.asked import Questions
from facegap.metrics.operating_points import OperatingPoint, at_best, at_fmr, kind_of
from facegap.metrics.rates import RESOLVABLE, Point, Rates
from facegap.metrics.registry import (
    LOPSIDED,
    Metric,
    PointMetric,
    SummaryMetric,
    point_metric,
    standing_points,
    standing_summaries,
)

FMRS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
PARTIAL = 1e-2
TUNED = ("f1", "accuracy")
"""The metrics whose best thresholds are shown, the first with other shares of genuine comparisons too."""


@dataclass(frozen=True)
class Population:
    """Whose comparisons these are: the key columns of the long table, shared by all rows of one population.

    `images`: `own` or `common`. `method`: stands in every row, e.g. how failures count. `shown`: whether it is shown by
    its name; pairs of cohorts that share no subjects only have rates at thresholds for all.
    """

    model: str
    dataset: str
    images: str
    probe_cohort: str
    gallery_cohort: str
    n_subjects: int
    method: Statement | None = None
    shown: bool = True

    @property
    def name(self) -> str:
        """What it is called: a cohort, `all`, or `id/selfie`."""
        return between_name(self.probe_cohort, self.gallery_cohort)

    @property
    def across(self) -> bool:
        """Whether the comparisons lie across two cohorts."""
        return self.probe_cohort != self.gallery_cohort

    def row(
        self,
        metric: str,
        value: float | None,
        *,
        at: str = "",
        threshold: float | None = None,
        n_comparisons: int | None = None,
        n_errors: int | None = None,
        method: Statement | Sequence[Statement] = (),
    ) -> dict:
        """Return one row; an undefined value (NaN) becomes null."""
        own = [method] if isinstance(method, Statement) else method
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
            **cell_of(*filter(None, (self.method, *own))),
        }


def population_rows(population: Population, rates: Rates, asked: Questions) -> list[dict]:
    """Return every number of one population; what is undefined or cannot be resolved is null, with the reason."""
    genuine, impostor = rates.made.counts.n_genuine, rates.made.counts.n_impostor
    weights = rates.counts.n_genuine, rates.counts.n_impostor
    row = population.row
    rows = [
        row("genuine", genuine),
        row("impostor", impostor),
        row("genuine_share", weights[0] / sum(weights) if sum(weights) else None),
        *(_summary_row(population, rates, one) for one in standing_summaries()),
        *_tar_rows(population, rates, asked.fmrs),
    ]
    points = standing_points()
    if rates.defined:
        for name in TUNED:
            rows += _point_rows(population, points, rates.best(point_metric(name).formula), at_best(name))
        if (share := asked.genuine_share) is not None:
            best = rates.best(point_metric(TUNED[0]).formula)
            here = {"at": at_best(TUNED[0], share), "threshold": best.threshold}
            rows += [
                row(one.name, best.of(one.at_share(share)), **here)
                for one in points
                if one.at_share is not None and OperatingPoint.SHARE in one.points
            ]
    for at, threshold in asked.named.items():
        rows += _point_rows(population, points, rates.at(threshold), at)
    return [*rows, *_asked_rows(population, rates, asked)]


def _asked_rows(population: Population, rates: Rates, asked: Questions) -> list[dict]:
    """Return the rows of the metrics that were asked for besides the standing ones."""
    rows = []
    for one in asked.metrics:
        if isinstance(one, SummaryMetric):
            rows.append(_summary_row(population, rates, one))
        if isinstance(one, PointMetric):
            for at, threshold in asked.named.items():
                rows += _point_rows(population, [one], rates.at(threshold), at)
    return rows


def _summary_row(population: Population, rates: Rates, metric: SummaryMetric) -> dict:
    """Return a number of the whole population."""
    here = {"at": metric.at, "n_comparisons": rates.made.counts.n_genuine + rates.made.counts.n_impostor}
    if not rates.defined:
        missing = "genuine" if rates.counts.n_genuine == 0 else "impostor" if rates.counts.n_impostor == 0 else "scored"
        return population.row(metric.name, None, **here, method=Statement(f"no_{missing}_comparison"))
    found = metric.value(rates)
    method = [*_parameters(metric), *([found.method] if found.method else [])]
    return population.row(metric.name, found.value, **here, threshold=found.threshold, method=method)


def _parameters(metric: Metric) -> list[Statement]:
    """Return what a metric was asked for with, as it stands in the row."""
    return [Statement.of("parameters", parameters=metric.parameter_text)] if metric.parameters else []


def _tar_rows(population: Population, rates: Rates, fmrs: Sequence[float]) -> list[dict]:
    """Return TAR at each standing FMR and those asked for, with the FMR reached there, or why it cannot be resolved."""
    rows = []
    genuine, impostor = rates.made.counts.n_genuine, rates.made.counts.n_impostor
    for fmr in sorted({*FMRS, *fmrs}, reverse=True):
        at = at_fmr(fmr)
        if not rates.defined or not rates.resolvable(fmr):
            expected = {"expected": fmr * impostor, "subjects": population.n_subjects, "least": RESOLVABLE}
            why = Statement.of("too_few_impostors", impostor=impostor, **expected)
            if fmr * impostor >= RESOLVABLE and rates.defined:
                why = Statement.of("tied_at_the_top", impostor=impostor, tied=int(rates.made.matches[1, -1]))
            rows.append(population.row("tar", None, at=at, n_comparisons=genuine, method=why))
            continue
        point = rates.loosest_within(fmr)
        here = {"at": at, "threshold": point.threshold, "n_errors": point.made.false_matches}
        rows.append(population.row("tar", point.recall, n_comparisons=genuine, **here))
        rows.append(population.row("fmr", point.fmr, n_comparisons=impostor, **here))
    return rows


def _point_rows(population: Population, metrics: Sequence[PointMetric], point: Point, at: str) -> list[dict]:
    """Return the numbers at one threshold of those metrics that are measured there."""
    kind = kind_of(at, population.name)
    rows = []
    for one in (one for one in metrics if kind in one.points):
        wrong, right = (sum(part) for part in zip(*(kind(*point.made.counts) for kind in one.decisions), strict=True))
        here = {"at": at, "threshold": point.threshold, "n_comparisons": wrong + right, "n_errors": wrong}
        value = point.of(one.formula)
        unsure = [LOPSIDED] if not isnan(value) and one.lopsided(*point.counts) else []
        method = [*_parameters(one), *unsure]
        rows.append(population.row(one.name, value, **here, method=method))
    return rows
