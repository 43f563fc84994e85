"""Whether a study can be answered: asked before any image is embedded."""

from facegap.data.across import sharing
from facegap.data.cohort_names import written
from facegap.data.evaluation import populations
from facegap.data.source import GivenScores, Source
from facegap.datasets.cohorts import check_number
from facegap.errors import InputError
from facegap.jobs.doubts import check_genuine
from facegap.jobs.study import Study
from facegap.jobs.weighing import check_weighing
from facegap.metrics.registry import parse_metrics

LEAST_LEVEL = 0.7
"""Confidence below which an interval is narrower than the bias that may be taken off, and need not hold its value."""

MOST_LEVEL = 0.9999
"""Confidence beyond which an interval stands on tails that no study shows."""


def thresholds_on(source: Source) -> tuple[str, ...]:
    """Return what a threshold can be chosen on: cohorts, pairs of them that share subjects, and all together."""
    manifest = source.manifest
    across = sharing(manifest.subject_codes, manifest.cohort_codes, manifest.cohorts)
    return (*populations(manifest.cohorts), *across)


def refuse_input(study: Study, source: Source) -> None:
    """Refuse images that were just read: more cohorts than anybody meant, or what cannot be answered of them.

    Raises:
        InputError: with what to do.
    """
    if not study.many_cohorts:
        check_number(source.manifest.cohorts, study.cohort_by)
    refuse(study, source)


def refuse(study: Study, source: Source) -> None:
    """Refuse what cannot be answered before any image is embedded."""
    check_genuine(source)
    check_weighing(study, source)
    known = thresholds_on(source)
    parse_metrics(study.metrics)
    if not LEAST_LEVEL <= study.level <= MOST_LEVEL:
        raise InputError(
            "level {level!r} is none: give a confidence from {least_level:g} to {most_level:g}, e.g. 0.95",
            level=study.level,
            least_level=LEAST_LEVEL,
            most_level=MOST_LEVEL,
        )
    if study.explain and isinstance(source, GivenScores):
        raise InputError("scores alone cannot be explained: leave --explain out, or give the images or embeddings")
    for fmr in study.fmrs:
        if not 0 < fmr < 1:
            raise InputError("FMR {fmr:g} is none to measure at: give a rate between 0 and 1, e.g. 1e-4", fmr=fmr)
    for wanted in study.threshold_from:
        if not 0 < wanted.fmr < 1:
            raise InputError("a threshold cannot be chosen at FMR {fmr:g}: give a rate between 0 and 1", fmr=wanted.fmr)
        if written(wanted.cohort, known) not in known:
            raise InputError(
                "there is no cohort {cohort!r} to choose a threshold on; there are: {known}",
                cohort=wanted.cohort,
                known=", ".join(known),
            )
