"""Images inside the file that lists them, or inside the parts of one data set."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from facegap.datasets.archives import record_sheet, shard_sheet, verification_pairs
from facegap.datasets.pairs import pairs_part
from facegap.datasets.part import InputPart
from facegap.datasets.sheet import PARQUET, Sheet, read_sheet
from facegap.datasets.table import read_table
from facegap.errors import InputError
from facegap.run.text import counted


def read_inside(sheet: Sheet) -> InputPart:
    """Return the images that lie in the file which lists them."""
    return read_table(replace(sheet, note="images inside the file"), sheet.path.parent)


def read_records(path: Path, _: Path) -> InputPart:
    """Return the images of an InsightFace training set; see `record_sheet`."""
    return read_inside(record_sheet(path))


def read_verification(path: Path, _: Path) -> InputPart:
    """Return the comparisons of an InsightFace verification set; see `verification_pairs`."""
    return pairs_part(path, verification_pairs(path), path.parent)


def read_shards(paths: Sequence[Path]) -> InputPart:
    """Return the images of all parts of one data set.

    Raises:
        InputError: a part cannot be read, or says no subjects.
    """
    parts = [read_inside(_sheet_of(path)) for path in paths]
    frame = pl.concat([part.frame for part in parts], how="diagonal")
    findings = tuple(finding for part in parts for finding in part.findings)
    return replace(parts[0], frame=frame, how=f"table in {counted(len(parts), 'file')}", findings=findings)


def _sheet_of(path: Path) -> Sheet:
    sheet = read_sheet(path) if path.suffix.lower() in PARQUET else shard_sheet(path)
    if sheet is None:
        raise InputError(
            "{path} says no subject of its images, so it is no part of one data set: give it by itself", path=path
        )
    return sheet
