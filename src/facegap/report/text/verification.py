"""What was found about some images, in plain words."""

from typing import TYPE_CHECKING

from facegap.report.text.formatting import (
    ABSENT,
    bracketed,
    count,
    level_text,
    percent,
    percent_bound,
    threshold_text,
)
from facegap.report.text.grades import UNUSABLE
from facegap.report.text.language import _
from facegap.report.text.measure_names import measure_name
from facegap.report.text.phrases import place_words
from facegap.run.text import N_

if TYPE_CHECKING:
    from facegap.jobs.verify import Verification
    from facegap.jobs.verify.evidence import FalseMatch, ThresholdRate
    from facegap.jobs.verify.verifying import Comparison

_WARNINGS = {
    "fmr": N_(
        "Don't rely on these decisions. The threshold {threshold} accepts {rate} of impostor comparisons in {place} "
        "({subjects} subjects); the report calls {limit} or more unusable. Choose another threshold, e.g. with --at "
        "fmr=1e-3."
    ),
    "fnmr": N_(
        "Don't rely on these decisions. The threshold {threshold} rejects {rate} of genuine comparisons in {place} "
        "({subjects} subjects); the report calls {limit} or more unusable. Choose another threshold, e.g. with --at "
        "fmr=1e-3."
    ),
}
"""By the rate that makes a threshold unusable."""

_SHIPPED = {
    "distance": N_("Threshold: same person at a distance of at most {threshold}, as {model} ships it."),
    "similarity": N_("Threshold: same person at a similarity of at least {threshold}, as {model} ships it."),
}
_CHOSEN = {
    "distance": N_(
        "Threshold: same person at a distance of at most {threshold}, chosen for FMR {fmr} in {place} ({subjects} "
        "subjects)."
    ),
    "similarity": N_(
        "Threshold: same person at a similarity of at least {threshold}, chosen for FMR {fmr} in {place} ({subjects} "
        "subjects)."
    ),
}
"""Where a threshold came from, by the unit of its scores."""


def decision_text(same: bool | None) -> str:
    """Return what was decided of two images."""
    if same is None:
        return _("not decided")
    return _("same person") if same else _("different people")


def score_title(unit: str) -> str:
    """Return the title of a column of scores in a unit."""
    return _("Distance") if unit == "distance" else _("Similarity")


def false_match_text(found: "FalseMatch | None") -> str:
    """Return a false match rate and its interval, or its bound: `< 1 in 75,000 (≤ 0.002 %)`."""
    if found is None:
        return ABSENT
    if found.fmr is not None:
        return _with_interval(found.fmr, found.low, found.high)
    number = count(1 / (found.below or 1))
    if found.high is None:
        return _("< 1 in {number}", number=number)
    return _("< 1 in {number} (≤ {bound})", number=number, bound=percent_bound(found.high))


def ratio_text(one: "Comparison") -> str:
    """Return a likelihood ratio and for what it speaks: `120 × same`, `45,000+ × different`.

    The plus is for a ratio that is as far from 1 as the comparisons behind it can tell.
    """
    if one.log10_lr is None:
        return ABSENT
    ratio = 10.0 ** abs(one.log10_lr)
    times = f"{ratio:.1f}" if ratio < 10 else count(float(f"{ratio:.2g}"))
    times += "+" if one.lr_at_limit else ""
    return _("{ratio} × same", ratio=times) if one.log10_lr >= 0 else _("{ratio} × different", ratio=times)


def warnings(found: "Verification") -> list[str]:
    """Return why the decisions are not to be relied on, a sentence for each rate that makes the threshold unusable."""
    return [_warning(found, rate) for rate in found.rates if rate.unusable]


def _warning(found: "Verification", rate: "ThresholdRate") -> str:
    assert found.threshold is not None  # only a threshold has rates
    return _(
        _WARNINGS[rate.metric],
        threshold=threshold_text(found.threshold.value),
        rate=_with_interval(rate.value, rate.low, rate.high),
        limit=level_text(UNUSABLE[rate.metric]),
        **_where(found),
    )


def notes(found: "Verification") -> list[str]:
    """Return how what was found is to be read, a sentence each."""
    said = [_threshold(found)]
    for one in found.unlike:
        words = {"path": one.path, "measure": measure_name(one.measure), "share": level_text(one.share)}
        if one.side == "lower":
            how = _(
                "{path}: {measure} is lower than in {share} of the images of {place}: the rates don't speak for it.",
                **words,
                **_where(found),
            )
        else:
            how = _(
                "{path}: {measure} is higher than in {share} of the images of {place}: the rates don't speak for it.",
                **words,
                **_where(found),
            )
        said.append(how)
    if found.level is not None:
        how = _(
            "FMR: how often two different people in {place} ({subjects} subjects) are at least as alike to {model}; in "
            "brackets {level} intervals.",
            model=found.model,
            level=level_text(found.level),
            **_where(found),
        )
        said.append(how)
    if any(one.false_match is not None and one.false_match.fmr is None for one in found.comparisons):
        said.append(_("Lower rates are not resolvable with {subjects} subjects.", **_where(found)))
    if any(one.log10_lr is not None for one in found.comparisons):
        how = _(
            "Evidence: how many times as probable such a score is if both images show the same person as if they show "
            "different people, or the reverse; an estimate without interval, + where the data can tell no more."
        )
        said.append(how)
    return said


def _with_interval(rate: float, low: float | None, high: float | None) -> str:
    return f"{percent(rate)} {bracketed(low, high, percent_bound)}".rstrip()


def _threshold(found: "Verification") -> str:
    """Return where the threshold came from, and which scores it accepts."""
    chosen = found.threshold
    if chosen is None:
        return _(
            "{model} ships no threshold, so nothing is decided: choose one with --report and --at.", model=found.model
        )
    threshold = threshold_text(chosen.value)
    if chosen.fmr is None:
        return _(_SHIPPED[found.unit], threshold=threshold, model=found.model)
    fmr = f"{chosen.fmr:g}"
    return _(_CHOSEN[found.unit], threshold=threshold, fmr=fmr, **_where(found))


def _where(found: "Verification") -> dict[str, str]:
    return {"place": place_words(found.cohort), "subjects": count(found.subjects)}
