"""Whether two spellings are one person, and whether one name in two inputs is one person or two."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.datasets.part import InputPart
from facegap.run.text import SHOWN, natural

THOUSANDS = re.compile(r"\d{1,3}(?:[,' ]\d{3})+(?:\.0+)?")
WHOLE = re.compile(r"(\d+)(?:\.0*)?")
NUMBER = re.compile(r"\d+(?:\.0+)?")


def plain_form(subject: str) -> str:
    """Return what all forms of an id share: `001`, `1.0` and full-width `１` are `1`, `1,000` is `1000`."""
    text = " ".join(unicodedata.normalize("NFKC", subject).casefold().split())
    if THOUSANDS.fullmatch(text):
        text = re.sub(r"[,' ]", "", text)
    whole = WHOLE.fullmatch(text)
    return (whole[1].lstrip("0") or "0") if whole else text


def with_ids(
    parts: Sequence[InputPart], names: Sequence[str], *, merge: bool, separate: bool | None
) -> tuple[list[InputPart], list[Finding]]:
    """Return the parts with subjects that are one person where they bear one name, and what was found and done.

    Args:
        parts: what was read.
        names: of the inputs.
        merge: forms of one id, as `001` and `1`, become one subject.
        separate: equal names in two inputs, or in two cohort folders, are two people. None: where they are numbers.
    """
    units = [_units(part, name) for part, name in zip(parts, names, strict=True)]
    subjects: list[list[str]] = [part.frame["subject"].to_list() for part in parts]
    findings = []
    if forms := _forms(units, subjects, separate):
        shown = forms[:SHOWN]
        findings.append(Finding.of(FindingCode.SEVERAL_FORMS, subjects=len(forms), forms=shown, merged=merge))
        if merge:
            usual = {form: found[0] for found in forms for form in found}
            subjects = [[usual.get(subject, subject) for subject in own] for own in subjects]
    if alike := _apart(units, subjects, separate):
        subjects = [
            [f"{unit}/{subject}" if subject in alike else subject for unit, subject in zip(of, own, strict=True)]
            for of, own in zip(units, subjects, strict=True)
        ]
        asked = bool(separate)
        findings.append(Finding.of(FindingCode.EQUAL_NAMES, subjects=len(alike), names=alike[:SHOWN], asked=asked))
    columns = [pl.Series("subject", own, dtype=pl.String) for own in subjects]
    made = [replace(part, frame=part.frame.with_columns(own)) for part, own in zip(parts, columns, strict=True)]
    return made, findings


def _units(part: InputPart, name: str) -> list[str]:
    """Return for each row within what equal names are one person: its input, or its cohort folder."""
    return part.frame["cohort"].to_list() if part.layout == "cohort-folders" else [name] * part.frame.height


def _forms(units: list[list[str]], subjects: list[list[str]], separate: bool | None) -> list[list[str]]:
    """Return the forms of each subject that has several, the one of most images first."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for of, own in zip(units, subjects, strict=True):
        for unit, subject in zip(of, own, strict=True):
            form = plain_form(subject)
            apart = form.isdecimal() if separate is None else separate
            found[unit if apart else "", form][subject] += 1
    several = [forms for forms in found.values() if len(forms) > 1]
    return [sorted(forms, key=lambda form: (-forms[form], natural(form))) for forms in several]


def _apart(units: list[list[str]], subjects: list[list[str]], separate: bool | None) -> list[str]:
    """Return the names that stand for several people in several units."""
    if separate is False:
        return []
    places: dict[str, set[str]] = defaultdict(set)
    for of, own in zip(units, subjects, strict=True):
        for unit, subject in zip(of, own, strict=True):
            places[subject].add(unit)
    shared = [name for name, own in places.items() if len(own) > 1]
    return sorted((name for name in shared if separate or NUMBER.fullmatch(name)), key=natural)
