"""What a report says of one score: how often two different people would have it, and which threshold to use."""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import polars as pl
import scipy  # loads its parts when they are used

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.errors import InputError, Phrase
from facegap.jobs.calibrate.use import Use
from facegap.metrics.rates import RESOLVABLE
from facegap.report.text.grades import unusable
from facegap.run.text import one_after_another


@dataclass(frozen=True)
class FalseMatch:
    """How often two different people of a cohort score at least as alike as this.

    `fmr` with its interval; `low` and `high` are None where the report has no intervals. Where the rate is too low to
    be resolved `fmr` is None and `below` is the lowest rate that could be; `high` still holds.
    """

    fmr: float | None
    low: float | None
    high: float | None
    below: float | None = None


@dataclass(frozen=True)
class ThresholdRate:
    """An error rate of a cohort at the threshold in use.

    `metric`: `fmr` or `fnmr`. `low` and `high` are None where the report has no intervals. `unusable`: the report
    calls a threshold with such a rate unusable.
    """

    metric: str
    value: float
    low: float | None
    high: float | None
    unusable: bool

    @classmethod
    def of(cls, row: dict) -> "ThresholdRate":
        """Return the rate of a row of `Evaluation.metrics`."""
        return cls(row["metric"], row["value"], row["low"], row["high"], unusable(row))


@dataclass(frozen=True)
class Evidence:
    """The error curve of one model on one cohort of a report.

    `model`: its name there. `points`: threshold, FMR and FNMR, loosest first. `bands`: the report's intervals of the
    FMR at some thresholds. `shipped`: its rows of FMR and FNMR at the shipped threshold. `impostor`, `subjects`: what
    is behind the curve. `level`: confidence of the intervals.
    """

    model: str
    cohort: str
    comparator: Comparator
    points: pl.DataFrame
    bands: pl.DataFrame
    shipped: tuple[dict, ...]
    impostor: int
    subjects: int
    level: float

    @classmethod
    def of(cls, evaluation: Evaluation, use: Use, cohort: str | None = None) -> "Evidence":
        """Find a model in a report by its use, and a cohort by its name (by default all together).

        Raises:
            InputError: the report is on another model, used it otherwise, or says nothing of this cohort.
        """
        model = _model(evaluation, use)
        cohorts = evaluation.populations
        if cohort is not None and cohort not in cohorts:
            raise InputError(
                "the report has no cohort {cohort!r}; there are: {cohorts}", cohort=cohort, cohorts=", ".join(cohorts)
            )
        cohort = cohorts[-1] if cohort is None else cohort
        points = evaluation.error_curve(model=model, cohort=cohort)
        if points.is_empty():
            raise InputError(
                "the report has no error curve of {model} on {cohort}: it lacks comparisons there",
                model=model,
                cohort=cohort,
            )
        probe, gallery = evaluation.ends(cohort)
        cell = {"model": model, "images": "own", "probe_cohort": probe, "gallery_cohort": gallery}
        bands = evaluation.bands.filter(curve="fmr", **cell).filter((pl.col("low") > 0) & (pl.col("high") < 1))
        shipped = partial(evaluation.row, model=model, cohort=cohort, at="shipped")
        impostor = evaluation.row("impostor", model=model, cohort=cohort)
        assert impostor is not None  # a cohort with a curve has comparisons
        return cls(
            model=model,
            cohort=cohort,
            comparator=use.comparator,
            points=points,
            bands=bands,
            shipped=tuple(row for row in map(shipped, ("fmr", "fnmr")) if row is not None and row["value"] is not None),
            impostor=int(impostor["value"]),
            subjects=impostor["n_subjects"],
            level=float(evaluation.provenance.get("level", "0.95")),
        )

    def threshold(self, fmr: float) -> float:
        """Return the loosest threshold of the curve whose FMR does not exceed `fmr`.

        Raises:
            InputError: so low a rate cannot be resolved.
        """
        if fmr * self.impostor < RESOLVABLE:
            raise InputError(
                "FMR {fmr:g} is not resolvable with {subjects} subjects of {cohort}: ask for {lowest:.1g} or more, "
                "or for a report on more subjects",
                fmr=fmr,
                subjects=self.subjects,
                cohort=self.cohort,
                lowest=self.lowest,
            )
        return self.points.filter(pl.col("fmr") <= fmr)["threshold"][0]

    def rates(self, threshold: float) -> tuple[ThresholdRate, ...]:
        """Return what is known of a threshold: FMR and FNMR of the shipped one, the FMR of any other.

        A threshold that is chosen for its FMR is paid for in FNMR, which is not judged. Empty where the FMR is too
        low to be resolved.
        """
        if rows := [row for row in self.shipped if row["threshold"] == threshold]:
            return tuple(map(ThresholdRate.of, rows))
        found = self.false_match(threshold)
        if found.fmr is None:
            return ()
        return (ThresholdRate.of({"metric": "fmr", "value": found.fmr, "low": found.low, "high": found.high}),)

    @property
    def lowest(self) -> float:
        """The lowest FMR that the comparisons resolve."""
        return RESOLVABLE / self.impostor

    def false_match(self, score: float) -> FalseMatch:
        """Return how often two different people score at least as alike.

        The rate is that of the nearest looser threshold of the curve. Its interval lies as far from it, in log odds, as
        the report's own intervals on either side do from theirs. The rate falls as scores get closer, and so do its
        bounds; a score beyond what can be resolved has at most the upper bound at the edge.
        """
        rates, similarity = self.points["fmr"].to_numpy(), self._similarity(self.points)
        at = max(int(np.searchsorted(similarity, self.comparator.sign * score, side="right")) - 1, 0)
        if rates[at] >= self.lowest:
            return FalseMatch(float(rates[at]), *self._interval(at))
        edge = int(np.flatnonzero(rates >= self.lowest)[-1]) if rates[0] >= self.lowest else None
        return FalseMatch(None, None, None if edge is None else self._interval(edge)[1], below=self.lowest)

    def _interval(self, at: int) -> tuple[float | None, float | None]:
        """Return the interval of the FMR at one of the points."""
        if self.bands.is_empty():
            return None, None
        low, high = self._bounds
        return float(low[at]), float(high[at])

    @cached_property
    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """The bounds of the FMR at every point, in order along the curve as those of the report's bands are."""
        bands = self.bands.sort(self.comparator.sign * pl.col("x"))
        known = self.comparator.sign * bands["x"].to_numpy()
        odds, rates = scipy.special.logit(bands["value"].to_numpy()), scipy.special.logit(self.points["fmr"].to_numpy())
        similarity = self._similarity(self.points)

        def along(end: str) -> np.ndarray:
            return scipy.special.expit(
                rates + np.interp(similarity, known, scipy.special.logit(bands[end].to_numpy()) - odds)
            )

        return np.maximum.accumulate(along("low")[::-1])[::-1], np.minimum.accumulate(along("high"))

    def _similarity(self, points: pl.DataFrame) -> np.ndarray:
        return self.comparator.sign * points["threshold"].to_numpy()


def _model(evaluation: Evaluation, use: Use) -> str:
    """Return the name under which a report knows a model."""
    differing = {known.model: known.difference(use) for known in Use.known(evaluation)}
    for model, difference in differing.items():
        if difference is None:
            return model
    listed = one_after_another(
        Phrase("{model} has {difference}", model=model, difference=difference)
        for model, difference in differing.items()
        if difference
    )
    raise InputError(
        "the report is not on {model} as it is used here: {differences}; evaluate this model first",
        model=use.model,
        differences=listed,
    )
