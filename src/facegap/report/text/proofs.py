"""Whether a new model is better than an old one, in words, and what is said on its card."""

from collections.abc import Mapping, Sequence

from facegap.report.text.formatting import percent, threshold_text
from facegap.report.text.language import _, in_a_row, listed, ngettext
from facegap.report.text.phrases import amount, end_texts, metric_words, times
from facegap.run.text import N_

_FOUND = {
    "better": N_("{cohort}, {subjects} subjects: {metric} {before} with {old}, {after} with {new}, {amount}: better."),
    "worse": N_("{cohort}, {subjects} subjects: {metric} {before} with {old}, {after} with {new}, {amount}: worse."),
    "open": N_(
        "{cohort}, {subjects} subjects: {metric} {before} with {old}, {after} with {new}, {amount}: no "
        "significant difference."
    ),
}
"""By the side of 0 that the whole interval of new − old is on, see `facegap.jobs.proof.Side`."""

_ROLES = {
    "train": N_("{n} to learn from"),
    "validation": N_("{n} to choose by"),
    "held-out": N_("{n} held out to judge on"),
}
_ROLE_NAMES = {
    "train": N_("train"),
    "validation": N_("validation"),
    "held-out": N_("held-out"),
    "left-out": N_("left-out"),
}


def found_text(row: dict, metric: tuple[str, str], side: str, *, subjects: int) -> str:
    """Return what was found in one cohort; `row` is one of `Evaluation.differences`, the new model first."""
    after, before = end_texts(row)
    return _(
        _FOUND[side],
        cohort=row["cohort_a"],
        subjects=subjects,
        metric=metric_words(*metric),
        before=before,
        old=row["model_b"],
        after=after,
        new=row["model_a"],
        amount=amount(row),
    )


def not_comparable(cohort: str, reason: str) -> str:
    """Return that models could not be compared in a cohort."""
    return _("{cohort}: not comparable ({reason})", cohort=cohort, reason=reason)


def loss_text(difference: str) -> str:
    """Return what speaks against a gain."""
    return _("But {difference}.", difference=difference)


def misfit_text(threshold: float, asked: float, cohort: str, fmr: float) -> str:
    """Return that a threshold, chosen for one FMR, has a far higher one in a cohort."""
    wanted = f"{asked:g}"
    return _(
        "The suggested threshold {threshold}, chosen for FMR {asked}, has FMR {fmr} on {cohort}, {factor} times as "
        "much: do not use it for them.",
        threshold=threshold_text(threshold),
        asked=wanted,
        fmr=percent(fmr),
        cohort=cohort,
        factor=times(fmr / asked),
    )


def unmeasured() -> str:
    """Return what is said wherever a model was made without a general cohort, which the user has to ask for."""
    return _("What it costs other people was not measured.")


def no_gain(old: str, reason: str) -> str:
    """Return that the new model is no better."""
    return _("No gain: keep {old} as it is ({reason}).", old=old, reason=reason)


def gain_text(
    new: str,
    target: Sequence[str],
    general: Sequence[str],
    worse: Sequence[str],
    margin: float,
    metric: tuple[str, str],
) -> str:
    """Return that the new model is better, and no worse for others, of whom it may be `worse` on some by the margin."""
    named = {"new": new, "target": listed(target)}
    if not general:
        return _("Gain: {new} is better on {target}.", **named)
    limit = f"{margin:g}"
    said = {**named, "margin": _("{number} {metric}", number=limit, metric=metric_words(*metric))}
    if worse:
        return _(
            "Gain: {new} is better on {target}. It is worse on {worse}, by no more than the margin of {margin}.",
            worse=listed(worse),
            **said,
        )
    return _(
        "Gain: {new} is better on {target}, and not worse on {general} (margin {margin}).",
        general=listed(general),
        **said,
    )


def too_dear(
    new: str, old: str, target: Sequence[str], general: Sequence[str], worse: Sequence[str], reason: str
) -> str:
    """Return that the new model is better, but that others pay for it, or may."""
    named = {"new": new, "old": old, "target": listed(target), "reason": reason}
    if worse:
        return _(
            "Too dear: {new} is better on {target}, but it is worse on {worse} ({reason}). Keep {old}, or allow a "
            "larger margin.",
            worse=listed(worse),
            **named,
        )
    return _(
        "Too dear: {new} is better on {target}, but {general} may pay for it ({reason}). Keep {old}, or allow a "
        "larger margin.",
        general=listed(general),
        **named,
    )


def unseen_only(new: str) -> str:
    """Return whom all numbers are of."""
    return _("All numbers are of subjects that {new} did not learn from.", new=new)


def too_few_to_judge(few: Mapping[str, int], least: int) -> str:
    """Return in which cohorts there are too few subjects, and how many."""
    counts = [_("{n} in {cohort}", n=count, cohort=cohort) for cohort, count in few.items()]
    return _(
        "too few subjects to judge on, counting those with two or more different usable images: {counts}, and {least} "
        "are needed in each cohort",
        counts=in_a_row(counts),
        least=least,
    )


def split_text(counts: Mapping[str, int], left_out: int, least_images: int) -> str:
    """Return how many subjects have which role, and how many of those to learn from are left out."""
    subjects = sum(counts.values()) + left_out
    roles = in_a_row([_(_ROLES[role], n=count) for role, count in counts.items() if count])
    said = ngettext("{n} subject: {roles}", "{n} subjects: {roles}", subjects, n=subjects, roles=roles)
    if not left_out:
        return said
    return _("{split}; {n} left out, with fewer than {least} usable images", split=said, n=left_out, least=least_images)


def judged_text(note: str, others: str, subjects: int, left_out: int) -> str:
    """Return a split and by how many other people it is judged; subjects of these are left out who were learnt from."""
    named = {"note": note, "others": others, "n": subjects, "left_out": left_out}
    if left_out:
        return _(
            "{note}; {others}: {n} subjects to judge on, {left_out} more left out because they are among those trained "
            "on",
            **named,
        )
    return _("{note}; {others}: {n} subjects to judge on", **named)


def role_name(role: str) -> str:
    """Return what a role in a split is called."""
    return _(_ROLE_NAMES[role])
