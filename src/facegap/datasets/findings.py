"""What a person should look at in the data: reported, never mended."""

import hashlib
from collections.abc import Iterator, Sequence

import polars as pl

from facegap.data.boxes import box_columns
from facegap.data.manifest import Finding, Manifest
from facegap.data.source import GivenScores, Pairs
from facegap.datasets.uneven import uneven_findings
from facegap.run.text import counted, shortened

EMPTY_FILE = hashlib.sha256().hexdigest()
"""Files without content are unreadable; that they are alike says nothing about their subjects."""


def label_findings(manifest: Manifest, pairs: Pairs | None = None) -> tuple[Finding, ...]:
    """Return what the labels alone show: cohorts and subjects that cannot be compared or weigh too much, bad labels.

    `pairs`: the comparisons that are made, where they are listed.
    """
    cohorts = _cohorts(manifest) if pairs is None else _listed_pairs(pairs)
    return (*cohorts, *uneven_findings(manifest, pairs), *_shared_subjects(manifest), *_conflicting_paths(manifest))


def score_findings(source: GivenScores) -> Iterator[Finding]:
    """Yield what a list of scores and its labels show: kinds of comparison that are missing, and bad labels."""
    genuine = sum(int(block.same.sum()) for block in source.blocks())
    every = sum(len(scores) for scores, _ in source.lists)
    for kind, number in (("genuine", genuine), ("impostor", every - genuine)):
        if not number:
            yield Finding(f"no-{kind}", f"the scores have no {kind} comparison, so the AUC is undefined: add some")
    yield from _shared_subjects(source.manifest)
    yield from _conflicting_paths(source.manifest)


def content_findings(manifest: Manifest, hashes: Sequence[str]) -> tuple[Finding, ...]:
    """Return which files hold the same bytes.

    `hashes`: (N,) hex sha256 of each file's bytes, "" where it is unreadable. The same bytes under one subject are a
    `duplicate`, under two a `label-conflict`; one finding per group.
    """
    rows = manifest.frame.select("path", "subject", hash=pl.Series(list(hashes), dtype=pl.String))
    groups = (
        rows.filter(~pl.col("hash").is_in(["", EMPTY_FILE]))
        .group_by("hash", maintain_order=True)
        .agg("path", "subject")
        .filter(pl.col("path").list.len() > 1)
    )
    findings = []
    for paths, subjects in groups.select("path", "subject").iter_rows():
        # One path under two subjects is seen in the labels already.
        if len(set(subjects)) > 1 and len(set(paths)) > 1:
            message = f"the same image, byte for byte, is filed under {_names(sorted(set(subjects)))}: mend the labels"
            findings.append(Finding("label-conflict", message, tuple(paths)))
        for subject in sorted(set(subjects)):
            own = tuple(path for path, other in zip(paths, subjects, strict=True) if other == subject)
            if len(own) > 1:
                message = (
                    f"{len(own)} files of {subject!r} are the same image, byte for byte, "
                    "and make for perfect genuine comparisons: keep one"
                )
                findings.append(Finding("duplicate", message, own))
    return tuple(findings)


def _cohorts(manifest: Manifest) -> Iterator[Finding]:
    for cohort in manifest.cohorts:
        subjects = manifest.frame.filter(pl.col("cohort") == cohort)["subject"]
        images = subjects.value_counts(name="images").sort("subject")
        single = images.filter(pl.col("images") == 1)["subject"].to_list()
        if images.is_empty():
            yield Finding("empty-cohort", f"cohort {cohort!r} has no images: check its folder or leave it out")
            continue
        if single:
            yield Finding(
                "single-image",
                f"cohort {cohort!r}: subjects with one image, which take part in impostor comparisons only: "
                f"{len(single)} of {images.height} ({shortened(single)})",
            )
        if len(single) == images.height:
            yield Finding(
                "no-genuine",
                f"cohort {cohort!r} has no genuine comparison, so its AUC and FNMR are undefined: "
                "add a second image of some subjects",
            )
        if images.height == 1:
            yield Finding(
                "no-impostor",
                f"cohort {cohort!r} has one subject, {images['subject'][0]!r}, and no impostor comparison, so its AUC "
                "and FMR are undefined: add subjects",
            )


def _listed_pairs(pairs: Pairs) -> Iterator[Finding]:
    for kind, same in (("genuine", True), ("impostor", False)):
        if not (pairs.same == same).any():
            message = f"the list of pairs has no {kind} comparison, so the AUC is undefined: add some"
            yield Finding(f"no-{kind}", message)


def _shared_subjects(manifest: Manifest) -> Iterator[Finding]:
    shared = (
        manifest.frame.group_by("subject")
        .agg(pl.col("cohort").unique().sort())
        .filter(pl.col("cohort").list.len() > 1)
        .sort("subject")
    )
    if shared.height:
        names = [f"{subject} ({', '.join(cohorts)})" for subject, cohorts in shared.iter_rows()]
        yield Finding(
            "shared-subject",
            f"{counted(len(names), 'subject')} found in more than one cohort: {shortened(names)}; "
            "equal names are taken for one person; where they are two, --separate-subjects keeps those of two inputs "
            "apart, else rename them",
        )


def _conflicting_paths(manifest: Manifest) -> Iterator[Finding]:
    conflicts = (
        manifest.frame.group_by("path", *box_columns(manifest.frame.columns))
        .agg(pl.col("subject").unique().sort())
        .filter(pl.col("subject").list.len() > 1)
        .sort("path")
    )
    for path, subjects in conflicts.select("path", "subject").iter_rows():
        message = f"one image is filed under {_names(subjects)}: mend the labels"
        yield Finding("label-conflict", message, (path,))


def _names(subjects: list[str]) -> str:
    return " and ".join(map(repr, subjects))
