"""How a number came about, or why there is none: the sentences of the columns `method`."""

from collections.abc import Mapping
from typing import Any

from facegap.data.statement import statements_in
from facegap.report.text.language import _, in_a_row, ngettext, pgettext
from facegap.report.text.phrases import metric_name
from facegap.report.text.sentences import Sentence, Values, worded
from facegap.run.text import N_


def _folds(values: Values) -> str:
    named = {**values, "error": f"{values['error']:.4f}"}
    if "rejected" in values:
        return _(
            "{folds} folds, standard error {error}, {judged} of {listed} pairs, {rejected} of them rejected for a "
            "failed image",
            **named,
        )
    return _("{folds} folds, standard error {error}, {judged} of {listed} pairs", **named)


def _too_few_impostors(values: Values) -> str:
    return _(
        "not resolvable: {expected} false matches expected among {impostor} impostor comparisons of {subjects} "
        "subjects, at least {least} needed",
        **{**values, "expected": f"{values['expected']:.3g}"},
    )


def _few_in(few: list[tuple[str, int, str]]) -> str:
    """Return which rates stand on how few errors: of all cohorts, or of one of them."""
    said = []
    for rate, errors, cohort in few:
        if not cohort:
            text = ngettext("{n} errors in {rate}", "{n} errors in {rate}", errors, n=errors, rate=metric_name(rate))
        elif rate == "fmr":
            text = ngettext(
                "{n} false matches in {cohort}", "{n} false matches in {cohort}", errors, n=errors, cohort=cohort
            )
        else:
            text = ngettext(
                "{n} false non-matches in {cohort}",
                "{n} false non-matches in {cohort}",
                errors,
                n=errors,
                cohort=cohort,
            )
        said.append(text)
    return in_a_row(said)


METHODS: dict[str, Sentence] = {
    # Of one number.
    "jackknife": N_("jackknife over subjects"),
    "wilson": N_("Wilson over effective comparisons"),
    "rule_of_three": N_("no error seen: bound over subjects ({participants})"),
    "inverted_test": N_("inverted test"),
    "mean_over_subjects": N_("mean over {subjects} subjects, without interval"),
    "failures_rejected": N_("failures rejected"),
    "parameters": lambda values: values["parameters"],
    "folds": _folds,
    "folds_with_rejected": _folds,
    "too_few_subjects": N_("no interval: too few subjects"),
    "all_subjects_agree": N_("no interval: all subjects agree"),
    "one_kind_without_errors": N_("no interval: no error, or no right decision, in one kind of comparisons"),
    "no_genuine_comparison": N_("undefined: no genuine comparison"),
    "no_impostor_comparison": N_("undefined: no impostor comparison"),
    "no_scored_comparison": N_("undefined: no scored comparison"),
    "scores_without_spread": N_("undefined: a kind of comparison has no score, or the scores do not vary"),
    "too_few_impostors": _too_few_impostors,
    "tied_at_the_top": N_("not resolvable: {tied} of {impostor} impostor comparisons are as close as scores can be"),
    # Of a difference.
    "student_t": N_("Student's t over subjects"),
    "student_t_of_ratio": N_("Student's t over subjects, as a ratio"),
    "square_and_add": N_("square and add: few errors on a side"),
    "tested_as_difference": N_("tested as a difference"),
    "tested_as_ratio": N_("tested as a ratio"),
    "untested_few_errors": N_("not tested: fewer than {least} errors, or right decisions, in all"),
    "untested_few_errors_in_part": N_("not tested: fewer than {least} errors, or those of one subject, in a part"),
    "untested_one_carries": N_("not tested: one subject makes nearly all errors of the worse side"),
    "untested_few_subjects": N_("not tested: too few subjects"),
    "untested_no_variance": N_("not tested: too few subjects, or all agree"),
    "untested_side_without_interval": N_("not tested: a side has no interval"),
    "untested_high_aucs": N_(
        "not tested: both AUCs are above {most} and hang on few comparisons; compare FNMR at a fixed FMR"
    ),
    "same_for_every_subject": N_("the same number, whoever is left out"),
    "ratio_without_errors": N_("not resolvable: a ratio needs errors on both sides"),
    # Of a differential.
    "jackknife_ends_fixed": N_("jackknife over subjects, cohorts at the ends held fixed"),
    "no_variance": N_("no interval: too few subjects, or all agree"),
    "few_errors_no_interval": lambda values: _(
        "no interval: {errors}, at least {least} needed", errors=_few_in(values["few"]), least=values["least"]
    ),
    "few_errors_not_resolvable": lambda values: _(
        "not resolvable: {errors}, at least {least} needed", errors=_few_in(values["few"]), least=values["least"]
    ),
    "left_out_without_genuine": lambda values: _(
        "left out for want of genuine comparisons: {cohorts}", cohorts=in_a_row(values["without_genuine"])
    ),
    "left_out_without_impostor": lambda values: _(
        "left out for want of impostor comparisons: {cohorts}", cohorts=in_a_row(values["without_impostor"])
    ),
}
"""By code."""


def method_text(row: Mapping[str, Any] | None) -> str:
    """Return how the number of a row came about, or why there is none; "" where nothing is said of it."""
    if row is None:
        return ""
    return pgettext("between two clauses", "; ").join(worded(one, METHODS) for one in statements_in(row))
