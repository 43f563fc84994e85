"""Labels that may be wrong, in words: what is suspected, what to do, why, and what cannot be told."""

from collections.abc import Sequence

from facegap.report.text.language import _, ngettext, shortened
from facegap.run.text import N_

_SUSPECTED = {
    ("label-conflict", True): N_("one image under two names"),
    ("label-conflict", False): N_("one image under two names"),
    ("wrong-label", True): N_("image a is probably of subject b"),
    ("wrong-label", False): N_("image a is maybe of subject b"),
    ("one-person", True): N_("probably one person under two names"),
    ("one-person", False): N_("maybe one person under two names"),
    ("two-people", True): N_("probably two people under one name"),
    ("two-people", False): N_("maybe two people under one name"),
    ("odd-image", True): N_("unlike all others of its subject: another person, or a bad picture"),
    ("odd-image", False): N_("unlike all others of its subject: another person, or a bad picture"),
    ("duplicate", True): N_("one image twice"),
    ("duplicate", False): N_("one image twice"),
}
"""What is suspected, by kind and whether it is probable."""

_ACTIONS = {
    "label-conflict": N_("find out whose image it is, and file it under that name alone"),
    "wrong-label": N_("if both are one person, file path_a under subject_b"),
    "one-person": N_("if both are one person, give both subjects one name"),
    "two-people": N_("if they are two people, file path_a under a name of its own"),
    "odd-image": N_("file path_a under the right name, or leave it out if the face is no good"),
    "duplicate": N_("keep one of the files"),
}

_REASONS = {
    "one-person": (
        N_("two subjects that are alike; {chance} pairs as much alike are expected by chance"),
        N_(
            "two subjects that are alike; how many pairs as much alike are expected by chance is not known with so few "
            "subjects"
        ),
    ),
    "wrong-label": (
        N_("unlike the others of its subject, alike to another; {chance} as much alike are expected by chance"),
        N_(
            "unlike the others of its subject, alike to another; how many as much alike are expected by chance is not "
            "known with so few subjects"
        ),
    ),
    "two-people": (
        N_("as unlike the others of its subject as strangers are; {chance} images as unlike are expected by chance"),
        N_(
            "as unlike the others of its subject as strangers are; how many images as unlike are expected by chance is "
            "not known with so few subjects"
        ),
    ),
}
"""Why a case is suspicious, by its kind: where it is known how many are expected by chance, and where it is not."""

_BARS = {
    "shipped": N_("the model's shipped threshold ({score})"),
    "genuine": N_("the middle genuine comparison ({score})"),
}


def suspicion_text(kind: str, *, probable: bool) -> str:
    """Return what is suspected."""
    return _(_SUSPECTED[kind, probable])


def action_text(kind: str) -> str:
    """Return what to do about a case."""
    return _(_ACTIONS[kind])


def case_text(kind: str, chance: float | None) -> str:
    """Return why a case is suspicious, and how many as extreme are expected by chance (None: nobody knows)."""
    known, unknown = _REASONS["two-people" if kind == "odd-image" else kind]
    return _(unknown) if chance is None else _(known, chance=format(chance, ".2g"))


def too_few_subjects(subjects: int, least: int) -> str:
    """Return that too few subjects have an embedding to tell which labels are wrong."""
    return ngettext(
        "cannot tell which labels are wrong: {n} subject has an embedding, and each is held against the others, which "
        "takes {least}; only the files were looked at",
        "cannot tell which labels are wrong: {n} subjects have an embedding, and each is held against the others, "
        "which takes {least}; only the files were looked at",
        subjects,
        n=subjects,
        least=least,
    )


def all_equal() -> str:
    """Return that equal embeddings tell nothing."""
    return _(
        "cannot tell which labels are wrong: all images have the same embedding, so all scores are equal (is it the "
        "right model?); only the files were looked at"
    )


def too_few_pairs(subjects: int, least: int) -> str:
    """Return that it cannot be told whether a name holds two people, since few subjects have two images."""
    if not subjects:
        return _(
            "cannot tell whether a name holds two people: no subject has two images or more, and it takes {least} to "
            "know how alike one person's are",
            least=least,
        )
    return ngettext(
        "cannot tell whether a name holds two people: {n} subject has two images or more, and it takes {least} to know "
        "how alike one person's are",
        "cannot tell whether a name holds two people: {n} subjects have two images or more, and it takes {least} to "
        "know how alike one person's are",
        subjects,
        n=subjects,
        least=least,
    )


def small_cohorts(cohorts: Sequence[str], least: int) -> str:
    """Return which cohorts have too few images to be judged by their own strangers."""
    return _(
        "{cohorts}: fewer than {least} images of other subjects of the cohort, so that its images are judged by the "
        "strangers of all cohorts, which may be less alike than its own",
        cohorts=shortened(cohorts, 5),
        least=least,
    )


def no_bar(subjects: int, enough: int, least: int) -> str:
    """Return that nothing says how alike two names must be to be one person."""
    return _(
        "cannot tell whether two names are one person: {subjects} subjects do not show how alike strangers can be (it "
        "takes {enough}), fewer than {least} have two images to show how alike one person's are, and no threshold is "
        "known for the model",
        subjects=subjects,
        enough=enough,
        least=least,
    )


def bar_too_low(subjects: int, enough: int, *, most: int, pairs: int, bar: str, score: float) -> str:
    """Return that too many pairs of subjects reach a bar, which is `shipped` or `genuine`."""
    return _(
        "cannot tell whether two names are one person: {subjects} subjects do not show how alike strangers can be (it "
        "takes {enough}), and more than {most} of {pairs} pairs of them are as alike as {bar}, so the model does not "
        "keep these subjects apart",
        subjects=subjects,
        enough=enough,
        most=most,
        pairs=pairs,
        bar=_bar(bar, score),
    )


def only_a_bar(subjects: int, enough: int, *, bar: str, score: float) -> str:
    """Return that few subjects are judged by a bar, which is `shipped` or `genuine`, and that chance is not known."""
    return _(
        "{subjects} subjects do not show how alike strangers can be (it takes {enough}): two names may be one person "
        "if an image of each is as alike as {bar}, and how often that happens by chance is not known",
        subjects=subjects,
        enough=enough,
        bar=_bar(bar, score),
    )


def _bar(bar: str, score: float) -> str:
    return _(_BARS[bar], score=format(score, ".3g"))
