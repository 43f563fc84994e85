"""How many subjects must judge a new model before facegap claims anything of it."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from facegap.data.manifest import Manifest
from facegap.errors import InputError
from facegap.jobs.split import LEAST_IMAGES, Role, split_subjects
from facegap.report.text.proofs import too_few_to_judge

LEAST = 20
"""Subjects with genuine comparisons that each cohort needs, for two reasons.

Who is missing: of n subjects drawn at random, none is of a kind that makes up a share q of the people with probability
(1 - q)^n. No interval can show what a model does to people who are not there. With 20 subjects, a kind of 15 % is
missing with probability 4 %; with 4 subjects, with probability 52 %. This is the rule of three: kinds rarer than 3/n
may be missing (Hanley & Lippman-Hand, JAMA 249, 1983).

How wide the interval is: with n subjects its standard error is itself uncertain by about 1 / sqrt(2 (n - 1)), which is
16 % with 20 subjects and 41 % with 4. Student's t allows for that where subjects vary normally, which a few subjects
cannot show.
"""


def genuine_subjects(manifest: Manifest, hashes: Sequence[str], rows: np.ndarray | None = None) -> dict[str, int]:
    """Return for each cohort how many subjects have a genuine comparison in it: two or more different images.

    Args:
        manifest: the N images.
        hashes: (N,) hex sha256 of each file's bytes; empty where they are not known, then all images are different.
        rows: (N,) bool, the images that count; all by default. A cohort of which none counts has 0 subjects.
    """
    image = pl.Series(list(hashes) or [str(i) for i in range(len(manifest))], dtype=pl.String)
    frame = manifest.frame.select("subject", "cohort", image=image)
    counting = frame if rows is None else frame.filter(pl.Series(rows))
    several = counting.group_by("cohort", "subject").agg(pl.col("image").n_unique()).filter(pl.col("image") > 1)
    found = dict(several.group_by("cohort").len().iter_rows())
    present = set(frame["cohort"])
    return {cohort: found.get(cohort, 0) for cohort in manifest.cohorts if cohort in present}


def shortage(counts: Mapping[str, int]) -> str:
    """Return in which cohorts there are fewer than `LEAST` subjects, and how many; "" where there are enough."""
    few = {cohort: count for cohort, count in counts.items() if count < LEAST}
    return too_few_to_judge(few, LEAST) if few else ""


def check_enough(counts: Mapping[str, int]) -> None:
    """Refuse cohorts with too few subjects to judge on.

    Raises:
        InputError: a cohort has fewer than `LEAST`.
    """
    if said := shortage(counts):
        raise InputError(
            "{said}; give images of more people, or hold out a larger share of yours (--held-out)", said=said
        )


def check_before(
    manifest: Manifest, *, held_out: float, validation: float = 0.0, least_images: int = LEAST_IMAGES, seed: int
) -> None:
    """Refuse a split that would hold out too few subjects even if every image could be used, before any is opened.

    The arguments are those of `facegap.jobs.split.split_subjects`.

    Raises:
        InputError: too few subjects are there, or would be held out.
    """
    planned = split_subjects(
        manifest, [], held_out=held_out, validation=validation, least_images=least_images, seed=seed
    )
    check_enough(genuine_subjects(manifest, [], planned.rows(Role.HELD_OUT)))
