"""What moved from one report to another, in words."""

from collections.abc import Sequence

from facegap.data.manifest import POOLED
from facegap.metrics.operating_points import APPLIED, kind_of
from facegap.metrics.registry import metric
from facegap.report.text.formatting import ABSENT, doubt_text, level_text, p_text
from facegap.report.text.language import _, listed, ngettext, paragraph
from facegap.report.text.phrases import amount, end_texts, metric_words, place_words
from facegap.report.text.shown_differences import ranked, significant
from facegap.run.text import N_

COLUMNS = (N_("Model"), N_("Cohort"), N_("Number"), N_("Before"), N_("Now"), N_("Change"), N_("p"), N_("Verdict"))
"""The titles of a line of `change_lines`."""

_PAIRINGS = {
    "images": N_("{place}: the same images in both reports, so the tests are paired."),
    "subjects": N_("{place}: not the same images; what the subjects in both reports do to both is set off."),
    "none": N_("{place}: no subject is known to be in both reports, so the tests are unpaired."),
}
_ONLY = {
    ("new", "model"): N_("Only now there is the model {name}."),
    ("old", "model"): N_("Only before there was the model {name}."),
    ("new", "cohort"): N_("Only now there is the cohort {name}."),
    ("old", "cohort"): N_("Only before there was the cohort {name}."),
}


def moved(rows: Sequence[dict], level: float) -> list[dict]:
    """Return the changes that are significant after Holm, the numbers that matter most first.

    TAR stands back where FNMR at the same FMR is there: the two are one number.
    """
    there = {(row["metric"], row["at"]) for row in rows}
    views = [row for row in rows if (metric(row["metric"]).complement, row["at"]) not in there]
    return [row for row in ranked(views) if significant(row, level)]


def verdict(row: dict) -> str:
    """Return whether a number that moved is better or worse now, or has just moved.

    At a threshold that is the same for all, one error is traded for the other: fewer of one kind are not better.
    """
    better = metric(row["metric"]).higher_is_better
    if better is None or (metric(row["metric"]).act and kind_of(row["at"]) in APPLIED):
        return _("higher") if row["value"] > 0 else _("lower")
    return _("better") if (row["value"] > 0) == better else _("worse")


def change_line(row: dict) -> tuple[str, ...]:
    """Return a change as texts, in the order of `COLUMNS`."""
    now, before = end_texts(row)
    model = row["model_a"]
    if row["model_b"] != model:
        model = _("{model} (before: {other})", model=model, other=row["model_b"])
    p = ABSENT if row["p_holm"] is None else p_text(row["p_holm"]).removeprefix("= ")
    place = place_words(row["cohort_a"])
    return model, place, metric_words(row["metric"], row["at"]), before, now, amount(row), p, verdict(row)


def pairing_lines(rows: Sequence[dict]) -> list[str]:
    """Return how the tests of each cohort were made, cohorts of one kind together."""
    kinds: dict[str, dict[str, None]] = {}
    for row in rows:
        if row["cohort_a"] != POOLED or all(one["cohort_a"] == POOLED for one in rows):
            kinds.setdefault(row["pairing"], {})[place_words(row["cohort_a"])] = None
    return [_(_PAIRINGS[kind], place=listed(list(places))) for kind, places in kinds.items()]


def only_text(side: str, what: str, name: str) -> str:
    """Return that only one of the reports has a model or a cohort."""
    return _(_ONLY[side, what], name=name)


def changes_text(rows: Sequence[dict], level: float) -> str:
    """Return how many numbers moved, and how many could not be tested."""
    there = {(row["metric"], row["at"]) for row in rows}
    views = [row for row in rows if (metric(row["metric"]).complement, row["at"]) not in there]
    shown, untested = len(moved(rows, level)), sum(row["p_holm"] is None for row in views)
    counts = {
        "n": shown,
        "all": len(views),
        "doubt": doubt_text(level),
        "level": level_text(level),
    }
    said = ngettext(
        "{n} of {all} numbers moved ({level} intervals over subjects, p < {doubt} after Holm's adjustment).",
        "{n} of {all} numbers moved ({level} intervals over subjects, p < {doubt} after Holm's adjustment).",
        shown,
        **counts,
    )
    if untested:
        said = paragraph([said, ngettext("{n} could not be tested.", "{n} could not be tested.", untested, n=untested)])
    return said if shown else _("No significant change: {said}", said=said)
