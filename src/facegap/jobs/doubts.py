"""What must be said of the subjects before the numbers: who is who decides all of them."""

from collections.abc import Iterator

import polars as pl

from facegap.data.finding import Finding
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, Images, Source
from facegap.data.templates import units
from facegap.errors import InputError
from facegap.report.text.findings import finding_texts
from facegap.report.text.language import SOURCE, in_language

OF_SUBJECTS = ("unsure-subjects", "several-forms", "equal-names", "guessed-subjects")
"""Kinds of finding that say who was taken for whom."""


def doubts(manifest: Manifest) -> Iterator[Finding]:
    """Yield how the subjects were understood, where they may be others."""
    kinds = (*OF_SUBJECTS, *(["shared-subject"] if len(manifest.sources) > 1 else []))
    for finding in manifest.findings:
        if finding.kind in kinds:
            yield finding


def check_genuine(source: Source) -> None:
    """Refuse a study that has no genuine comparison, of which neither AUC nor FNMR could be said.

    Raises:
        InputError: it has none.
    """
    manifest = units(source.manifest)
    if isinstance(source, GivenScores):
        genuine = any(block.same.any() for block in source.blocks())
    elif isinstance(source, Images) and source.pairs is not None:
        genuine = bool(source.pairs.same.any())
    else:
        genuine = len(manifest) == 0 or manifest.frame.select(pl.col("subject").is_duplicated().any()).item()
    if genuine:
        return
    found = "its list has impostors only"
    if not source.listed:
        what = "images" if len(manifest) == len(source.manifest) else "templates"
        found = f"each of its {len(manifest)} {what} is of a subject of its own"
    with in_language(SOURCE):  # as all errors are
        said = finding_texts(doubts(manifest))
    why = " ".join(f"{sentence};" for sentence in said) or "give two images or more of some subjects;"
    raise InputError(f"{manifest.name} has no genuine comparison: {found}; {why} nothing was measured")
