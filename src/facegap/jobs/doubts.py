"""What must be said of the subjects before the numbers: who is who decides all of them."""

from collections.abc import Iterator

import polars as pl

from facegap.data.finding import Finding
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, Images, Source
from facegap.data.templates import units
from facegap.errors import InputError, Phrase
from facegap.report.text.findings import finding_texts

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
    found = Phrase("its list has impostors only")
    if not source.listed:
        number = len(manifest)
        if number == len(source.manifest):
            found = Phrase("each of its {n} images is of a subject of its own", n=number)
        else:
            found = Phrase("each of its {n} templates is of a subject of its own", n=number)
    said = finding_texts(doubts(manifest))  # in the language of this run
    raise InputError(
        "{dataset} has no genuine comparison: {found}; {why}; nothing was measured",
        dataset=manifest.name,
        found=found,
        why="; ".join(said) or Phrase("give two images or more of some subjects"),
    )
