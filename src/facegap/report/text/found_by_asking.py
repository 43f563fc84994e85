"""The sentences of findings on comparisons that were drawn or weighed, and on what a black box was asked for."""

from facegap.data.finding import FindingCode as Code
from facegap.report.text.language import _
from facegap.report.text.sentences import Sentence, Values


def _drawn(values: Values) -> str:
    counts = ("drawn", "of", "genuine", "of_genuine", "impostor", "of_impostor")
    numbers = {name: format(values[name], ",") for name in counts}
    numbers |= {name: format(values[name], ",.3g") for name in ("least", "most")}
    return _(
        "{drawn} of {of} comparisons were drawn: {genuine} of {of_genuine} genuine and {impostor} of {of_impostor} "
        "impostor ones. Each cohort, and each two cohorts, have their part; within it all comparisons of a kind have "
        "the same chance, at equal steps through the subjects. In rates each counts {least} to {most} times, the "
        "inverse of its chance; intervals stand on subjects",
        **numbers,
    )


def _unanswered(values: Values) -> str:
    counts = ("missing", "comparisons", "unscored", "failed", "tries", "unread")
    numbers = {name: format(values[name], ",") for name in counts}
    return _(
        "{model}: {missing} of {comparisons} comparisons have no score, and count as failed: {unscored} got none, "
        "{failed} failed after {tries} tries each and are asked again next time, {unread} have an image that cannot be "
        "read",
        **numbers,
        model=values["model"],
    )


def _alike(_values: Values) -> str:
    return _(
        "In all rates every subject counts the same among the genuine comparisons, and every pair of subjects among "
        "the impostor comparisons, however many comparisons they have (--weigh subjects)"
    )


FOUND_BY_ASKING: dict[Code, Sentence] = {
    Code.DRAWN_COMPARISONS: _drawn,
    Code.SUBJECTS_ALIKE: _alike,
    Code.UNANSWERED: _unanswered,
}
"""By code."""
