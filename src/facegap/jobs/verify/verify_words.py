"""What was found about some images, in plain words."""

from facegap.jobs.verify.evidence import FalseMatch, ThresholdRate
from facegap.jobs.verify.verifying import Comparison, Verification
from facegap.report.text.formatting import ABSENT, bracketed, count, percent, percent_bound, threshold_text
from facegap.report.text.grades import UNUSABLE
from facegap.report.text.phrases import place_words

DOES = {"fmr": ("accepts", "impostor"), "fnmr": ("rejects", "genuine")}
"""What a threshold does wrong, to which comparisons, by the rate that counts it."""
DECISIONS = {True: "same person", False: "different people", None: "not decided"}


def false_match_text(found: FalseMatch | None) -> str:
    """Return a false match rate and its interval, or its bound: `< 1 in 75,000 (≤ 0.002 %)`."""
    if found is None:
        return ABSENT
    if found.fmr is not None:
        return _with_interval(found.fmr, found.low, found.high)
    bound = "" if found.high is None else f" (≤ {percent_bound(found.high)})"
    return f"< 1 in {count(1 / (found.below or 1))}{bound}"


def ratio_text(one: Comparison) -> str:
    """Return a likelihood ratio and for what it speaks: `120 × same`, `45,000+ × different`.

    The plus is for a ratio that is as far from 1 as the comparisons behind it can tell.
    """
    if one.log10_lr is None:
        return ABSENT
    ratio = 10.0 ** abs(one.log10_lr)
    times = f"{ratio:.1f}" if ratio < 10 else count(float(f"{ratio:.2g}"))
    return f"{times}{'+' if one.lr_at_limit else ''} × {'same' if one.log10_lr >= 0 else 'different'}"


def warnings(found: Verification) -> list[str]:
    """Return why the decisions are not to be relied on, a sentence for each rate that makes the threshold unusable."""
    return [_warning(found, rate) for rate in found.rates if rate.unusable]


def _warning(found: Verification, rate: ThresholdRate) -> str:
    assert found.threshold is not None  # only a threshold has rates
    does, kind = DOES[rate.metric]
    return (
        f"Don't rely on these decisions. The threshold {threshold_text(found.threshold.value)} {does} "
        f"{_with_interval(rate.value, rate.low, rate.high)} of {kind} comparisons {_where(found)}; the report calls "
        f"{100 * UNUSABLE[rate.metric]:g} % or more unusable. Choose another threshold, e.g. with --at fmr=1e-3."
    )


def notes(found: Verification) -> list[str]:
    """Return how what was found is to be read, a sentence each."""
    said = [_threshold(found)]
    if found.level is not None:
        said.append(
            f"FMR: how often two different people {_where(found)} are at least as alike to {found.model}; in brackets "
            f"{100 * found.level:g} % intervals."
        )
    if any(one.false_match is not None and one.false_match.fmr is None for one in found.comparisons):
        said.append(f"Lower rates are not resolvable with {count(found.subjects)} subjects.")
    if any(one.log10_lr is not None for one in found.comparisons):
        said.append(
            "Evidence: how many times as probable such a score is if both images show the same person as if they show "
            "different people, or the reverse; an estimate without interval, + where the data can tell no more."
        )
    return said


def _with_interval(rate: float, low: float | None, high: float | None) -> str:
    return f"{percent(rate)} {bracketed(low, high, percent_bound)}".rstrip()


def _threshold(found: Verification) -> str:
    """Return where the threshold came from, and which scores it accepts."""
    chosen = found.threshold
    if chosen is None:
        return f"{found.model} ships no threshold, so nothing is decided: choose one with --report and --at."
    side = "at most" if found.unit == "distance" else "at least"
    origin = f"as {found.model} ships it" if chosen.fmr is None else f"chosen for FMR {chosen.fmr:g} {_where(found)}"
    return f"Threshold: same person at a {found.unit} of {side} {threshold_text(chosen.value)}, {origin}."


def _where(found: Verification) -> str:
    return f"in {place_words(found.cohort)} ({count(found.subjects)} subjects)"
