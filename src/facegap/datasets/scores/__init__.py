"""Scores of a black box: one file per format, and one function, `read_scores`, that finds out which one fits."""

from pathlib import Path

from facegap.datasets.part import ReadScores
from facegap.datasets.scores.batches import first_line
from facegap.datasets.scores.bob import is_bob, read_bob
from facegap.datasets.scores.columns import has_pairs, has_scores, read_columns
from facegap.datasets.scores.matrix import read_matrix
from facegap.datasets.scores.two_files import both_files, is_one_of_two, read_two_files
from facegap.datasets.sheet import PARQUET, TEXT

__all__ = ["ReadScores", "are_scores", "both_files", "first_line", "has_pairs", "read_scores"]

MATRIX = frozenset({".npy", ".mtx"})


def are_scores(path: Path) -> bool:
    """Return whether a file holds scores, by its suffix and its first line."""
    suffix = path.suffix.lower()
    if suffix in MATRIX:
        return True
    if suffix in PARQUET:
        return has_scores(path)
    return is_one_of_two(path) or is_bob(path) or (suffix in TEXT and has_scores(path))


def read_scores(path: Path) -> ReadScores:
    """Return the scores of a file, whichever format it is in.

    Raises:
        InputError: the file is damaged or does not hold what is needed.
    """
    if path.suffix.lower() in MATRIX:
        return read_matrix(path)
    if path.suffix.lower() in PARQUET:
        return read_columns(path)
    if is_one_of_two(path):
        return read_two_files(path)
    return read_bob(path) if is_bob(path) else read_columns(path)
