"""How many subjects it takes to find what is left of a gap once the images of two cohorts are made alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import polars as pl
from scipy import special

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.jobs.plan.pilot import LEAST_SUBJECTS
from facegap.jobs.plan.planning import errors_apart
from facegap.jobs.plan.questions import Gap, Request, Resolve


@dataclass(frozen=True)
class Standardised:
    """What one gap takes, for a model and a cohort beside its reference.

    `measures`: what their images are made alike in. `left`, `low`, `high`: what the report shows of the gap after that,
    with its interval. `times`: by how many times the subjects must grow. `now`, `subjects`: of the cohort and the
    reference, in the report and as they are needed. `reason`: why nothing can be planned, or "".
    """

    question: Gap
    model: str
    cohort: str
    reference: str
    measures: tuple[str, ...]
    now: tuple[int, int]
    reason: str = ""
    left: float | None = None
    low: float | None = None
    high: float | None = None
    times: float | None = None
    subjects: tuple[int, int] | None = None


def standardised(report: Evaluation, request: Request) -> list[Standardised]:
    """Work out how many subjects find each gap after standardisation, from a report made with `--explain`.

    The standard error of what is left is read off its interval, and falls with the square root of the number of
    subjects: more of the same people, with as many images of each, whose images overlap as much as those of the report.

    Raises:
        InputError: the report does not take gaps apart, or not the one that is asked for.
    """
    gaps = report.explanation.gaps
    if gaps.is_empty():
        raise InputError(
            "{report} does not say what its gaps go with: make it with facegap evaluate --explain, on two cohorts",
            report=report.name,
        )
    return [found for question in request.questions for found in _of_question(report, question, request)]


def standardised_frame(found: Sequence[Standardised]) -> pl.DataFrame:
    """Return plans as a table, a row for each."""
    rows = [
        {
            "question": str(one.question),
            **{name: getattr(one, name) for name in ("model", "cohort", "reference")},
            "measures": " ".join(one.measures),
            "subjects": one.subjects and one.subjects[0],
            "reference_subjects": one.subjects and one.subjects[1],
            **{name: getattr(one, name) for name in ("times", "left", "low", "high", "reason")},
        }
        for one in found
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _of_question(report: Evaluation, question: Gap | Resolve, request: Request) -> Iterator[Standardised]:
    if isinstance(question, Resolve) or question.between == "models":
        raise InputError("--standardised plans for gaps between cohorts: ask for one, e.g. --gap auc=0.02")
    rows = report.explanation.gaps.filter(**_place(question))
    if rows.is_empty():
        known = report.explanation.gaps.filter(metric="tar")["at"].unique(maintain_order=True)
        raise InputError(
            "{report} does not take apart a {gap}: ask for one of {known}",
            report=report.name,
            gap=question.said,
            known=", ".join(["auc", *(f"tar@{at}" for at in known)]),
        )
    subjects = dict(report.cohorts.select("cohort", "subjects").iter_rows())
    level = float(report.provenance.get("level", "0.95"))
    # All measures together come first.
    for row in rows.unique(["model", "cohort", "reference"], keep="first", maintain_order=True).iter_rows(named=True):
        now = subjects[row["cohort"]], subjects[row["reference"]]
        key = question, row["model"], row["cohort"], row["reference"], tuple(row["measures"]), now
        if row["reason"]:
            yield Standardised(*key, row["reason"])
            continue
        left, low, high = row["rest"], row["rest_low"], row["rest_high"]
        se = (high - low) / 2 / float(special.ndtri((1 + level) / 2))
        apart = errors_apart(request.power, float(special.ndtri((1 + request.level) / 2)), float("inf"))
        times = (apart * se / question.size) ** 2
        needed = (max(ceil(times * now[0]), LEAST_SUBJECTS), max(ceil(times * now[1]), LEAST_SUBJECTS))
        yield Standardised(*key, "", left, low, high, times, needed)


def _place(question: Gap) -> dict[str, str]:
    """Return where the gap stands in the tables; a gap in FNMR at an FMR is that in TAR."""
    if question.fmr is None:
        return {"metric": question.metric, "at": ""}
    return {"metric": "tar", "at": f"fmr={question.fmr:g}"}
