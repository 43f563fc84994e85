"""What a person should look at in the data: reported, never mended."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from facegap.data.across import MOST_PAIRS, sharing
from facegap.data.boxes import box_columns
from facegap.data.digests import Digests
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, Pairs
from facegap.data.templates import Templates, units
from facegap.datasets.uneven import uneven_findings
from facegap.run.text import SHOWN

EMPTY_FILE = hashlib.sha256().hexdigest()
"""Files without content are unreadable; that they are alike says nothing about their subjects."""


def label_findings(manifest: Manifest, pairs: Pairs | None = None) -> tuple[Finding, ...]:
    """Return what the labels alone show: cohorts and subjects that cannot be compared or weigh too much, bad labels.

    Templates count, not their images. `pairs`: the comparisons that are made, where they are listed.
    """
    if not (templates := Templates.among(manifest.frame)).trivial:
        manifest = units(manifest)
        pairs = pairs and replace(pairs, a=templates.of[pairs.a], b=templates.of[pairs.b])
    across = _across(manifest, None if pairs is None else [(pairs.a[pairs.same], pairs.b[pairs.same])])
    cohorts = _cohorts(manifest, across) if pairs is None else _listed_pairs(pairs)
    shared = _shared_subjects(manifest, across)
    return (*cohorts, *uneven_findings(manifest, pairs), *shared, *_conflicting_paths(manifest))


def score_findings(source: GivenScores) -> Iterator[Finding]:
    """Yield what a list of scores and its labels show: kinds of comparison that are missing, and bad labels."""
    genuine = sum(int(block.same.sum()) for block in source.blocks())
    every = sum(len(scores) for scores, _ in source.lists)
    if not genuine:
        yield Finding.of(FindingCode.SCORES_WITHOUT_GENUINE)
    if genuine == every:
        yield Finding.of(FindingCode.SCORES_WITHOUT_IMPOSTOR)
    met = ((block.a[block.same], block.b[block.same]) for block in source.blocks())
    yield from _shared_subjects(source.manifest, _across(source.manifest, met))
    yield from _conflicting_paths(source.manifest)


def content_findings(manifest: Manifest, hashes: Sequence[str]) -> tuple[Finding, ...]:
    """Return which files hold the same bytes.

    `hashes`: (N,) hex sha256 of each file's bytes, "" where it is unreadable. The same bytes under one subject are a
    `duplicate`, under two a `label-conflict`; one finding per group.
    """
    first = Digests.of(hashes).first_rows()
    rows = np.flatnonzero(np.bincount(first)[first] > 1) if len(first) else first
    repeated = manifest.frame[rows].select("path", "subject", first=first[rows])
    groups = repeated.group_by("first", maintain_order=True).agg("path", "subject")
    groups = groups.filter(pl.Series([hashes[row] != EMPTY_FILE for row in groups["first"]], dtype=pl.Boolean))
    findings = []
    for paths, subjects in groups.select("path", "subject").iter_rows():
        # One path under two subjects is seen in the labels already.
        if len(set(subjects)) > 1 and len(set(paths)) > 1:
            findings.append(Finding.of(FindingCode.SAME_BYTES_OF_TWO, paths, subjects=sorted(set(subjects))))
        for subject in sorted(set(subjects)):
            own = tuple(dict.fromkeys(path for path, other in zip(paths, subjects, strict=True) if other == subject))
            if len(own) > 1:
                findings.append(Finding.of(FindingCode.SAME_BYTES, own, files=len(own), subject=subject))
    return tuple(findings)


def _across(manifest: Manifest, genuine: Iterable[tuple[np.ndarray, np.ndarray]] | None) -> dict[str, tuple[str, str]]:
    """Return the pairs of cohorts with numbers of their own, by name; see `data.across`.

    `genuine`: the rows on both sides of the genuine comparisons, where comparisons are listed.
    """
    codes, cohorts = manifest.cohort_codes, manifest.cohorts
    found = sharing(manifest.subject_codes, codes, cohorts)
    if genuine is None or not found:
        return found
    sides = [np.sort(np.stack([codes[a], codes[b]]), axis=0) for a, b in genuine]
    met = {(cohorts[p], cohorts[q]) for p, q in np.unique(np.concatenate(sides, axis=1), axis=1).T.tolist()}
    return {name: ends for name, ends in found.items() if ends in met}


def _cohorts(manifest: Manifest, across: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    every = manifest.frame["subject"]
    alone = set(every.filter(~every.is_duplicated()))
    for cohort in manifest.cohorts:
        subjects = every.filter(manifest.frame["cohort"] == cohort)
        images = subjects.value_counts(name="images").sort("subject")
        single = images.filter(pl.col("images") == 1)["subject"].to_list()
        if images.is_empty():
            yield Finding.of(FindingCode.EMPTY_COHORT, cohort=cohort)
            continue
        if lonely := [subject for subject in single if subject in alone]:
            some = {"single": len(lonely), "subjects": images.height, "names": lonely[:SHOWN]}
            yield Finding.of(FindingCode.SINGLE_IMAGE, cohort=cohort, **some)
        if len(single) == images.height and (elsewhere := [name for name, ends in across.items() if cohort in ends]):
            yield Finding.of(FindingCode.GENUINE_ELSEWHERE, cohort=cohort, across=elsewhere)
        elif len(single) == images.height:
            yield Finding.of(FindingCode.COHORT_WITHOUT_GENUINE, cohort=cohort)
        if images.height == 1:
            yield Finding.of(FindingCode.COHORT_OF_ONE, cohort=cohort, subject=images["subject"][0])


def _listed_pairs(pairs: Pairs) -> Iterator[Finding]:
    if not pairs.same.any():
        yield Finding.of(FindingCode.PAIRS_WITHOUT_GENUINE)
    if pairs.same.all():
        yield Finding.of(FindingCode.PAIRS_WITHOUT_IMPOSTOR)


def _shared_subjects(manifest: Manifest, across: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    shared = (
        manifest.frame.group_by("subject")
        .agg(pl.col("cohort").unique().sort())
        .filter(pl.col("cohort").list.len() > 1)
        .sort("subject")
    )
    asked = {subject: any(set(ends) <= set(of) for ends in across.values()) for subject, of in shared.iter_rows()}
    if any(asked.values()):
        most = MOST_PAIRS if len(across) == MOST_PAIRS else 0
        yield Finding.of(FindingCode.SHARED_ACROSS, subjects=sum(asked.values()), across=list(across), most=most)
    others = shared.filter(~pl.col("subject").is_in([subject for subject, found in asked.items() if found]))
    if others.height:
        names, cohorts = (others[:SHOWN][column].to_list() for column in ("subject", "cohort"))
        yield Finding.of(FindingCode.SHARED_SUBJECT, subjects=others.height, names=names, cohorts=cohorts)


def _conflicting_paths(manifest: Manifest) -> Iterator[Finding]:
    conflicts = (
        manifest.frame.filter(pl.col("path").is_duplicated())
        .group_by("path", *box_columns(manifest.frame.columns))
        .agg(pl.col("subject").unique().sort())
        .filter(pl.col("subject").list.len() > 1)
        .sort("path")
    )
    for path, subjects in conflicts.select("path", "subject").iter_rows():
        yield Finding.of(FindingCode.ONE_IMAGE_OF_TWO, [path], subjects=subjects)
