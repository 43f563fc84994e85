"""Sentences that rest on tests: where a model is worse, which model is better, and what cannot be told."""

from itertools import groupby

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.metrics.registry import metric
from facegap.report.text.formatting import metric_text
from facegap.report.text.phrases import (
    amount,
    capital,
    listed,
    metric_words,
    numbers,
    place_words,
    sentence,
    would_have_found,
)
from facegap.report.text.shown_differences import compared, in_order, kinds_of, level_of, ranked, told
from facegap.report.text.summary import Cells, image_sets

_AUC = ("auc", "")
_NOTED = 3
"""Cohorts whose numbers a sentence gives."""

FINE = (("fnmr", "fmr=0.001"), ("fnmr", "fmr=0.01"))
"""Where models are compared besides AUC, the first that was measured."""


def cohort_sentences(evaluation: Evaluation, cells: Cells, model: str) -> list[str]:
    """Return where a model is worse than elsewhere, or that it cannot be told; empty where nothing was compared.

    What it does at a threshold comes first. Where every AUC is too near 1 to be compared, none is named.
    """
    level = level_of(evaluation)
    rows = [row for row in _within(evaluation, "cohorts", "own") if row["model_a"] == model]
    aucs = [row for row in rows if (row["metric"], row["at"]) == _AUC]
    if not aucs:
        return []
    sure = [row for row in aucs if told(row, level)]
    shipped = [row for row in ranked(rows) if told(row, level) and row["at"] == "shipped"]
    fine = [row for row in rows if (row["metric"], row["at"]) == _finest(rows) and told(row, level)]
    chosen = [max(part, key=_size) for part in (_of("fmr", shipped), fine) if part]
    said = [sentence(row, level).removeprefix(f"{model} ") for row in chosen]
    if sure:
        widest = max(sure, key=lambda row: abs(row["value"]))
        said.append(sentence(widest, level).removeprefix(f"{model} "))
    elif any(row["p_holm"] is not None for row in aucs) or not _finest(rows):
        said.append(_untold(aucs, cells, model))
    elif not fine:
        said.append(_untold([row for row in rows if (row["metric"], row["at"]) == _finest(rows)], cells, model))
    return [f"{said[0].removeprefix('is ')}.", *(_continued(one) for one in said[1:])]


def _continued(said: str) -> str:
    """Return what more is said of a model as a sentence of its own."""
    whole = capital(said) if said.startswith(("no difference", "every genuine", "AUC is", "FNMR at")) else f"It {said}"
    return f"{whole}."


def model_sentence(evaluation: Evaluation) -> str:
    """Return which model is better than which and where, or that it cannot be told; "" where none were compared."""
    rows = compared(evaluation, "models", image_sets(evaluation)[-1])
    level = level_of(evaluation)
    pairs = groupby(sorted(rows, key=_pair), key=_pair)
    return " ".join(text for _, those in pairs for text in _about_pair(list(those), level))


def difference_lines(evaluation: Evaluation, said: str, most: int) -> list[str]:
    """Return the differences that are told beyond what was said, up to `most`, and how many more there are.

    A rate is told at one threshold only. Measures that move with the share of genuine comparisons are left out
    between cohorts. The first line says how the numbers are to be read; there is none without differences.
    """
    level = level_of(evaluation)
    rows = [row for kind, images in kinds_of(evaluation) for row in _within(evaluation, kind, images)]
    if not rows:
        return []
    fair = [row for row in rows if row["kind"] == "models" or not metric(row["metric"]).of_prevalence]
    sure = [row for row in fair if told(row, level)]
    fresh = [row for row in sure if amount(in_order(row)) not in said]
    order = {"cohorts": 0, "models": 1, "gaps": 2}
    each = {_ends(row): row for row in reversed(ranked(fresh))}
    first = sorted(ranked(list(each.values())), key=lambda row: order[row["kind"]])[:most]
    lines = [f"- {sentence(row, level)}" for row in first]
    rest = f"{len(fresh) - len(first)} more differences can be told and " if len(fresh) > len(first) else ""
    return [
        f"\nIn brackets {100 * level:g} % intervals over subjects; a difference is claimed where p < {1 - level:.2g} "
        "after Holm's adjustment.",
        *(["Besides:"] if lines else []),
        *lines,
        f"{rest}{len(fair) - len(sure)} of {len(fair)} cannot be told: see the report.",
    ]


def _within(evaluation: Evaluation, kind: str, images: str) -> list[dict]:
    """Return the comparisons of one kind, those over all cohorts together left out where there are cohorts."""
    return [row for row in compared(evaluation, kind, images) if POOLED not in (row["cohort_a"], row["cohort_b"])]


def _untold(rows: list[dict], cells: Cells, model: str) -> str:
    """Return that the cohorts cannot be told apart by one number, and what could have been seen."""
    metric, at = rows[0]["metric"], rows[0]["at"]
    seen = {row[f"cohort_{side}"]: row[f"value_{side}"] for row in rows for side in "ab"}
    if metric == "auc" and all(value == 1 for value in seen.values()):
        return (
            "every genuine comparison scores closer than every impostor comparison in each cohort (AUC 1): "
            "these data are too few or too easy to tell the cohorts apart"
        )
    if len(set(seen.values())) == 1:
        return f"{metric_words(metric, at)} is the same in every cohort"
    ends = [pick(seen, key=lambda cohort: seen[cohort] or 0) for pick in (min, max)]
    texts = [f"{_measured(cells, model, cohort, metric, at, seen[cohort])} on {cohort}" for cohort in ends]
    found = [row for row in rows if row["detectable"] is not None]
    missed = f"; {would_have_found(max(found, key=lambda row: row['detectable']))}" if found else ""
    return f"no difference between cohorts can be told by {metric_words(metric, at)} ({' to '.join(texts)}){missed}"


def _measured(cells: Cells, model: str, cohort: str, metric: str, at: str, value: float) -> str:
    """Return a number of a cohort with its interval, where the table holds it under this name."""
    row = cells.get((model, cohort, metric, at))
    return metric_text(row or {"metric": metric, "value": value, "low": None, "high": None})


def _about_pair(rows: list[dict], level: float) -> list[str]:
    """Return sentences about two models: by AUC, and by FNMR at the lowest FMR where it could be tested."""
    return [text for place in (_AUC, _finest(rows)) if (text := _by_one_number(rows, place, level))]


def _by_one_number(rows: list[dict], place: tuple[str, str] | None, level: float) -> str:
    tested = [row for row in rows if (row["metric"], row["at"]) == place and row["p_holm"] is not None]
    these = [row for row in tested if row["cohort_a"] != POOLED] or tested
    sure = [in_order(row) for row in these if told(row, level)]
    clauses = []
    for winner in dict.fromkeys(row["model_a"] for row in sure):
        won = [row for row in sure if row["model_a"] == winner]
        places = [f"{place_words(row['cohort_a'])} ({numbers(row)})" for row in won[:_NOTED]]
        places += [row["cohort_a"] for row in won[_NOTED:]]
        clauses.append(f"{winner} is better than {won[0]['model_b']} on {listed(places)}")
    if unsure := [place_words(row["cohort_a"]) for row in these if not told(row, level)]:
        models = f" between {these[0]['model_a']} and {these[0]['model_b']}" if not clauses else ""
        what = metric_words(these[0]["metric"], these[0]["at"])
        clauses.append(f"no difference in {what}{models} can be told on {listed(unsure)}")
    text = "; ".join(clauses)
    return f"{text if sure else capital(text)}." if text else ""


def _finest(rows: list[dict]) -> tuple[str, str] | None:
    tested = {(row["metric"], row["at"]) for row in rows if row["p_holm"] is not None}
    return next((place for place in FINE if place in tested), None)


def _of(metric: str, rows: list[dict]) -> list[dict]:
    return [row for row in rows if row["metric"] == metric]


def _ends(row: dict) -> tuple:
    """Return what is compared by which rate, at whatever threshold."""
    return tuple(row[key] for key in ("kind", "metric", "model_a", "model_b", "cohort_a", "cohort_b"))


def _pair(row: dict) -> tuple[str, str]:
    return row["model_a"], row["model_b"]


def _size(row: dict) -> float:
    return max(row["value"], 1 / row["value"]) if row["scale"] == "ratio" else abs(row["value"])
