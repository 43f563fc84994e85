"""Labels that are probably wrong: what the embeddings contradict, and what the files themselves show."""

from collections.abc import Callable

import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.source import Source
from facegap.errors import InputError
from facegap.jobs.audit.extraordinary import rule_for
from facegap.jobs.audit.mixed_subjects import LEAST_GENUINE, Own
from facegap.jobs.audit.strangers import LEAST, Faces, Strangers
from facegap.jobs.audit.wrong_labels import cases
from facegap.jobs.collect import collect
from facegap.jobs.study import Study
from facegap.report.text.audits import action_text, all_equal, small_cohorts, too_few_pairs, too_few_subjects
from facegap.report.text.findings import finding_text
from facegap.report.text.language import said_of
from facegap.run.executor import Executor
from facegap.run.progress import Progress, mute, silent

LEAST_SUBJECTS = 4
"""With fewer there are no strangers to judge by."""

PROBABLE = 0.05
"""A label is probably wrong if at most so many cases as extreme are expected by chance; else it may be wrong."""

KINDS = ("label-conflict", "wrong-label", "one-person", "two-people", "odd-image", "duplicate")
"""What may be wrong, in the order of the table."""

AUDIT_SCHEMA = pl.Schema(
    {
        "kind": pl.String,
        "action": pl.String,
        "model": pl.String,
        "score": pl.Float64,
        "by_chance": pl.Float64,
        "path_a": pl.String,
        "subject_a": pl.String,
        "cohort_a": pl.String,
        "path_b": pl.String,
        "subject_b": pl.String,
        "cohort_b": pl.String,
        "reason": pl.String,
    }
)
"""Two images whose labels do not fit. `kind` is one of `KINDS`; where one label is in doubt it is that of image a.
`score` is in the model's native unit. `by_chance`: how many cases as extreme a study of this size without wrong labels
would hold if the tails of its scores are as they are taken to be; the lower, the surer, and empty where there are too
few subjects to say. `model`, `score` and `by_chance` are empty where the files are the evidence."""


def audit(
    study: Study,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
    doubt: Callable[[str], None] = mute,
) -> pl.DataFrame:
    """Return what may be wrong with the labels of a study, in the columns of `AUDIT_SCHEMA`, the surest first.

    Only the fields of `study` that say what is read and embedded, and how, are looked at. `executor`: where images are
    embedded. `doubt` is given a line for all that a model's embeddings cannot tell, and why. See `audit_labels`.

    Raises:
        InputError: the inputs cannot be used, or not for an audit, or no image has an embedding.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    found = collect(study, refuse=_refuse, executor=executor, progress=progress, say=say)
    tables = [audit_files(found.manifest)]
    for one in found.made:
        name, comparator, shipped = one.spec.name, one.spec.comparator, one.spec.threshold
        tables.append(
            audit_labels(
                one.embeddings, found.manifest, comparator,
                model=name, threshold=shipped, progress=progress, doubt=doubt,
            )
        )  # fmt: skip
    return _ordered(pl.concat(tables))


def _refuse(source: Source) -> None:
    if source.listed:
        raise InputError("a list of pairs cannot be audited: give the folder or table that says who is in which image")


def audit_labels(
    embeddings: Embeddings,
    manifest: Manifest,
    comparator: Comparator,
    *,
    model: str,
    threshold: float | None = None,
    progress: Progress = silent,
    doubt: Callable[[str], None] = mute,
) -> pl.DataFrame:
    """Return the labels that one model's embeddings contradict, in the columns of `AUDIT_SCHEMA`.

    A comparison is suspicious if it is extraordinary for what its labels say, and ordinary for the contrary.

    Two subjects are probably one person if their closest comparison stands out from all other pairs of subjects. Each
    image has its own yardstick, its 10th nearest other subject, since some faces are close to many others: a
    comparison counts by how much closer it is than that, for both of its images (adaptive score normalisation, as in
    speaker recognition: Matejka et al., Interspeech 2017). It has to lie so far out in the tail of all pairs of
    subjects that at most one such pair is expected by chance, and to be at least as close as the middle genuine
    comparison. Few subjects have no such tail: with fewer than 21 the closest comparison is held against a bar instead,
    see `facegap.jobs.audit.extraordinary.rule_for`, and `by_chance` stays empty.

    The images of a subject are probably of two people if, between two groups of them, the mean comparison is what those
    of strangers are in 19 of 20 cases and what those of one subject are in one of a hundred, by median and median
    absolute deviation: of each image's similarity to the other subjects of its cohort, and of each image's likeness
    to its own subject.

    Of two subjects that are too alike, an image that is unlike its own subject has a wrong label, or else one that is
    like the other subject's images while its counterpart is not like its own subject's; if there is none the two are
    one person. An image that is unlike its own subject is also sent to the subject it is most alike to if at most one
    image in twenty would find one as much alike by chance.

    Every image is compared with every other, twice; memory grows with the images, never with the comparisons.

    `threshold`: the one that the model ships with, in its native unit. `doubt` is given a line for all that cannot be
    told, and why.

    Raises:
        InputError: no image has an embedding.
    """
    faces = Faces.embedded(embeddings, manifest, comparator)
    subjects = len(np.unique(faces.subject))
    if not subjects:
        raise InputError(
            "{model}: no image has an embedding to audit: see `facegap evaluate` for the reasons", model=model
        )
    if why := _nothing_to_tell(faces):
        doubt(said_of(model, why))
        return pl.DataFrame(schema=AUDIT_SCHEMA)
    strangers = Strangers.of(faces, progress=progress)
    own = Own.of(faces, strangers)
    shipped = None if threshold is None else float(comparator.cut(threshold))
    rule, limits = rule_for(faces, strangers, own, shipped, progress=progress)
    for line in filter(None, (limits, _limits_of_own(own), _limits_of_cohorts(faces, manifest))):
        doubt(said_of(model, line))
    found = cases(faces, strangers, own, rule)
    conflicts = [set(finding.paths) for finding in manifest.findings if finding.kind == "label-conflict"]
    rows = []
    for case in found:
        a, b = int(faces.row[case.a]), int(faces.row[case.b])
        row = _row(manifest, case.kind, a, b, case.reason)
        known = any({row["path_a"], row["path_b"]} <= conflict for conflict in conflicts)
        if not (known and case.kind == "one-person"):
            similarity = comparator.similarity(embeddings.vectors[[a]], embeddings.vectors[[b]])
            score = comparator.sign * float(similarity[0])
            rows.append({**row, "model": model, "score": score, "by_chance": case.by_chance})
    return _ordered(pl.DataFrame(rows, schema=AUDIT_SCHEMA))


def _nothing_to_tell(faces: Faces) -> str:
    """Return why the embeddings tell nothing, in words, or ""."""
    subjects = len(faces.starts)
    if subjects < LEAST_SUBJECTS:
        return too_few_subjects(subjects, LEAST_SUBJECTS)
    return all_equal() if faces.all_equal else ""


def _limits_of_own(own: Own) -> str:
    """Return what cannot be told about two people under one name, in words, or ""."""
    return "" if own.subjects >= LEAST_GENUINE else too_few_pairs(own.subjects, LEAST_GENUINE)


def _limits_of_cohorts(faces: Faces, manifest: Manifest) -> str:
    """Return which cohorts have too few images to judge their own, in words, or ""."""
    codes, images = np.unique(faces.cohort, return_counts=True)
    if len(codes) < 2:
        return ""
    few = []
    for code, count in zip(codes.tolist(), images.tolist(), strict=True):
        _, own = np.unique(faces.subject[faces.cohort == code], return_counts=True)
        if count - own.max() < LEAST:
            few.append(manifest.cohorts[code])
    return small_cohorts(few, LEAST) if few else ""


def audit_files(manifest: Manifest) -> pl.DataFrame:
    """Return what the files and the table show by themselves: duplicates and label conflicts."""
    paths = manifest.frame["path"].to_numpy()
    rows = []
    for finding in manifest.findings:
        if finding.kind in ("duplicate", "label-conflict") and finding.paths:
            concerned = np.flatnonzero(np.isin(paths, finding.paths)).tolist()
            first, *others = concerned
            rows += [_row(manifest, finding.kind, first, other, finding_text(finding)) for other in others or [first]]
    return _ordered(pl.DataFrame(rows, schema=AUDIT_SCHEMA))


def _row(manifest: Manifest, kind: str, a: int, b: int, reason: str) -> dict:
    row = {"kind": kind, "action": action_text(kind), "model": "", "score": None, "by_chance": None, "reason": reason}
    for side, i in (("a", a), ("b", b)):
        path, subject, cohort = manifest.frame.select("path", "subject", "cohort").row(i)
        row |= {f"path_{side}": path, f"subject_{side}": subject, f"cohort_{side}": cohort}
    return row


def _ordered(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows by kind, the surest first."""
    return table.sort(pl.col("kind").cast(pl.Enum(KINDS)), "by_chance", maintain_order=True, nulls_last=True)
