"""The mean over subjects of each subject's own error rate, to which a subject of many images adds no more than others.

A rate over comparisons weighs a subject by its comparisons: by the square of its images in the FNMR. Where the two
differ, a few subjects with many images are better or worse off than the rest.
"""

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from facegap.data.finding import Finding, FindingCode
from facegap.data.statement import Statement
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import RESOLVABLE

SUFFIX = "_per_subject"

MEAN = "mean_over_subjects"
"""How such a number is made; it has no interval."""

FACTOR = 1.5
"""A rate and its mean over subjects are said to differ if the one is more than so many times the other."""


def per_subject_rows(
    population_row: Callable[..., dict], subjects: SubjectRates, rows: Sequence[dict], named: Collection[str]
) -> Iterator[dict]:
    """Yield a row `fnmr_per_subject` or `fmr_per_subject` for every rate of one population that has one.

    These are the FMR and the FNMR at the thresholds in `named`, and the FNMR at each FMR at which there is a TAR among
    `rows`. `value` is the mean over all subjects with such a comparison, an impostor comparison counting for both of
    its subjects. `n_comparisons` and `n_errors` are those of the rate over comparisons.
    """
    for row in rows:
        metric = "fnmr" if row["metric"] == "tar" else row["metric"]
        wanted = row["metric"] == "tar" or (metric in ("fmr", "fnmr") and row["at"] in named)
        if not wanted or row["value"] is None:
            continue
        similarity = subjects.similarity(row["threshold"])
        if not subjects.counts.knows(similarity):
            continue
        (genuine, impostor), (true, false) = subjects.totals, subjects.accepted(similarity)
        made, wrong, sides = (genuine, genuine - true, 1) if metric == "fnmr" else (impostor, false, 2)
        some, point = made > 0, subjects.rates.made.at(row["threshold"])
        n, errors = (point.genuine, point.false_non_matches) if sides == 1 else (point.impostor, point.false_matches)
        yield population_row(
            metric + SUFFIX,
            float(np.mean(wrong[some] / made[some])),
            at=row["at"],
            threshold=row["threshold"],
            n_comparisons=n,
            n_errors=errors,
            method=Statement.of(MEAN, subjects=int(some.sum())),
        )


def per_subject_findings(model: str, cohort: str, rows: Sequence[dict]) -> Iterator[Finding]:
    """Yield a finding for each of FNMR and FMR that is another where each subject counts once, among a cohort's rows.

    It names the threshold at which they differ most, and counts the others. Rates of fewer than ten errors are left
    out: with so few the mean over subjects says who had one.
    """
    known = {(row["metric"], row["at"]): row["value"] for row in rows}
    for metric in ("fnmr", "fmr"):
        found = []
        for row in rows:
            if row["metric"] == metric + SUFFIX and row["n_errors"] >= RESOLVABLE:
                rate, mean = known.get((metric, row["at"])), row["value"]
                rate = 1 - known["tar", row["at"]] if rate is None else rate
                factor = max(rate / mean, mean / rate)
                if factor > FACTOR:
                    found.append((factor, row["at"], rate, mean))
        if found:
            _, at, rate, mean = max(found)
            yield Finding.of(
                FindingCode.PER_SUBJECT,
                model=model, cohort=cohort, metric=metric, at=at, rate=rate, mean=mean, more=len(found) - 1,
            )  # fmt: skip
