"""Names: those of models and cohorts made fit for a legend and for a file name, and those that codes are shown by."""

import re
import unicodedata
from collections.abc import Sequence

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.report.text.language import _, pgettext
from facegap.run.text import N_

LEGEND_LENGTH = 30
_PART_LENGTH = 24


def short_names(names: list[str]) -> dict[str, str]:
    """Return each name, long ones with their middle left out; names that would look the same stay whole."""
    short = {name: _ellipsis(name) for name in names}
    seen = list(short.values())
    return {name: text if seen.count(text) == 1 else name for name, text in short.items()}


def names_of(evaluation: Evaluation) -> dict[str, str]:
    """Return the names of all models and cohorts as they are shown, long ones shortened."""
    models = evaluation.models["model"].to_list()
    return _with_pooled(short_names([*models, *evaluation.populations]), unless=models)


def cohort_names(evaluation: Evaluation) -> dict[str, str]:
    """Return the names of all cohorts as they are shown, long ones shortened."""
    return _with_pooled(short_names(evaluation.populations), unless=())


def cohort_name(cohort: str) -> str:
    """Return a cohort as it is shown: all together have a name in each language, which data and options never have."""
    return pgettext("cohort", "all") if cohort == POOLED else cohort


def _with_pooled(names: dict[str, str], *, unless: Sequence[str]) -> dict[str, str]:
    """Return names with that of all cohorts together as it is shown; it stays where another would look the same."""
    shown = cohort_name(POOLED)
    if POOLED not in names or POOLED in unless or shown in names:
        return names
    return {**names, POOLED: shown}


def file_stem(taken: set[str], *parts: str) -> str:
    """Return a file name without suffix that is not yet among `taken`, and add it there.

    Letters and digits of any script stay; whatever else becomes a hyphen. Upper and lower case count as the same.
    """
    stem = "-".join(_slug(part) for part in parts)
    number, unique = 1, stem
    while unique.casefold() in taken:
        number += 1
        unique = f"{stem}-{number}"
    taken.add(unique.casefold())
    return unique


def _ellipsis(name: str) -> str:
    if len(name) <= LEGEND_LENGTH:
        return name
    half = (LEGEND_LENGTH - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _slug(text: str) -> str:
    kept = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text)).strip("-")
    return kept[:_PART_LENGTH].strip("-") or "unnamed"


_KINDS = {
    "genuine": N_("genuine"),
    "impostor": N_("impostor"),
    "worm": N_("worm"),
    "dove": N_("dove"),
    "chameleon": N_("chameleon"),
    "phantom": N_("phantom"),
    "": N_("of no special kind"),
}
_FIELDS = {
    "accuracy": N_("accuracy"),
    "cohort": N_("cohort"),
    "count": N_("count"),
    "f1": N_("f1"),
    "false_matches": N_("false_matches"),
    "fmr": N_("fmr"),
    "fnmr": N_("fnmr"),
    "kind": N_("kind"),
    "map": N_("map"),
    "model": N_("model"),
    "precision": N_("precision"),
    "ratio": N_("ratio"),
    "recall": N_("recall"),
    "removed": N_("removed"),
    "score": N_("score"),
    "share": N_("share"),
    "subject": N_("subject"),
    "tar": N_("tar"),
    "text": N_("text"),
    "threshold": N_("threshold"),
}
_OUTCOMES = (
    N_("ok"),
    N_("unreadable"),
    N_("no face found"),
    N_("several faces"),
    N_("model gave no usable embedding"),
    N_("no comparison has a score"),
)
"""The labels of `facegap.data.embeddings.Outcome`."""


def kind_name(kind: str) -> str:
    """Return what a kind of comparison or of subject is called."""
    return _(_KINDS[kind])


def field_name(field: str) -> str:
    """Return what a column of a chart's data is called where the pointer rests."""
    return _(_FIELDS[field])


def unit_name(comparator: Comparator) -> str:
    """Return what a comparator's scores are called: distance or similarity."""
    return _("distance") if comparator.sign < 0 else _("similarity")


def outcome_name(label: str) -> str:
    """Return why an image has no embedding, from the label of its outcome."""
    return _(label)


_SUSPICIONS = {
    "same-file": N_("the same file under two names"),
    "one-person": N_("probably one person under two names"),
    "wrong-label": N_("an image is probably under the wrong name"),
}
SUSPICIONS = tuple(_SUSPICIONS)
"""Why two subjects that look alike may be one."""


def suspicion_words(suspicion: str) -> str:
    """Return why two subjects that look alike may be one; where that is not suspected they are just look-alikes."""
    return _(_SUSPICIONS[suspicion]) if suspicion else _("look-alikes")


def method_name(method: str) -> str:
    """Return what a method of calibration is called."""
    return _("logistic") if method == "logistic" else _("isotonic")


def judged_on(people: str) -> str:
    """Return on whom a calibration was judged: a cohort, or the subjects that it was not made from."""
    return _("other subjects") if people == "other subjects" else cohort_name(people)
