"""The words of the threshold explorer that its script needs; those of its frame stand in its template."""

from string import Formatter

from facegap.data.manifest import POOLED
from facegap.report.text.language import _
from facegap.report.text.names import cohort_name
from facegap.run.text import N_

_TEXTS = {
    "range": N_("{low} to {high}"),
    "cohort": N_("Cohort"),
    "crossed": N_("FMR × {cohort}"),
    "stated": N_("Threshold {threshold}: FMR is highest in {fmr_cohort} ({fmr}), FNMR in {fnmr_cohort} ({fnmr})."),
    "alone": N_("Threshold {threshold}: FMR {fmr}, FNMR {fnmr}."),
    "between": N_(
        "This threshold lies between two that were evaluated. Where a rate changes between them, it stands here by the "
        "two rates that it lies between."
    ),
    "united": N_(
        "* No interval was made at this threshold. These are the intervals at the nearest thresholds on both sides, "
        "taken together."
    ),
    "number": N_("Give a number."),
    "amount": N_("Give a number above 0."),
    "share": N_("Give a share between 0 and 1."),
    "pooled": N_("All comparisons together"),
    "worst": N_("The cohort with the highest DCF"),
}


def script_texts() -> dict[str, str]:
    """Return the texts by the names that the script knows them by; their places for values stay."""
    return {"all": cohort_name(POOLED), **{name: _(text, **_places(text)) for name, text in _TEXTS.items()}}


def _places(text: str) -> dict[str, str]:
    names = (place for _words, place, _form, _conversion in Formatter().parse(text) if place)
    return {name: f"{{{name}}}" for name in names}
