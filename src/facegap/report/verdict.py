"""The verdict: what an evaluation says about each model, in plain sentences that claim no more than was measured."""

from collections.abc import Callable

from facegap.evaluation import Evaluation
from facegap.manifest import POOLED
from facegap.report.formatting import decimal, metric_text, percent, threshold_text
from facegap.report.summary import Cells, image_sets, metric_cells

UNUSABLE_FMR = 0.1
LOOSE_FMR = 0.01
UNUSABLE_FNMR = 0.5

Found = list[tuple[str, dict]]
"""Cohorts with the row that was measured there."""


def verdicts(evaluation: Evaluation) -> list[str]:
    """Return one text per model, then one that compares the models where there are several.

    A text says in which cohort the model does best and worst and by how much, what its shipped threshold does where
    it does worst, and where images gave no embedding. Differences are called measured, never significant.
    """
    cohorts = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    own = metric_cells(evaluation, "own")
    texts = [_verdict(own, model, cohorts) for model in evaluation.models["model"]]
    return [*texts, _comparison(evaluation, cohorts)] if evaluation.several_models else texts


def _verdict(cells: Cells, model: str, cohorts: list[str]) -> str:
    sentences = [
        *_separation(cells, model, cohorts),
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
        sentences.append(f"AUC is undefined in {_listed(missing)}: genuine and impostor comparisons are both needed.")
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
        cohort, row = max(fmrs, key=_value)
        clauses.append(_accepts(row, cohort, several=len(cohorts) > 1))
    if fnmrs:
        cohort, row = max(fnmrs, key=_value)
        clauses.append(_rejects(row, cohort, several=len(cohorts) > 1))
    return [f"Its shipped threshold {threshold} {' and '.join(clauses)}."]


def _accepts(row: dict, cohort: str, *, several: bool) -> str:
    fmr = row["value"]
    if fmr == 0:
        return f"accepts no impostor comparison {'in any cohort' if several else f'in {cohort}'}"
    judged = "unusable there" if fmr >= UNUSABLE_FMR else "loose for verification" if fmr >= LOOSE_FMR else ""
    bound = "at most " if several and not judged else ""
    return f"accepts {bound}{percent(fmr)} of impostor comparisons in {cohort}{f' ({judged})' if judged else ''}"


def _rejects(row: dict, cohort: str, *, several: bool) -> str:
    fnmr = row["value"]
    if fnmr == 0:
        return f"rejects no genuine comparison {'in any cohort' if several else f'in {cohort}'}"
    judged = fnmr >= UNUSABLE_FNMR
    bound = "at most " if several and not judged else ""
    return f"rejects {bound}{percent(fnmr)} of genuine comparisons in {cohort}{' (unusable there)' if judged else ''}"


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
    over = "Over the images every model could embed" if images == "common" else "Compared with each other"
    clauses = [
        f"{model} has the highest measured AUC in {_listed(where)}" if model else f"the models tie in {_listed(where)}"
        for model, where in leads.items()
    ]
    return f"{over}: {'; '.join(clauses) or 'no cohort lets the models be compared'}."


def _value(found: tuple[str, dict]) -> float:
    return found[1]["value"]


def _points(difference: float) -> str:
    """Return a difference of two rates in percentage points."""
    return f"{percent(difference).removesuffix(' %')} percentage points"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
