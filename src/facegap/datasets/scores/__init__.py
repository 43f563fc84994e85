"""Scores of a black box: one file per format, and one function, `read_scores`, that finds out which one fits."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from facegap.data.statement import Statement
from facegap.datasets.part import ReadScores
from facegap.datasets.scores.batches import first_line
from facegap.datasets.scores.bob import is_bob, read_bob
from facegap.datasets.scores.characters import encoding_code
from facegap.datasets.scores.columns import has_pairs, has_scores, read_columns
from facegap.datasets.scores.matrix import is_matrix, read_matrix
from facegap.datasets.scores.two_files import both_files, is_one_of_two, read_two_files
from facegap.datasets.sheet import PARQUET

__all__ = ["ReadScores", "are_scores", "both_files", "first_line", "has_pairs", "read_scores"]


class ScoreFormat(NamedTuple):
    """A format of files with scores: whether a file has it, by its suffix or its first line, and what reads it."""

    fits: Callable[[Path], bool]
    read: Callable[[Path], ReadScores]


FORMATS = (
    ScoreFormat(is_matrix, read_matrix),
    ScoreFormat(is_one_of_two, read_two_files),
    ScoreFormat(is_bob, read_bob),
    ScoreFormat(has_scores, read_columns),
)
"""Every format, in the order in which it is tried."""


def are_scores(path: Path) -> bool:
    """Return whether a file holds scores."""
    return any(one.fits(path) for one in FORMATS)


def read_scores(path: Path) -> ReadScores:
    """Return the scores of a file, whichever format it is in.

    Raises:
        InputError: the file is damaged or does not hold what is needed.
    """
    read = next((one.read for one in FORMATS if one.fits(path)), read_columns)(path)
    if is_matrix(path) or path.suffix.lower() in PARQUET or (code := encoding_code(path)) is None:
        return read
    return replace(read, notes=(*read.notes, Statement.of(code)))
