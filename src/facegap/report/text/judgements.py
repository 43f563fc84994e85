"""What came of a rule, in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from facegap.report.text.formatting import (
    bracketed,
    count,
    decimal,
    decimal_bound,
    digits_for,
    level_text,
    signed,
    unresolved,
)
from facegap.report.text.language import _, in_a_row, ngettext
from facegap.report.text.phrases import place_words
from facegap.run.text import N_

if TYPE_CHECKING:
    from facegap.jobs.check import Judgement

VERDICTS = {"holds": N_("holds"), "fails": N_("fails"), "can't tell": N_("can't tell")}
"""The verdicts of `facegap.jobs.check.Verdict`, as they are shown."""

_REASONS = {
    "no interval": N_("no interval that could decide"),
    "no interval by method": N_("no interval that could decide ({method})"),
    "without intervals": N_("nothing has an interval, as the study ran with --intervals none"),
    "unmeasured": N_("{metric} was not measured for {model} on {cohort}"),
    "measure unmeasured": N_("{measure} was not measured for {model}"),
    "end unresolved": N_("{metric} of {model} on {cohort}: {method}"),
    "ratio without errors": N_("not compared: a ratio needs errors in both cohorts"),
    "not compared": N_("not compared in this report"),
    "count <= holds": N_("it is a count, so it needs no interval: it is at most {limit}"),
    "count <= fails": N_("it is a count, so it needs no interval: it is not at most {limit}"),
    "count >= holds": N_("it is a count, so it needs no interval: it is at least {limit}"),
    "count >= fails": N_("it is a count, so it needs no interval: it is not at least {limit}"),
    "<= holds": N_("the whole interval is {limit} or less"),
    "<= fails": N_("the whole interval is above {limit}"),
    ">= holds": N_("the whole interval is {limit} or more"),
    ">= fails": N_("the whole interval is below {limit}"),
    "keeps, unsure": N_(
        "the value keeps to {limit}, but its interval lies on both sides; more subjects would narrow it"
    ),
    "beyond, unsure": N_(
        "the value is beyond {limit}, but its interval lies on both sides; more subjects would narrow it"
    ),
    "not_worse holds": N_("on {cohort} {new} is worse than {old} by no more than {margin} over the whole interval"),
    "equivalent holds": N_("on {cohort} {new} and {old} lie no more than {margin} apart over the whole interval"),
    "better holds": N_("on {cohort} {new} is better than {old} over the whole interval"),
    "not_worse holds on each": N_(
        "on each of {cohorts} cohorts {new} is worse than {old} by no more than {margin} over the whole interval "
        "(shown: {cohort}, where it is closest)"
    ),
    "equivalent holds on each": N_(
        "on each of {cohorts} cohorts {new} and {old} lie no more than {margin} apart over the whole interval "
        "(shown: {cohort}, where it is closest)"
    ),
    "better holds on each": N_(
        "on each of {cohorts} cohorts {new} is better than {old} over the whole interval "
        "(shown: {cohort}, where it is closest)"
    ),
    "not_worse fails": N_("on {cohort} {new} is worse than {old} by more than {margin} over the whole interval"),
    "equivalent fails": N_("on {cohort} {new} and {old} lie more than {margin} apart over the whole interval"),
    "better fails": N_("on {cohort} {new} is not better than {old} over the whole interval"),
    "better fails, worse": N_("on {cohort} {new} is worse than {old} over the whole interval"),
    "better, unsure": N_(
        "on {cohort} the interval of {new} − {old} lies on both sides of 0; more subjects would narrow it"
    ),
    "claim, unsure": N_(
        "on {cohort} the interval of {new} − {old} lies on both sides of the margin of {margin}; more subjects would "
        "narrow it"
    ),
}
"""By the code of a `facegap.jobs.check.Because`."""


def reason_text(code: str, values: Mapping[str, object]) -> str:
    """Return why a rule got its verdict, or why there is no number, from a code and what its sentence names."""
    return _(_REASONS[code], **values)


def verdict_name(verdict: str) -> str:
    """Return what a verdict is called."""
    return _(VERDICTS[verdict])


def measured_text(judgement: "Judgement") -> str:
    """Return what was measured in the unit that rules are written in, so that it can be held against the limit."""
    found, limit = judgement.measured, judgement.limit
    if found.value is None:
        text = unresolved()
    elif found.scale == "count":
        text = count(found.value)
    elif found.scale == "plain":
        text = f"{decimal(found.value)} {bracketed(found.low, found.high, lambda b: _apart(b, limit, decimal_bound))}"
    else:
        half = found.value if found.low is None or found.high is None else (found.high - found.low) / 2
        digits = digits_for(abs(half), least=3)
        interval = bracketed(found.low, found.high, lambda b: _apart(b, limit, lambda x: signed(x, digits)))
        text = f"{signed(found.value, digits, plus=found.scale == 'difference')} {interval}"
    text = text.rstrip()
    return _("{measured} on {cohort}", measured=text, cohort=place_words(judgement.where)) if judgement.where else text


def _apart(bound: float, limit: float, write: Callable[[float], str]) -> str:
    """Return a bound with as many digits as it takes to see on which side of the limit it lies."""
    text = write(bound)
    for digits in range(4, 10):
        if abs(bound) == abs(limit) or abs(float(text.replace("−", "-"))) != abs(limit):
            break
        text = signed(bound, digits)
    return text


def judged_text(judgement: "Judgement", measured: str) -> str:
    """Return a judgement in one line; where there is no number the reason says so already."""
    named = {"verdict": verdict_name(judgement.verdict), "measured": measured, "reason": judgement.reason}
    if judgement.measured.value is None and judgement.because.code == "method":
        return _("{verdict}: {reason}", **named)
    return _("{verdict}: {measured}; {reason}", **named)


def rules_text(judgements: "Sequence[Judgement]", level: float) -> str:
    """Return how many rules got which verdict, and by which intervals."""
    verdicts = [str(one.verdict) for one in judgements]
    counts = [
        _("{n} {verdict}", n=verdicts.count(verdict), verdict=_(name))
        for verdict, name in VERDICTS.items()
        if verdict in verdicts
    ]
    return ngettext(
        "{n} rule: {counts}; judged by the {level} interval, not by the value.",
        "{n} rules: {counts}; judged by the {level} interval, not by the value.",
        len(judgements),
        n=len(judgements),
        counts=in_a_row(counts),
        level=level_text(level),
    )
