"""A list of comparisons, official or one's own: only these pairs are scored."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.data.source import Pairs
from facegap.datasets.lfw import is_lfw, read_lfw
from facegap.datasets.pair_columns import read_pair_columns, sheet_attributes, with_attributes
from facegap.datasets.part import InputPart
from facegap.datasets.plain_pairs import plain_form, read_plain
from facegap.datasets.sheet import PARQUET, read_sheet, read_text
from facegap.datasets.table import absent_images
from facegap.errors import InputError
from facegap.run.text import clean

NONE_SAID: Mapping[str, tuple[str, str]] = {}
"""No attributes."""


def read_pairs(path: Path, images: Path) -> InputPart:
    """Return the images of a list of comparisons, each once, and the comparisons.

    The list has LFW's format, is a table (see `pair_columns`), or has no header (see `plain_pairs`). Without subjects,
    images joined by a chain of genuine comparisons are one subject, which is said. Images that are absent keep their
    rows. Relative paths start at the folder `images`.

    Raises:
        InputError: a line is malformed, or not one of the images exists.
    """
    text, note = ("", "") if path.suffix.lower() in PARQUET else read_text(path)
    said: dict[str, tuple[str, str]] = {}
    if is_lfw(text):
        comparisons = read_lfw(path, text, images)
    elif form := plain_form(text):
        comparisons = read_plain(path, text, images, form)
    else:
        sheet = read_sheet(path)
        comparisons, said, note = read_pair_columns(sheet, images), sheet_attributes(sheet), sheet.note
    return pairs_part(path, comparisons, images, said, note)


def pairs_part(
    path: Path, comparisons: pl.DataFrame, images: Path, said: Mapping[str, tuple[str, str]] = NONE_SAID, note: str = ""
) -> InputPart:
    """Return the images and comparisons of a list that was read; see `read_pairs`.

    `said`: of each attribute the columns of both sides.
    """
    paths = pl.concat([comparisons["path_a"], comparisons["path_b"].alias("path_a")]).unique().sort().alias("path")
    findings = list(absent_images(path, paths, images))

    row = {image: number for number, image in enumerate(paths)}
    a = np.array([row[image] for image in comparisons["path_a"]], dtype=np.int64)
    b = np.array([row[image] for image in comparisons["path_b"]], dtype=np.int64)
    same = comparisons["same"].to_numpy()
    if "subject_a" in comparisons.columns:
        subjects = _given_subjects(path, comparisons, paths)
    else:
        roots = connected(len(paths), a[same], b[same])
        subjects = [clean(paths[root].removeprefix(f"{images}/")) for root in roots]
        guessed = len(set(subjects))
        findings.append(Finding.of(FindingCode.GUESSED_FROM_PAIRS, place=str(path), subjects=guessed))

    pairs = Pairs(a, b, same, comparisons["fold"].to_numpy())
    folds = f" in {pairs.folds} folds" if pairs.folds > 1 else ""
    how = f"list of pairs, {same.sum()} genuine and {(~same).sum()} impostor{folds}"
    frame = pl.DataFrame([paths, pl.Series("subject", subjects, dtype=pl.String)])
    frame, passed_over = with_attributes(path, frame, comparisons, said)
    return InputPart(frame, "pairs", how, note, (*passed_over, *findings, *contradictions(path, frame, pairs)), pairs)


def connected(size: int, a: np.ndarray, b: np.ndarray) -> list[int]:
    """Return for each of `size` items the smallest item that links `a[k]`-`b[k]` connect it with."""
    parent = list(range(size))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = item = parent[parent[item]]
        return item

    for first, second in zip(a.tolist(), b.tolist(), strict=True):
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return [root(item) for item in range(size)]


def _given_subjects(path: Path, comparisons: pl.DataFrame, paths: pl.Series) -> list[str]:
    a = comparisons.select(path="path_a", subject="subject_a")
    b = comparisons.select(path="path_b", subject="subject_b")
    labels = pl.concat([a, b]).unique().sort("path", "subject")
    twice = labels.filter(pl.col("path").is_duplicated())
    if twice.height:
        image, first = twice.row(0)
        raise InputError(
            "{path}: {image} is of {first!r} in one pair and {second!r} in another: mend it",
            path=path,
            image=image,
            first=first,
            second=twice["subject"][1],
        )
    return labels["subject"].to_list()


def contradictions(path: Path, frame: pl.DataFrame, pairs: Pairs) -> tuple[Finding, ...]:
    """Return a finding where pairs say otherwise than the subjects of their images."""
    subjects = frame["subject"].to_numpy()
    wrong = (subjects[pairs.a] == subjects[pairs.b]) != pairs.same
    if not wrong.any():
        return ()
    rows = np.unique([pairs.a[wrong], pairs.b[wrong]])
    paths = frame["path"][rows].to_list()
    return (Finding.of(FindingCode.PAIRS_AT_ODDS, paths, place=str(path), pairs=int(wrong.sum())),)
