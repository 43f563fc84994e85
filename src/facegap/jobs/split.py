"""Which subjects a model learns from, and which it is judged on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.formats import KEY
from facegap.data.manifest import Manifest
from facegap.errors import InputError, nphrase
from facegap.report.text.proofs import split_text
from facegap.run.files import written_whole
from facegap.run.spreadsheet import spreadsheet_safe
from facegap.run.text import first_few

VERSION = 1
"""Schema version of a split that is written."""

LEAST_IMAGES = 2
"""A subject with fewer different images shows nothing of how one person varies."""

LEAST_SUBJECTS = 2
"""Of one subject there is no impostor comparison."""


class Role(StrEnum):
    """What the images of a subject are for."""

    TRAIN = "train"
    VALIDATION = "validation"
    HELD_OUT = "held-out"
    LEFT_OUT = "left-out"


SPLIT_SCHEMA = pl.Schema(
    {"path": pl.String, "subject": pl.String, "cohort": pl.String, "role": pl.String, KEY: pl.Int64}
)
"""One image a row. A CSV file has no other place that every reader keeps, so each row carries the schema version."""


@dataclass(frozen=True)
class Split:
    """The role of each of N images; all images of a subject have the same.

    `role`: (N,) str, values of `Role`. `note`: in one line, how many subjects have which role and why.
    """

    role: np.ndarray
    note: str

    def rows(self, *roles: Role) -> np.ndarray:
        """Return (N,) bool: the images with one of these roles."""
        return np.isin(self.role, [str(role) for role in roles])

    def table(self, manifest: Manifest) -> pl.DataFrame:
        """Return path, subject, cohort and role of every image, in the columns of `SPLIT_SCHEMA`."""
        role = pl.Series(self.role, dtype=pl.String)
        return manifest.frame.select("path", "subject", "cohort", role=role, schema_version=pl.lit(VERSION, pl.Int64))


def check_shares(held_out: float, validation: float = 0.0) -> None:
    """Refuse shares that no split can have; to be asked before any work is done.

    Raises:
        InputError: they leave nothing to learn from or to judge on.
    """
    if not (held_out > 0 and validation >= 0 and held_out + validation < 1):
        raise InputError(
            "shares of {held_out:g} held out and {validation:g} for validation leave nothing to learn from or to "
            "judge on: give shares above 0 that add up to less than 1",
            held_out=held_out,
            validation=validation,
        )


def split_subjects(
    manifest: Manifest,
    hashes: Sequence[str],
    *,
    held_out: float,
    validation: float = 0.0,
    least_images: int = LEAST_IMAGES,
    usable: np.ndarray | None = None,
    seed: int,
) -> Split:
    """Deal the subjects out at random: who is trained on, who chooses among trainings, and who judges the result.

    Subjects are dealt out cohort by cohort (those in several cohorts apart), those with enough images to learn from
    and those with fewer apart, so that each role gets its share of each. Of those to be trained on, subjects with
    fewer than `least_images` are left out; elsewhere they serve as impostors. The same subjects, cohorts and seed give
    the same split, whatever the order of the rows.

    Args:
        manifest: the N images.
        hashes: (N,) hex sha256 of each file's bytes, "" where it is unreadable; empty where there are no files.
        held_out, validation: shares of the subjects, 0 to 1.
        least_images: different images that a subject must have to be trained on.
        usable: (N,) bool, the images that can be learnt from; only they count for `least_images`. All by default.
        seed: of the dealing.

    Raises:
        InputError: the same image, byte for byte, is filed under two subjects, so that it might fall on both sides;
            or there are too few subjects to learn from some and to judge on others.
    """
    frame = manifest.frame.select(
        "subject",
        "cohort",
        code=manifest.subject_codes,
        image=pl.Series(list(hashes) or [str(i) for i in range(len(manifest))], dtype=pl.String),
        usable=pl.lit(True) if usable is None else pl.Series(usable),
    )
    _refuse_conflicts(frame)
    table = (
        frame.group_by("subject")
        .agg(
            few=pl.col("image").filter(pl.col("usable") & (pl.col("image") != "")).n_unique() < least_images,
            stratum=pl.col("cohort").unique().sort(),
            code=pl.col("code").first(),
        )
        .sort("few", "stratum", "code")
    )
    role_of = _deal(table, held_out, validation, np.random.default_rng(seed))
    few = dict(table.select("subject", "few").iter_rows())
    enough = {role: sum(not few[s] for s, given in role_of.items() if given == role) for role in Role}
    wanted = [Role.TRAIN, Role.HELD_OUT, *([Role.VALIDATION] if validation else [])]
    if any(enough[role] < LEAST_SUBJECTS for role in wanted):
        raise InputError(
            "{subjects} of {total} in {dataset} with {least} or more different images with a usable face: too few to "
            "learn from some and to judge on others, give more",
            subjects=nphrase("{n} subject", "{n} subjects", sum(not one for one in few.values())),
            total=len(few),
            dataset=manifest.name,
            least=least_images,
        )
    note = _note(role_of, few, least_images)
    for subject, role in role_of.items():
        if role is Role.TRAIN and few[subject]:
            role_of[subject] = Role.LEFT_OUT
    return Split(np.array([str(role_of[subject]) for subject in manifest.subjects]), note)


def strangers(
    manifest: Manifest, hashes: Sequence[str], *, subjects: Collection[str], images: Collection[str]
) -> np.ndarray:
    """Return (N,) bool: the images of subjects of whom a model learnt nothing, neither by name nor by a file's bytes.

    `subjects`, `images`: the names and the sha256 of the files that it learnt from. A subject that shares one file
    is known as a whole.
    """
    known = set(subjects)
    shared = set(images) - {""}
    known |= {subject for subject, image in zip(manifest.subjects, hashes, strict=True) if image in shared}
    return ~np.isin(manifest.frame["subject"].to_numpy(), sorted(known))


def write_split(split: Split, manifest: Manifest, path: Path) -> None:
    """Write a split as CSV, in the columns of `SPLIT_SCHEMA`.

    Raises:
        InputError: the file cannot be written; an older one is left as it was.
    """
    with written_whole(path) as (draft,):
        draft.write_text(spreadsheet_safe(split.table(manifest)).write_csv(), encoding="utf-8", newline="")


def _refuse_conflicts(frame: pl.DataFrame) -> None:
    shared = (
        frame.filter(pl.col("image") != "")
        .group_by("image")
        .agg(pl.col("subject").unique().sort())
        .filter(pl.col("subject").list.len() > 1)
        .sort("subject")
    )
    if shared.height:
        names = dict.fromkeys(" and ".join(map(repr, subjects)) for subjects in shared["subject"])
        raise InputError(
            "the same image, byte for byte, is filed under {names}: nothing can be learnt from such labels and it "
            "could fall on both sides of the split; `facegap audit` lists them, mend the labels",
            names=first_few(names),
        )


def _deal(table: pl.DataFrame, held_out: float, validation: float, rng: np.random.Generator) -> dict[str, Role]:
    """Give each subject the role that is furthest behind its share, stratum after stratum, in random order within."""
    roles = (Role.TRAIN, Role.HELD_OUT, Role.VALIDATION)
    check_shares(held_out, validation)
    shares = np.array([1 - held_out - validation, held_out, validation])
    given, role_of = np.zeros(3), {}
    for _, stratum in table.group_by("few", "stratum", maintain_order=True):
        for subject in rng.permutation(stratum["subject"].to_numpy()):
            place = int(np.argmax(shares * (given.sum() + 1) - given))
            given[place] += 1
            role_of[str(subject)] = roles[place]
    return role_of


def _note(role_of: dict[str, Role], few: dict[str, bool], least_images: int) -> str:
    """Return how many subjects there are for what, as a sentence."""
    left_out = sum(few[s] for s, role in role_of.items() if role is Role.TRAIN)
    counts = {role: list(role_of.values()).count(role) for role in (Role.TRAIN, Role.VALIDATION, Role.HELD_OUT)}
    counts[Role.TRAIN] -= left_out
    return split_text({str(role): count for role, count in counts.items()}, left_out, least_images)
