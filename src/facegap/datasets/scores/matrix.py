"""A matrix of scores, every image with every other: NumPy's `.npy`, or OpenBR's `.mtx`, with a list of its images."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.finding import Finding, FindingCode
from facegap.data.score_list import ScoreList
from facegap.datasets.part import ReadScores
from facegap.datasets.scores.batches import LARGEST_LIST, LONGEST_LINE
from facegap.datasets.sheet import PARQUET, TEXT, read_sheet
from facegap.datasets.table import labelled
from facegap.errors import InputError
from facegap.run.ordinary import open_ordinary
from facegap.run.text import one_line

ENTRIES = 1 << 22
"""How many scores are looked at together."""

MAGIC = 0x12345678
"""What OpenBR writes in a matrix so that the order of its bytes can be told."""


def is_matrix(path: Path) -> bool:
    """Return whether a file is a matrix, by its suffix."""
    return path.suffix.lower() in (".npy", ".mtx")


def read_matrix(path: Path) -> ReadScores:
    """Return the scores of an N x N matrix; the table beside it, of the same name, says in row i who is in image i.

    Of a symmetric matrix each pair of images counts once, else once in each order. The diagonal is passed over.

    Raises:
        InputError: the file is damaged or not square, or there is no list of N images.
    """
    matrix, comparator = _openbr(path) if path.suffix.lower() == ".mtx" else (_numpy(path), None)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.dtype.kind not in "fiu":
        shape = " x ".join(map(str, matrix.shape))
        raise InputError(
            "{path} holds {shape} values of {dtype}: expected N x N scores, a row per image",
            path=path,
            shape=shape,
            dtype=matrix.dtype,
        )
    frame, findings = _images(path, len(matrix))
    symmetric = _is_symmetric(matrix)
    if not symmetric:
        findings = (*findings, Finding.of(FindingCode.ASYMMETRIC, place=str(path)))
    read = _listed(matrix, frame, symmetric)
    if missing := sum(int(np.isnan(records["score"]).sum()) for records in read.scores.records()):
        findings = (*findings, Finding.of(FindingCode.WITHOUT_SCORE, place=str(path), comparisons=missing))
    how = f"matrix of {len(matrix)} x {len(matrix)} scores"
    return replace(read, how=how, comparator=comparator, findings=findings)


def _listed(matrix: np.ndarray, frame: pl.DataFrame, symmetric: bool) -> ReadScores:
    """Return the entries of a matrix one by one."""
    subject = np.unique(frame["subject"].to_numpy(), return_inverse=True)[1]
    scores, answered = ScoreList(), np.zeros(len(matrix), bool)
    column = np.arange(len(matrix))
    step = max(ENTRIES // len(matrix), 1)
    for start in range(0, len(matrix), step):
        row = np.arange(start, min(start + step, len(matrix)))
        a, b = np.nonzero(row[:, None] < column if symmetric else row[:, None] != column)
        with np.errstate(over="ignore"):
            single = np.asarray(matrix[row[0] : row[-1] + 1])[a, b].astype(np.float32)
        single[~np.isfinite(single)] = np.nan
        scores.add(row[a], b, single, subject[row[a]] == subject[b])
        for side in (row[a], b):
            answered[side[~np.isnan(single)]] = True
    return ReadScores(frame, scores, answered, "")


def _is_symmetric(matrix: np.ndarray) -> bool:
    """Return whether both orders of two images have the same score, to single precision."""
    step = max(ENTRIES // len(matrix), 1)
    parts = [slice(start, start + step) for start in range(0, len(matrix), step)]
    return all(np.allclose(matrix[part], matrix[:, part].T, rtol=1e-6, atol=1e-9, equal_nan=True) for part in parts)


def _images(path: Path, size: int) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Return who is in which image, from the table beside a matrix."""
    beside = [path.with_suffix(suffix) for suffix in sorted(TEXT | PARQUET)]
    found = [table for table in beside if table.is_file()]
    if not found:
        raise InputError(
            "{path} is a matrix of {size} x {size} scores and does not say of whom: put {stem}.csv beside it, with "
            "the columns path and subject, and row i for image i",
            path=path,
            size=size,
            stem=path.stem,
        )
    sheet = read_sheet(found[0])
    if sheet.frame.height != size:
        raise InputError(
            "{found} lists {rows} images, but {path} has {size}: expected one row each",
            found=found[0],
            rows=sheet.frame.height,
            path=path,
            size=size,
        )
    return labelled(sheet)


def _numpy(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            "{path} is no readable .npy file ({reason}): save it with numpy.save", path=path, reason=one_line(error)
        ) from None


def _openbr(path: Path) -> tuple[np.ndarray, Comparator]:
    """Return a matrix of OpenBR and its direction: four lines of text, then single precision in row order."""
    try:
        with open_ordinary(path, most=LARGEST_LIST) as file:
            kind, _, _, size = (file.readline(LONGEST_LINE) for _ in range(4))
            start = file.tell()
        what, rows, columns, magic = size.rstrip(b"\n").split(b" ", 3)
        order = {MAGIC.to_bytes(4, "little"): "<", MAGIC.to_bytes(4, "big"): ">"}[magic]
        shape = int(rows), int(columns)
        comparator = {b"S": Comparator.SIMILARITY, b"D": Comparator.DISTANCE}[kind[:1]]
        if what != b"MF":
            raise ValueError("it holds a mask, not scores" if what == b"MB" else "unknown values")
        return np.memmap(path, f"{order}f4", "r", start, shape), comparator
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            "{path} is no matrix of scores as OpenBR writes it ({reason})", path=path, reason=one_line(error)
        ) from None
