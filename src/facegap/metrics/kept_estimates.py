"""Estimates as rows of a table, and back: what two reports need to be compared with each other."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from math import nan
from operator import itemgetter

import numpy as np
import polars as pl

from facegap.data.estimate_table import ESTIMATE_SCHEMA
from facegap.data.manifest import POOLED, Manifest
from facegap.metrics.bounds import Estimates
from facegap.metrics.influence import IfShare
from facegap.metrics.operating_points import parse_at
from facegap.metrics.registry import Metric, PointMetric, metric
from facegap.metrics.scales import scale_named
from facegap.metrics.scored import MeasuredModel, Scored
from facegap.stats import Estimate

FAILURES = ("fta", "")
"""Compared between two reports too: a model that fails on more images has got worse."""

_NAMED_BY_FILE = re.compile(r"^.*\.(?:npz|parquet|pq)(?=#\d+$)", re.IGNORECASE)
"""What stands before the number of a row that has no path of its own: the name of its file."""


CODES = "codes:"
"""Stands before the digest where codes stand for people: they are the same people only where it is the same."""


@dataclass(frozen=True)
class KeptSquare:
    """What pairs of subjects add to the variance of one number: its sum of squares, as `Estimate.pairs` gives it.

    Of two numbers together it is not known: that would take each pair.
    """

    total: float

    def times(self, weight: float) -> "KeptSquare":
        """Return that of the number multiplied."""
        return KeptSquare(weight**2 * self.total)

    def square(self) -> float:
        """Return the sum of squares."""
        return self.total

    def __add__(self, other: "KeptSquare") -> "KeptSquare":
        return KeptSquare(nan)


def kept_estimates(measured: Sequence[MeasuredModel], manifest: Manifest) -> pl.DataFrame:
    """Return the estimates by which models are compared, within each cohort, over each set of images."""
    codes, rows = np.unique(manifest.subject_codes, return_index=True)
    names = dict(zip(codes.tolist(), manifest.frame["subject"][rows], strict=True))
    rows = []
    for one in measured:
        for cohort, part in one.shown().items():
            where = {"model": one.one.spec.name, "images": one.one.images, "cohort": cohort}
            ends = {part.population.probe_cohort, part.population.gallery_cohort}
            used = _used(one.one, manifest, ends)
            rows += [{**where, "used": used, **row} for row in _rows(part.estimates, names)]
    return pl.DataFrame(rows, schema=ESTIMATE_SCHEMA)


def estimates_in(table: pl.DataFrame, codes: dict[str, int], metrics: Iterable[Metric] = ()) -> Estimates:
    """Return the estimates of the rows of one model, cohort and set of images.

    `codes`: a number for each subject's name. `metrics`: those that were asked for besides the standing ones.
    """
    asked = {one.name: one for one in metrics}
    return {
        (row["metric"], row["at"]): _estimate(row, codes, asked.get(row["metric"]) or metric(row["metric"]))
        for row in table.iter_rows(named=True)
    }


def _rows(estimates: Estimates, names: dict[int, str]) -> Iterator[dict]:
    for (name, at), one in estimates.items():
        if not (metric(name).compares(at) or (name, at) == FAILURES) or not (one.scale.name and one.compared.name):
            continue
        square = one.pairs.square() if one.pairs is not None else nan
        yield {
            "metric": name,
            "at": at,
            "value": one.value,
            "bias": one.bias,
            "errors": one.errors,
            "participants": one.participants,
            "square": None if np.isnan(square) else square,
            "scale": one.scale.name,
            "most": one.scale.high,
            "compared": one.compared.name,
            "unclaimed": one.unclaimed,
            "counts": list(one.if_share.counts) if isinstance(one.if_share, IfShare) else None,
            "subject": [names[code] for code in one.subject.tolist()],
            "moved": (one.left_out - one.value).astype(np.float32),
            "own": one.own.astype(np.float32),
            "shared": one.shared.astype(np.float32),
        }


def _estimate(row: dict, codes: dict[str, int], known: Metric) -> Estimate:
    subject = np.array([codes[name] for name in row["subject"]], np.int64)
    order = np.argsort(subject)
    moved, own, shared = (np.array(row[name], np.float64)[order] for name in ("moved", "own", "shared"))
    scale, value = scale_named(row["scale"], row["most"]), row["value"]
    return Estimate(
        value,
        subject[order],
        (value + moved).clip(scale.low, scale.high),
        own,
        shared,
        None if row["square"] is None else KeptSquare(row["square"]),
        row["errors"],
        row["participants"],
        _if_share(row, known),
        row["bias"],
        scale,
        scale_named(row["compared"], row["most"]),
        row["unclaimed"],
    )


def _if_share(row: dict, known: Metric) -> IfShare | None:
    if row["counts"] is None or not isinstance(known, PointMetric):
        return None
    counts, formula = tuple(row["counts"]), known.formula
    if known.at_share is not None:
        share = parse_at(row["at"]).share
        formula = known.at_share(float(share) if share else counts[2] / (counts[2] + counts[3]))
    return IfShare(formula, counts, row["value"])


def _used(one: Scored, manifest: Manifest, cohorts: Set[str]) -> str:
    """Return a sha256 of the subjects and file names of the images that took part, wherever they lay."""
    codes = [code for code, name in enumerate(manifest.cohorts) if name in cohorts]
    inside = one.rows if cohorts == {POOLED} else one.rows & np.isin(manifest.cohort_codes, codes)
    frame = manifest.frame.select("subject", "path").filter(pl.Series(inside))
    if not frame["subject"].is_sorted():  # codes of an anonymous study
        frame = frame.sort("subject")
    digest, between = hashlib.sha256(), ""
    for subject, rows in groupby(frame.iter_rows(), itemgetter(0)):
        for name in sorted(_file_name(path) for _, path in rows):
            digest.update(f"{between}{subject}\0{name}".encode())
            between = "\0"
    return f"{CODES}{digest.hexdigest()}" if manifest.anonymous else digest.hexdigest()


def _file_name(path: str) -> str:
    """Return the name of a file, made without a `Path`: that keeps names in a table of Python that never shrinks."""
    return _NAMED_BY_FILE.sub("", os.path.basename(path))  # noqa: PTH119 (see above)
