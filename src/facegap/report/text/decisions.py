"""The decision in words: whether a model keeps the limits, at which threshold, and what to do next."""

from math import ceil, log10
from typing import TYPE_CHECKING

from facegap.data.limits import DEFAULT_LIMITS, Limits
from facegap.report.text.formatting import count, fmr_text, limit_text, metric_text, threshold_text
from facegap.report.text.judgements import verdict_name
from facegap.report.text.language import _, capital, paragraph, pgettext, shortened
from facegap.report.text.phrases import metric_name
from facegap.run.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facegap.jobs.decision import AtThreshold, Card, HeldRate, Step

_STATES = {"holds": "holds", "fails": "fails", "unsure": "can't tell"}

MOST_NAMED = 3
"""Cohorts that a sentence gives the rate of."""

_TITLES = {
    "shipped": N_("Shipped threshold {threshold}"),
    "common": N_("Best common threshold {threshold}"),
    "common of one": N_("Best threshold {threshold}"),
    "own": N_("Own threshold of each cohort, FMR {fmr}"),
    "own of one": N_("Threshold for FMR {fmr}"),
}
_HEADLINES = {
    ("shipped", "holds"): N_("keeps both limits at its shipped threshold {threshold}."),
    ("shipped", "fails"): N_("fails at its shipped threshold {threshold}: {rates}."),
    ("shipped", "can't tell"): N_(
        "these data can't tell whether it keeps both limits at its shipped threshold {threshold}: {rates}."
    ),
    ("common", "holds"): N_("ships no threshold; it keeps both limits at {threshold}."),
    ("common", "fails"): N_("ships no threshold; at {threshold}, the loosest that keeps FMR, it fails: {rates}."),
    ("common", "can't tell"): N_(
        "ships no threshold; these data can't tell whether it keeps both limits at {threshold}: {rates}."
    ),
    ("own", "holds"): N_(
        "ships no threshold, and none is shown to keep FMR in every cohort; each cohort's own keeps FNMR."
    ),
    ("own", "fails"): N_("ships no threshold, and fails even at each cohort's own: {rates}."),
    ("own", "can't tell"): N_("ships no threshold, and these data can't tell which would do: {rates}."),
    ("own", "none"): N_("ships no threshold, and at every common threshold FMR or FNMR surely exceeds its limit."),
    ("own", "none of tried"): N_(
        "ships no threshold, and at every common threshold that was tried FMR or FNMR surely exceeds its limit."
    ),
}
_SET = {
    "lower": N_(
        "Lower the threshold to {threshold}: FMR then keeps its limit in every cohort, and FNMR becomes {fnmr} in "
        "{cohort}, where it is highest."
    ),
    "raise": N_(
        "Raise the threshold to {threshold}: FMR then keeps its limit in every cohort, and FNMR becomes {fnmr} in "
        "{cohort}, where it is highest."
    ),
}


def limits_text(limits: Limits) -> str:
    """Return which limits the models are held to, and where they come from."""
    rates = {"fmr": limit_text(limits.fmr), "fnmr": limit_text(limits.fnmr)}
    held = _("Held to FMR of at most {fmr} and FNMR of at most {fnmr} in every cohort.", **rates)
    if limits != DEFAULT_LIMITS:
        return held
    usual = _("These limits are facegap's own, after NIST SP 800-63B; name yours with --limit fmr=1e-4,fnmr=0.02.")
    return paragraph([held, usual])


def states_text(level: str) -> str:
    """Return how a state is judged, at a confidence level."""
    return _(
        "{holds}: the whole {level} interval keeps to the limit. {fails}: the whole interval is beyond it. {unsure}: "
        "the limit lies inside, or there are too few people. The best common threshold is the loosest that surely "
        "keeps FMR in every cohort.",
        **{name: capital(verdict_name(verdict)) for name, verdict in _STATES.items()},
        level=level,
    )


def threshold_title(at: "AtThreshold", limits: Limits, *, cohorts: int) -> str:
    """Return which threshold a table is about."""
    key = f"{at.which} of one" if cohorts == 1 and at.which != "shipped" else str(at.which)
    return _(_TITLES[key], threshold=threshold_text(at.threshold), fmr=fmr_text(limits.fmr))


def common_short(*, cohorts: int) -> str:
    """Return the name of the best common threshold for a narrow place, beside `shipped`."""
    return pgettext("threshold", "best") if cohorts == 1 else pgettext("threshold", "best common")


def no_common() -> str:
    """Return that there is no common threshold."""
    return _("No common threshold is shown to keep FMR in every cohort.")


def headline(card: "Card") -> str:
    """Return in one sentence what is decided about a model; it goes on from the model's name and a colon."""
    at = card.main
    if at is None:
        return _("nothing was measured that could be held to the limits.")
    key = str(at.verdict)
    if _none_would_do(card):
        key = "none" if any(one.everywhere for one in card.steps) else "none of tried"
    return _(_HEADLINES[str(at.which), key], threshold=threshold_text(at.threshold), rates=_rates(at.decisive))


def steps_text(card: "Card") -> str:
    """Return what to do next about a model."""
    return paragraph([_step(card, one) for one in card.steps])


def state_name(at: "AtThreshold | HeldRate") -> str:
    """Return whether limits hold, in a word or two."""
    return verdict_name(at.verdict)


def held_text(one: "HeldRate") -> str:
    """Return a rate with its interval."""
    return metric_text(as_row(one))


def as_row(one: "HeldRate") -> dict:
    """Return a rate as a row of `Evaluation.metrics`."""
    found = one.measured
    return {"metric": one.rate, "value": found.value, "low": found.low, "high": found.high}


def _rates(found: "Sequence[HeldRate]") -> str:
    """Return rates with their cohorts, each rate named once: `FMR is 1 % in a and 2 % in b; FNMR is 9 % in c`."""
    said = []
    for rate in dict.fromkeys(one.rate for one in found):
        these = [one for one in found if one.rate == rate]
        unknown = [one.cohort for one in these if one.measured.value is None]
        known = [one for one in these if one.measured.value is not None]
        places = [_("{value} in {cohort}", value=held_text(one), cohort=one.cohort) for one in known]
        if known:
            said.append(_("{rate} is {places}", rate=metric_name(rate), places=shortened(places, MOST_NAMED)))
        if unknown:
            said.append(
                _("{rate} is unknown in {cohorts}", rate=metric_name(rate), cohorts=shortened(unknown, MOST_NAMED))
            )
    return pgettext("between two clauses", "; ").join(said)


def _step(card: "Card", step: "Step") -> str:
    at, held = step.at, step.held
    threshold = threshold_text(at.threshold if at else None)
    if step.action == "measure":
        return _("Evaluate with intervals (--intervals jackknife): nothing can be told without them.")
    if step.action == "keep":
        return _("Keep the threshold {threshold}.", threshold=threshold)
    if step.action == "collect" and held is not None:
        return _collect(step, held, threshold)
    if at is not None and at is card.main:  # the sentence before has said what it does
        return _("Set the threshold to {threshold}.", threshold=threshold) if step.action == "set" else _adapt(card)
    if step.action == "set" and at is not None and held is not None:
        said = _SET["raise"] if card.main and (at.threshold or 0) > (card.main.threshold or 0) else _SET["lower"]
        return _(said, threshold=threshold, fnmr=held_text(held), cohort=held.cohort)
    if _none_would_do(card):  # the sentence before has said so
        return _adapt(card)
    return paragraph([_failing(step, threshold), _adapt(card)])


def _failing(step: "Step", threshold: str) -> str:
    """Return that no common threshold keeps both limits; where that is known of the tried ones alone, it is said."""
    held = step.held
    if held is None:
        if step.everywhere:
            return _("At every common threshold FMR or FNMR surely exceeds its limit.")
        return _("At every common threshold that was tried FMR or FNMR surely exceeds its limit.")
    named = {"threshold": threshold, "fnmr": held_text(held), "cohort": held.cohort}
    if step.everywhere:
        return _(
            "No common threshold keeps both limits: at {threshold}, the loosest that keeps FMR, FNMR is {fnmr} in "
            "{cohort}.",
            **named,
        )
    return _(
        "No common threshold that was tried keeps both limits: at {threshold}, the loosest that keeps FMR, FNMR is "
        "{fnmr} in {cohort}.",
        **named,
    )


def _none_would_do(card: "Card") -> bool:
    """Return whether no common threshold would do, though these data can't tell what each cohort's own would."""
    at = card.main
    undecided = at is not None and (str(at.which), str(at.verdict)) == ("own", "can't tell")
    return undecided and any(one.action == "adapt" for one in card.steps)


def _adapt(card: "Card") -> str:
    if card.embeds:
        return _("Adapt the model to these people (facegap adapt), or take another.")
    return _("Take another model: scores alone cannot be adapted.")


def _collect(step: "Step", held: "HeldRate", threshold: str) -> str:
    named = {"rate": metric_name(held.rate), "cohort": held.cohort, "threshold": threshold, "have": count(step.have)}
    own = step.at is None or step.at.threshold is None
    if step.need is None:
        if own:
            return _("{rate} in {cohort} lies so near to its limit that no study of a likely size would tell.", **named)
        return _(
            "{rate} in {cohort} lies so near to its limit at {threshold} that no study of a likely size would tell.",
            **named,
        )
    if held.measured.high is None:
        return _(
            "Nothing can be told of {rate} in {cohort} with {have} subjects: it takes at least {need}, with as many "
            "images of each.",
            **named,
            need=count(step.need),
        )
    need = count(_rounded_up(step.need))
    if own:
        return _(
            "To tell {rate} from its limit takes about {need} subjects of {cohort} (there are {have}), with as many "
            "images of each.",
            **named,
            need=need,
        )
    return _(
        "To tell {rate} from its limit at {threshold} takes about {need} subjects of {cohort} (there are {have}), "
        "with as many images of each.",
        **named,
        need=need,
    )


def _rounded_up(number: int) -> int:
    """Return a number with two digits that count, rounded up: no plan is exacter than that."""
    step = 10 ** max(0, ceil(log10(number + 1)) - 2)
    return ceil(number / step) * step
