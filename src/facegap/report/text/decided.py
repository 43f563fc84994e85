"""Sentences that rest on tests: where a model is worse, which model is better, and what is not significant."""

from itertools import groupby

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.metrics.registry import metric
from facegap.report.text.formatting import doubt_text, level_text, metric_text
from facegap.report.text.language import _, in_one_sentence, listed, ngettext, paragraph
from facegap.report.text.phrases import amount, as_often, metric_words, numbers, place_words, sentence, size_text
from facegap.report.text.shown_differences import compared, in_order, kinds_of, level_of, ranked, significant
from facegap.report.text.summary import Cells, image_sets

_AUC = ("auc", "")
_NOTED = 3
"""Cohorts whose numbers a sentence gives."""

FINE = (("fnmr", "fmr=0.001"), ("fnmr", "fmr=0.01"))
"""Where models are compared besides AUC, the first that was measured."""


def cohort_sentences(evaluation: Evaluation, cells: Cells, model: str) -> list[str]:
    """Return where a model is worse than elsewhere, or that this is not significant; empty where nothing was compared.

    What it does at a threshold comes first. Where every AUC is too near 1 to be compared, none is named.
    """
    level = level_of(evaluation)
    rows = [row for row in _within(evaluation, "cohorts", "own") if row["model_a"] == model]
    aucs = [row for row in rows if (row["metric"], row["at"]) == _AUC]
    if not aucs:
        return []
    sure = [row for row in aucs if significant(row, level)]
    shipped = [row for row in ranked(rows) if significant(row, level) and row["at"] == "shipped"]
    fine = [row for row in rows if (row["metric"], row["at"]) == _finest(rows) and significant(row, level)]
    worse = [max(part, key=_size) for part in (_of("fmr", shipped), fine) if part]
    if sure:
        worse.append(max(sure, key=lambda row: abs(row["value"])))
    said = [_worse(in_order(row), first=row is worse[0]) for row in worse]
    if not sure and (any(row["p_holm"] is not None for row in aucs) or not _finest(rows)):
        said.append(_not_significant(aucs, cells, model, first=not said))
    elif not sure and not fine:
        these = [row for row in rows if (row["metric"], row["at"]) == _finest(rows)]
        said.append(_not_significant(these, cells, model, first=not said))
    return said


def _worse(row: dict, *, first: bool) -> str:
    """Return where a model is worse, as a sentence; the `first` one goes on from the model's name and a colon."""
    if row["scale"] == "ratio":
        if first:
            return _("{act} {amount} as often on {worse} as on {better} {at}, {p}.", **as_often(row))
        return _("It {act} {amount} as often on {worse} as on {better} {at}, {p}.", **as_often(row))
    worse, better = (place_words(row[f"cohort_{side}"]) for side in "ab")
    if first:
        return _("worse on {worse} than on {better}: {numbers}.", worse=worse, better=better, numbers=numbers(row))
    return _("It is worse on {worse} than on {better}: {numbers}.", worse=worse, better=better, numbers=numbers(row))


def model_sentence(evaluation: Evaluation) -> str:
    """Return which model is better than which and where, or that it is not significant; "" where none were compared."""
    rows = compared(evaluation, "models", image_sets(evaluation)[-1])
    level = level_of(evaluation)
    pairs = groupby(sorted(rows, key=_pair), key=_pair)
    return paragraph([text for _pair_of, those in pairs for text in _about_pair(list(those), level)])


def difference_lines(evaluation: Evaluation, said: str, most: int) -> list[str]:
    """Return the significant differences beyond what was said, up to `most`, and how many more there are.

    A rate is named at one threshold only. Measures that move with the share of genuine comparisons are left out
    between cohorts. The first line says how the numbers are to be read; there is none without differences.
    """
    level = level_of(evaluation)
    rows = [row for kind, images in kinds_of(evaluation) for row in _within(evaluation, kind, images)]
    if not rows:
        return []
    fair = [row for row in rows if row["kind"] == "models" or not metric(row["metric"]).of_prevalence]
    sure = [row for row in fair if significant(row, level)]
    fresh = [row for row in sure if amount(in_order(row)) not in said]
    order = {"cohorts": 0, "models": 1, "gaps": 2}
    each = {_ends(row): row for row in reversed(ranked(fresh))}
    first = sorted(ranked(list(each.values())), key=lambda row: order[row["kind"]])[:most]
    lines = [f"- {sentence(row, level)}" for row in first]
    more, others = len(fresh) - len(first), len(fair) - len(sure)
    head = _(
        "In brackets {level} intervals over subjects; a difference is claimed where p < {doubt} after Holm's "
        "adjustment.",
        level=level_text(level),
        doubt=doubt_text(level),
    )
    counts = {"more": more, "others": others, "all": len(fair)}
    rest = (
        ngettext(
            "{more} more difference is significant, and {others} of {all} differences are not significant: see "
            "the report.",
            "{more} more differences are significant, and {others} of {all} differences are not significant: "
            "see the report.",
            more,
            **counts,
        )
        if more > 0
        else _("{others} of {all} differences are not significant: see the report.", **counts)
    )
    return [f"\n{head}", *([_("Besides:")] if lines else []), *lines, rest]


def _within(evaluation: Evaluation, kind: str, images: str) -> list[dict]:
    """Return the comparisons of one kind, those over all cohorts together left out where there are cohorts."""
    return [row for row in compared(evaluation, kind, images) if POOLED not in (row["cohort_a"], row["cohort_b"])]


def _not_significant(rows: list[dict], cells: Cells, model: str, *, first: bool) -> str:
    """Return that no two cohorts differ significantly in one number, and what difference could be detected."""
    metric, at = rows[0]["metric"], rows[0]["at"]
    seen = {row[f"cohort_{side}"]: row[f"value_{side}"] for row in rows for side in "ab"}
    if metric == "auc" and all(value == 1 for value in seen.values()):
        return perfect(first=first)
    if len(set(seen.values())) == 1:
        return _("{metric} is the same in every cohort.", metric=metric_words(metric, at))
    low_in, high_in = (pick(seen, key=lambda cohort: seen[cohort] or 0) for pick in (min, max))
    low, high = (_measured(cells, model, cohort, metric, at, seen[cohort]) for cohort in (low_in, high_in))
    ends = _("{low} on {low_in} to {high} on {high_in}", low=low, low_in=low_in, high=high, high_in=high_in)
    named = {"metric": metric_words(metric, at), "ends": ends}
    found = [row for row in rows if row["detectable"] is not None]
    if not found:
        if first:
            return _("no significant difference between cohorts in {metric} ({ends}).", **named)
        return _("No significant difference between cohorts in {metric} ({ends}).", **named)
    size = size_text(max(found, key=lambda row: row["detectable"]))
    if first:
        return _(
            "no significant difference between cohorts in {metric} ({ends}); the minimum detectable difference is "
            "{size} (80 % power).",
            **named,
            size=size,
        )
    return _(
        "No significant difference between cohorts in {metric} ({ends}); the minimum detectable difference is {size} "
        "(80 % power).",
        **named,
        size=size,
    )


def perfect(*, first: bool) -> str:
    """Return that every AUC is 1, which says little; the `first` sentence goes on from a name and a colon."""
    if first:
        return _(
            "every genuine comparison scores closer than every impostor comparison in each cohort (AUC 1): these data "
            "are too few or too easy to tell the cohorts apart."
        )
    return _(
        "Every genuine comparison scores closer than every impostor comparison in each cohort (AUC 1): these data are "
        "too few or too easy to tell the cohorts apart."
    )


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
    sure = [in_order(row) for row in these if significant(row, level)]
    clauses = []
    for winner in dict.fromkeys(row["model_a"] for row in sure):
        won = [row for row in sure if row["model_a"] == winner]
        places = [
            _("{place} ({numbers})", place=place_words(row["cohort_a"]), numbers=numbers(row)) for row in won[:_NOTED]
        ]
        places += [row["cohort_a"] for row in won[_NOTED:]]
        better = _("{model} is better than {other} on {places}", model=winner, other=won[0]["model_b"],
                   places=listed(places))  # fmt: skip
        clauses.append(better)
    if unsure := [place_words(row["cohort_a"]) for row in these if not significant(row, level)]:
        named = {"metric": metric_words(these[0]["metric"], these[0]["at"]), "places": listed(unsure)}
        if not clauses:
            models = {"model": these[0]["model_a"], "other": these[0]["model_b"]}
            return _(
                "No significant difference in {metric} between {model} and {other} on {places}.", **named, **models
            )
        clauses.append(_("no significant difference in {metric} on {places}", **named))
    return in_one_sentence(clauses) if clauses else ""


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
