"""The verdict: what an evaluation says about each model, in plain sentences that claim no more than was measured."""

from collections.abc import Callable
from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.report.text.decided import cohort_sentences, model_sentence, perfect
from facegap.report.text.formatting import decimal, interval_text, metric_text, percent, percent_bound, threshold_text
from facegap.report.text.grades import LOOSE_FMR, UNUSABLE, at_least
from facegap.report.text.language import _, in_one_sentence, listed, paragraph, said_of
from facegap.report.text.summary import Cells, image_sets, metric_cells
from facegap.run.text import N_

_SHIPPED = {
    ("fmr", "none"): N_("accepts no impostor comparison in any cohort"),
    ("fmr", "none, bounded"): N_("accepts no impostor comparison in any cohort (the rate is at most {bound})"),
    ("fmr", "none in one"): N_("accepts no impostor comparison in {cohort}"),
    ("fmr", "none in one, bounded"): N_("accepts no impostor comparison in {cohort} (the rate is at most {bound})"),
    ("fmr", "up to"): N_("accepts up to {rate} of impostor comparisons (in {cohort})"),
    ("fmr", "at most"): N_("accepts at most {rate} of impostor comparisons in {cohort}"),
    ("fmr", "in one"): N_("accepts {rate} of impostor comparisons in {cohort}"),
    ("fmr", "loose"): N_("accepts {rate} of impostor comparisons in {cohort} (loose for verification)"),
    ("fmr", "unusable"): N_("accepts {rate} of impostor comparisons in {cohort} (unusable there)"),
    ("fnmr", "none"): N_("rejects no genuine comparison in any cohort"),
    ("fnmr", "none, bounded"): N_("rejects no genuine comparison in any cohort (the rate is at most {bound})"),
    ("fnmr", "none in one"): N_("rejects no genuine comparison in {cohort}"),
    ("fnmr", "none in one, bounded"): N_("rejects no genuine comparison in {cohort} (the rate is at most {bound})"),
    ("fnmr", "up to"): N_("rejects up to {rate} of genuine comparisons (in {cohort})"),
    ("fnmr", "at most"): N_("rejects at most {rate} of genuine comparisons in {cohort}"),
    ("fnmr", "in one"): N_("rejects {rate} of genuine comparisons in {cohort}"),
    ("fnmr", "unusable"): N_("rejects {rate} of genuine comparisons in {cohort} (unusable there)"),
}
"""What a shipped threshold does wrong where it does it most, by the rate and what is known of it."""

PAIRS = 3
"""Pairs of cohorts that the verdict speaks of."""

Found = list[tuple[str, dict]]
"""Cohorts with the row that was measured there."""


@dataclass(frozen=True)
class Statement:
    """What is said, and about whom: a model, or the images on which models are compared."""

    about: str
    text: str

    def __str__(self) -> str:
        return said_of(self.about, self.text)


def verdicts(evaluation: Evaluation) -> list[Statement]:
    """Return one statement per model, then one that compares the models where there are several.

    It says in which cohort the model does best and worst and by how much, what its shipped threshold does where
    it does worst, and where images gave no embedding. Where differences were tested it claims those that are told,
    else it calls them measured, never significant.
    """
    cohorts = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    own = metric_cells(evaluation, "own")
    said = [_verdict(evaluation, own, model, cohorts) for model in evaluation.models["model"]]
    return [*said, _comparison(evaluation, cohorts)] if evaluation.several_models else said


def _verdict(evaluation: Evaluation, cells: Cells, model: str, cohorts: list[str]) -> Statement:
    sentences = [
        *(cohort_sentences(evaluation, cells, model) or _separation(cells, model, cohorts)),
        *_shipped(cells, model, cohorts),
        *(said for name in list(evaluation.across)[:PAIRS] for said in _across(cells, model, name)),
        *_failures(cells, model, cohorts),
    ]
    return Statement(model, paragraph(sentences))


def _measured(cells: Cells, model: str, cohorts: list[str], metric: str, at: str = "") -> Found:
    rows = [(cohort, cells.get((model, cohort, metric, at))) for cohort in cohorts]
    return [(cohort, row) for cohort, row in rows if row is not None and row["value"] is not None]


def _separation(cells: Cells, model: str, cohorts: list[str]) -> list[str]:
    aucs = _measured(cells, model, cohorts, "auc")
    eers = _measured(cells, model, cohorts, "eer")
    missing = [cohort for cohort in cohorts if cohort not in dict(aucs)]
    sentences = [_spread(aucs, eers)] if aucs else []
    if missing:
        said = _(
            "AUC is undefined in {cohorts}: genuine and impostor comparisons are both needed.", cohorts=listed(missing)
        )
        sentences.append(said)
    return sentences


def _spread(aucs: Found, eers: Found) -> str:
    values = [row["value"] for _cohort, row in aucs]
    if len(aucs) == 1:
        (cohort, auc), eer = aucs[0], dict(eers).get(aucs[0][0])
        return _("AUC is {auc} and EER {eer} in {cohort}.", auc=metric_text(auc), eer=metric_text(eer), cohort=cohort)
    if min(values) == 1:
        return perfect(first=True)
    if min(values) == max(values):
        return _("AUC is {auc} in every cohort.", auc=decimal(values[0]))
    ranges = [_range(_("AUC"), aucs, best=max, difference=decimal)]
    spread = [row["value"] for _cohort, row in eers]
    if eers and min(spread) != max(spread):
        ranges.append(_range(_("EER"), eers, best=min, difference=_points))
    return in_one_sentence(ranges)


def _range(name: str, found: Found, *, best: Callable, difference: Callable[[float], str]) -> str:
    worst = min if best is max else max
    (best_in, best_row), (worst_in, worst_row) = (pick(found, key=_value) for pick in (best, worst))
    return _(
        "measured {metric} is best in {best_in} ({best}) and worst in {worst_in} ({worst}), a difference of {gap}",
        metric=name,
        best_in=best_in,
        best=metric_text(best_row),
        worst_in=worst_in,
        worst=metric_text(worst_row),
        gap=difference(abs(best_row["value"] - worst_row["value"])),
    )


def _across(cells: Cells, model: str, name: str) -> list[str]:
    """Return what a model does with the comparisons of two cohorts that share subjects, such as id photos and selfies.

    That is the question such data are brought for, so it is answered whether or not they are the worst.
    """
    aucs, eers, fmrs = (_measured(cells, model, [name], *place) for place in (("auc",), ("eer",), ("fmr", "shipped")))
    said = [_spread(aucs, eers)] if aucs else []
    return [*said, *(_shipped(cells, model, [name]) if fmrs else [])]


def _shipped(cells: Cells, model: str, cohorts: list[str]) -> list[str]:
    fmrs = _measured(cells, model, cohorts, "fmr", "shipped")
    fnmrs = _measured(cells, model, cohorts, "fnmr", "shipped")
    if not fmrs and not fnmrs:
        return [_("It ships no threshold that could be audited here.")]
    threshold = threshold_text((fmrs or fnmrs)[0][1]["threshold"])
    accepts, rejects = (_wrong(found, rate) if found else "" for found, rate in ((fmrs, "fmr"), (fnmrs, "fnmr")))
    if accepts and rejects:
        said = _(
            "Its shipped threshold {threshold} {accepts} and {rejects}.",
            threshold=threshold,
            accepts=accepts,
            rejects=rejects,
        )
        return [said]
    return [_("Its shipped threshold {threshold} {does}.", threshold=threshold, does=accepts or rejects)]


def _wrong(found: Found, rate: str) -> str:
    """Return which share of comparisons a threshold decides wrongly where it does so most."""
    cohort, row = max(found, key=_value)
    several = len(found) > 1
    if row["value"] == 0:
        bounds = [other["high"] for _cohort, other in found if other["high"] is not None]
        bound = percent_bound(max(bounds)) if bounds else ""
        case = f"none{'' if several else ' in one'}{', bounded' if bounds else ''}"
        return _(_SHIPPED[rate, case], cohort=cohort, bound=bound)
    if at_least(row, UNUSABLE[rate]):
        case = "unusable"
    elif rate == "fmr" and at_least(row, LOOSE_FMR):
        case = "loose"
    else:
        case = "in one" if not several else "up to" if interval_text(row) else "at most"
    return _(_SHIPPED[rate, case], rate=metric_text(row), cohort=cohort)


def _failures(cells: Cells, model: str, cohorts: list[str]) -> list[str]:
    failed = [(cohort, row) for cohort, row in _measured(cells, model, cohorts, "fta") if row["value"] > 0]
    if not failed:
        return []
    cohort, row = max(failed, key=_value)
    rate = percent(row["value"])
    if len(cohorts) == 1:
        return [_("It got no embedding from {rate} of the images.", rate=rate)]
    return [_("It got no embedding from up to {rate} of a cohort's images (in {cohort}).", rate=rate, cohort=cohort)]


def _comparison(evaluation: Evaluation, cohorts: list[str]) -> Statement:
    """Return which model has the highest measured AUC in which cohort, over common images where models failed."""
    images = image_sets(evaluation)[-1]
    over = _("Compared with each other") if images == "own" else _("Over the images every model could embed")
    if tested := model_sentence(evaluation):
        return Statement(over, tested)
    cells = metric_cells(evaluation, images)
    leads: dict[str, list[str]] = {}
    for cohort in cohorts:
        rows = [(model, cells.get((model, cohort, "auc", ""))) for model in evaluation.models["model"]]
        known = [(model, row["value"]) for model, row in rows if row is not None and row["value"] is not None]
        if len(known) < 2:
            continue
        top = max(value for _model, value in known)
        leaders = [model for model, value in known if value == top]
        leads.setdefault(leaders[0] if len(leaders) == 1 else "", []).append(cohort)
    clauses = [
        _("{model} has the highest measured AUC in {cohorts}", model=model, cohorts=listed(where))
        if model
        else _("the models tie in {cohorts}", cohorts=listed(where))
        for model, where in leads.items()
    ]
    return Statement(over, in_one_sentence(clauses or [_("no cohort lets the models be compared")]))


def _value(found: tuple[str, dict]) -> float:
    return found[1]["value"]


def _points(difference: float) -> str:
    """Return a difference of two rates in percentage points."""
    return _("{number} percentage points", number=percent(difference).removesuffix(" %"))
