"""What the kinds of findings are called; see `facegap.data.finding.FindingCode.kind`."""

from facegap.report.text.language import _
from facegap.run.text import N_

KINDS = {
    "absent": N_("absent images"),
    "asymmetric": N_("asymmetric matrix"),
    "constant-embeddings": N_("constant embeddings"),
    "different-inputs": N_("different inputs"),
    "direction": N_("direction of scores"),
    "drawn-comparisons": N_("drawn comparisons"),
    "duplicate": N_("duplicates"),
    "empty-cohort": N_("empty cohort"),
    "equal-names": N_("equal names"),
    "guessed-contract": N_("guessed contract"),
    "guessed-subjects": N_("guessed subjects"),
    "ignored": N_("ignored"),
    "label-conflict": N_("label conflict"),
    "missing-score": N_("missing scores"),
    "no-genuine": N_("no genuine comparison"),
    "no-impostor": N_("no impostor comparison"),
    "no-spread": N_("scores without spread"),
    "normalised-twice": N_("normalised twice"),
    "not-measured": N_("not measured"),
    "not-resolvable": N_("not resolvable"),
    "one-carries": N_("one subject makes most errors"),
    "per-subject": N_("uneven weight of subjects"),
    "remote-images": N_("images at URLs"),
    "rounded": N_("rounded scores"),
    "scaled-grey": N_("scaled greys"),
    "several-forms": N_("several forms of an id"),
    "shared-subject": N_("shared subjects"),
    "single-image": N_("single images"),
    "subjects-alike": N_("subjects count the same"),
    "template-failures": N_("failures in templates"),
    "uneven-subjects": N_("uneven subjects"),
    "unit-scale": N_("scale of pixels"),
    "unknown-subjects": N_("unknown subjects"),
    "unsure-subjects": N_("unsure subjects"),
    "zero-embeddings": N_("zero embeddings"),
}
"""By code."""


def finding_kind(kind: str) -> str:
    """Return what a kind of findings is called; one of another version of facegap is shown as it is."""
    return _(KINDS[kind]) if kind in KINDS else kind
