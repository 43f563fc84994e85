"""What to cite for a report: facegap, the definitions of its numbers, and how its intervals and tests were made."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from facegap.data.evaluation import Evaluation
from facegap.data.statement import SEPARATOR
from facegap.metrics.registry import metric
from facegap.run.versions import version

REFERENCES = {
    "ISO/IEC 19795-1": ("iso19795-1",),
    "Hanley & McNeil, Radiology 143, 1982": ("hanley1982",),
    "McClish, Medical Decision Making 9, 1989": ("mcclish1989",),
    "Bengio & Mariéthoz, Odyssey, 2004": ("bengio2004",),
    "Kish, Survey Sampling, 1965": ("kish1965",),
    "van Rijsbergen, Information Retrieval, 1979": ("vanrijsbergen1979",),
    "Doddington, Przybocki, Martin & Reynolds, Speech Communication 31, 2000; NIST SRE evaluation plans": (
        "doddington2000",
    ),
}
"""Keys of `references.bib`, by the `reference` of a metric. One that is not here is cited as it is written there."""

METHODS = {
    "jackknife": ("mackinnon2024", "snijders1999", "fogliato2024", "satterthwaite1946"),
    "wilson": ("wilson1927",),
    "rule_of_three": ("hanley1983",),
    "student_t": ("efron1969", "holm1979"),
    "student_t_of_ratio": ("efron1969", "holm1979"),
    "square_and_add": ("newcombe1998", "holm1979"),
}
"""The same, by the code of a method."""


def bibtex(evaluation: Evaluation | None = None) -> str:
    """Return BibTeX entries: facegap's own, and those of all that a report made use of."""
    used: dict[str, str] = {"facegap": _facegap()}
    for key, entry in _used(evaluation) if evaluation is not None else ():
        used.setdefault(key, entry)
    return "\n\n".join(used.values()) + "\n"


def _used(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    known = entries()
    measured = evaluation.metrics.filter(evaluation.metrics["value"].is_not_null())
    for name in measured["metric"].unique(maintain_order=True):
        if reference := metric(name).reference:
            keys = REFERENCES.get(reference)
            yield from ((key, known[key]) for key in keys) if keys else [_as_written(name, reference)]
    tables = (measured, evaluation.differences, evaluation.differentials)
    codes = {code for table in tables for cell in table["method"].drop_nulls() for code in cell.split(SEPARATOR)}
    for code, keys in METHODS.items():
        if code in codes:
            yield from ((key, known[key]) for key in keys)


@cache
def entries() -> dict[str, str]:
    """Return the entries of `references.bib` by key."""
    text = (Path(__file__).parent / "references.bib").read_text(encoding="utf-8")
    return {re.split(r"[{,]", entry)[1]: entry for entry in text.strip().split("\n\n")}


def _as_written(name: str, reference: str) -> tuple[str, str]:
    """Return an entry that holds no more than the reference of a metric, as its record has it."""
    key = f"metric-{re.sub(r'[^A-Za-z0-9]+', '-', name)}"
    said = re.sub(r"([&%$#_{}])", r"\\\1", reference)
    return key, f"@misc{{{key},\n  note = {{{said}}}\n}}"


def _facegap() -> str:
    number = version("facegap")
    return (
        "@software{facegap,\n  author = {{The facegap developers}},\n"
        "  title = {facegap: how well face-verification models work, cohort by cohort},\n"
        f"  version = {{{number}}}\n}}"
    )
