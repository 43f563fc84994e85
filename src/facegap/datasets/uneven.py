"""Whether a few subjects make most of the genuine comparisons of a cohort, which grow as the square of their images."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs

ALONE = 0.1
"""A larger share of a cohort's genuine comparisons is much for one subject. Where five make over half, one has it."""

LARGEST = 5
LEAST = 20
"""Of so many subjects it is said what the `LARGEST` five make."""

LIMITS = (50, 20, 10, 5, 3, 2)
"""What `--most-images` is suggested, the first that is enough. With 2 all subjects make equally many comparisons."""


def uneven_findings(manifest: Manifest, pairs: Pairs | None = None) -> Iterator[Finding]:
    """Yield a finding for each cohort in which one subject makes much of the genuine comparisons.

    Of n subjects with a genuine comparison, one makes much with more than a tenth and more than twice its equal share,
    2/n. All is counted from the labels: an image that a model will fail on counts too. `pairs`: the comparisons that
    are made, where they are listed.
    """
    if pairs is not None:
        genuine = manifest.frame[pairs.a[pairs.same]]
        for cohort in manifest.cohorts:
            subjects = genuine.filter(pl.col("cohort") == cohort)["subject"]
            counts = subjects.value_counts(name="made").sort("made", "subject", descending=[True, False])
            names, made = counts["subject"].to_list(), counts["made"].to_numpy().astype(np.float64)
            if (share := _uneven(made)) is not None:
                yield _finding(cohort, names[0], share, len(made), most_images=0)
        return
    for cohort in manifest.cohorts:
        subjects = manifest.frame.filter(pl.col("cohort") == cohort)["subject"]
        counts = subjects.value_counts(name="images").filter(pl.col("images") > 1)
        counts = counts.sort("images", "subject", descending=[True, False])
        images = counts["images"].to_numpy().astype(np.float64)
        if (share := _uneven(_pairs(images))) is not None:
            limit = next(limit for limit in LIMITS if _uneven(_pairs(np.minimum(images, limit))) is None)
            yield _finding(cohort, counts["subject"][0], share, len(images), most_images=limit)


def _pairs(images: np.ndarray) -> np.ndarray:
    return images * (images - 1) / 2


def _uneven(made: np.ndarray) -> tuple[float, float] | None:
    """Return the shares of the largest subject and of the largest five, or None where they are not remarkable.

    `made`: (n,) genuine comparisons of each subject that has any, most first.
    """
    if not len(made):
        return None
    first, five = float(made[0] / made.sum()), float(made[:LARGEST].sum() / made.sum())
    return (first, five) if first > max(ALONE, 2 / len(made)) else None


def _finding(cohort: str, subject: str, share: tuple[float, float], subjects: int, *, most_images: int) -> Finding:
    """Return the finding; `most_images`: the limit that is enough, 0 where the comparisons are listed."""
    of_one, of_five = share
    return Finding.of(
        FindingCode.UNEVEN_SUBJECTS,
        cohort=cohort, subject=subject, share=of_one, subjects=subjects,
        share_of_five=of_five if subjects >= LEAST else 0.0, most_images=most_images,
    )  # fmt: skip
