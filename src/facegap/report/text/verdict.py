"""The verdict: what an evaluation says about each model, in plain sentences that claim no more than was measured."""

from collections.abc import Callable

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.report.text.decided import cohort_sentences, model_sentence
from facegap.report.text.formatting import decimal, interval_text, metric_text, percent, percent_bound, threshold_text
from facegap.report.text.grades import LOOSE_FMR, UNUSABLE, at_least
from facegap.report.text.phrases import listed
from facegap.report.text.summary import Cells, image_sets, metric_cells

_OVER = {"own": "Compared with each other", "common": "Over the images every model could embed"}

Found = list[tuple[str, dict]]
"""Cohorts with the row that was measured there."""


def verdicts(evaluation: Evaluation) -> list[str]:
    """Return one text per model, then one that compares the models where there are several.

    A text says in which cohort the model does best and worst and by how much, what its shipped threshold does where
    it does worst, and where images gave no embedding. Where differences were tested it claims those that are told,
    else it calls them measured, never significant.
    """
    cohorts = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    own = metric_cells(evaluation, "own")
    texts = [_verdict(evaluation, own, model, cohorts) for model in evaluation.models["model"]]
    return [*texts, _comparison(evaluation, cohorts)] if evaluation.several_models else texts


def _verdict(evaluation: Evaluation, cells: Cells, model: str, cohorts: list[str]) -> str:
    sentences = [
        *(cohort_sentences(evaluation, cells, model) or _separation(cells, model, cohorts)),
        *_shipped(cells, model, cohorts),
        *_failures(cells, model, cohorts),
    ]
    return f"{model}: {' '.join(sentences)}"


def _measured(cells: Cells, model: str, cohorts: list[str], metric: str, at: str = "") -> Found:
    rows = [(cohort, cells.get((model, cohort, metric, at))) for cohort in cohorts]
    return [(cohort, row) for cohort, row in rows if row is not None and row["value"] is not None]


def _separation(cells: Cells, model: str, cohorts: list[str]) -> list[str]:
    aucs = _measured(cells, model, cohorts, "auc")
    eers = _measured(cells, model, cohorts, "eer")
    missing = [cohort for cohort in cohorts if cohort not in dict(aucs)]
    sentences = [_spread(aucs, eers)] if aucs else []
    if missing:
        sentences.append(f"AUC is undefined in {listed(missing)}: genuine and impostor comparisons are both needed.")
    return sentences


def _spread(aucs: Found, eers: Found) -> str:
    values = [row["value"] for _, row in aucs]
    if len(aucs) == 1:
        (cohort, auc), eer = aucs[0], dict(eers).get(aucs[0][0])
        return f"AUC is {metric_text(auc)} and EER {metric_text(eer)} in {cohort}."
    if min(values) == 1:
        return (
            "every genuine comparison scores closer than every impostor comparison in each cohort (AUC 1): "
            "these data are too few or too easy to tell the cohorts apart."
        )
    if min(values) == max(values):
        return f"AUC is {decimal(values[0])} in every cohort."
    auc = _range("AUC", aucs, best=max, difference=decimal)
    spread = [row["value"] for _, row in eers]
    if not eers or min(spread) == max(spread):
        return f"{auc}."
    return f"{auc}; {_range('EER', eers, best=min, difference=_points)}."


def _range(name: str, found: Found, *, best: Callable, difference: Callable[[float], str]) -> str:
    worst = min if best is max else max
    (best_in, best_row), (worst_in, worst_row) = (pick(found, key=_value) for pick in (best, worst))
    gap = difference(abs(best_row["value"] - worst_row["value"]))
    return (
        f"measured {name} is best in {best_in} ({metric_text(best_row)}) "
        f"and worst in {worst_in} ({metric_text(worst_row)}), a difference of {gap}"
    )


def _shipped(cells: Cells, model: str, cohorts: list[str]) -> list[str]:
    fmrs = _measured(cells, model, cohorts, "fmr", "shipped")
    fnmrs = _measured(cells, model, cohorts, "fnmr", "shipped")
    if not fmrs and not fnmrs:
        return ["It ships no threshold that could be audited here."]
    threshold = threshold_text((fmrs or fnmrs)[0][1]["threshold"])
    clauses = []
    if fmrs:
        clauses.append(_accepts(fmrs))
    if fnmrs:
        clauses.append(_rejects(fnmrs))
    return [f"Its shipped threshold {threshold} {' and '.join(clauses)}."]


def _accepts(found: Found) -> str:
    """Return what share of impostor comparisons is accepted where most are."""
    grade = {UNUSABLE["fmr"]: "unusable there", LOOSE_FMR: "loose for verification"}
    return _up_to(found, "accepts", "impostor", grade)


def _rejects(found: Found) -> str:
    """Return what share of genuine comparisons is rejected where most are."""
    return _up_to(found, "rejects", "genuine", {UNUSABLE["fnmr"]: "unusable there"})


def _up_to(found: Found, does: str, kind: str, grade: dict[float, str]) -> str:
    cohort, row = max(found, key=_value)
    several = len(found) > 1
    if row["value"] == 0:
        where = "in any cohort" if several else f"in {cohort}"
        bounds = [other["high"] for _, other in found if other["high"] is not None]
        bound = f" (the rate is at most {percent_bound(max(bounds))})" if bounds else ""
        return f"{does} no {kind} comparison {where}{bound}"
    judged = next((words for rate, words in grade.items() if at_least(row, rate)), "")
    if several and not judged and interval_text(row):
        return f"{does} up to {metric_text(row)} of {kind} comparisons (in {cohort})"
    most = "at most " if several and not judged else ""
    return f"{does} {most}{metric_text(row)} of {kind} comparisons in {cohort}{f' ({judged})' if judged else ''}"


def _failures(cells: Cells, model: str, cohorts: list[str]) -> list[str]:
    failed = [(cohort, row) for cohort, row in _measured(cells, model, cohorts, "fta") if row["value"] > 0]
    if not failed:
        return []
    cohort, row = max(failed, key=_value)
    if len(cohorts) == 1:
        return [f"It got no embedding from {percent(row['value'])} of the images."]
    return [f"It got no embedding from up to {percent(row['value'])} of a cohort's images (in {cohort})."]


def _comparison(evaluation: Evaluation, cohorts: list[str]) -> str:
    """Return which model has the highest measured AUC in which cohort, over common images where models failed."""
    images = image_sets(evaluation)[-1]
    cells = metric_cells(evaluation, images)
    models = evaluation.models["model"].to_list()
    leads: dict[str, list[str]] = {}
    for cohort in cohorts:
        rows = [(model, cells.get((model, cohort, "auc", ""))) for model in models]
        known = [(model, row["value"]) for model, row in rows if row is not None and row["value"] is not None]
        if len(known) < 2:
            continue
        top = max(value for _, value in known)
        leaders = [model for model, value in known if value == top]
        leads.setdefault(leaders[0] if len(leaders) == 1 else "", []).append(cohort)
    if tested := model_sentence(evaluation):
        return f"{_OVER[images]}: {tested}"
    clauses = [
        f"{model} has the highest measured AUC in {listed(where)}" if model else f"the models tie in {listed(where)}"
        for model, where in leads.items()
    ]
    return f"{_OVER[images]}: {'; '.join(clauses) or 'no cohort lets the models be compared'}."


def _value(found: tuple[str, dict]) -> float:
    return found[1]["value"]


def _points(difference: float) -> str:
    """Return a difference of two rates in percentage points."""
    return f"{percent(difference).removesuffix(' %')} percentage points"
