"""The rules that the limits of an evaluation stand for."""

from collections.abc import Iterator

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.jobs.check.rules import quoted
from facegap.metrics.operating_points import at_fmr

SHIPPED = "shipped"
RATES = ("fmr", "fnmr")


def limit_rules(evaluation: Evaluation) -> list[str]:
    """Return what each model must keep on each cohort: both limits at its shipped threshold.

    A model that ships none must keep that of FNMR where each cohort's own threshold keeps that of FMR.
    """
    return [
        rule
        for model in evaluation.models["model"]
        for rule in (shipped_rules(evaluation, model) or own_rules(evaluation, model)).values()
    ]


def shipped_rules(evaluation: Evaluation, model: str) -> dict[tuple[str, str], str]:
    """Return the rules of a model at its shipped threshold by cohort and rate; none where none was measured."""
    if evaluation.metrics.filter(model=model, metric="fmr", at=SHIPPED).is_empty():
        return {}
    return {
        (cohort, rate): _rule(rate, SHIPPED, cohort, model, evaluation.limits.of(rate))
        for cohort, rate in held(evaluation, model)
    }


def own_rules(evaluation: Evaluation, model: str) -> dict[tuple[str, str], str]:
    """Return the rules of a model for FNMR where each cohort's own threshold has the limit of FMR."""
    at = at_fmr(evaluation.limits.fmr)
    if evaluation.metrics.filter(model=model, metric="tar", at=at).is_empty():
        return {}
    return {
        (cohort, rate): _rule(rate, at, cohort, model, evaluation.limits.fnmr)
        for cohort, rate in held(evaluation, model)
        if rate == "fnmr"
    }


def held(evaluation: Evaluation, model: str) -> Iterator[tuple[str, str]]:
    """Yield each cohort, and each pair of cohorts that share subjects, with each rate that is held to its limit there.

    Where id photos are compared with selfies, the genuine comparisons lie between the two: within a cohort that has
    none, FNMR is nothing to ask for.
    """
    names = evaluation.populations
    ends = {end for pair in evaluation.across.values() for end in pair}
    for name in [one for one in names if one != POOLED] or names:
        genuine = evaluation.row("genuine", model=model, cohort=name)
        between = name in ends and genuine is not None and not genuine["value"]
        yield from ((name, rate) for rate in RATES if rate == "fmr" or not between)


def _rule(rate: str, at: str, cohort: str, model: str, limit: float) -> str:
    return f"{rate}@{at}[{quoted(cohort)}, {quoted(model)}] <= {limit!r}"
