"""Boxes and landmarks of faces in the columns of a table, beside its images.

Names count whatever their case, and with or without "_", "-", "." and spaces. The left eye is the left one in the
picture; where a table means the person's left, the eyes, and so the corners of the mouth, are swapped.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from facegap.data.failure import FailureCode
from facegap.data.statement import Statement

Names = tuple[str, ...]

PREFIXES = ("", "bbox", "box", "face")
"""What the names of a box may begin with."""

CORNERS: tuple[Names, ...] = (
    ("left", "top", "right", "bottom"),
    ("x1", "y1", "x2", "y2"),
    ("xmin", "ymin", "xmax", "ymax"),
)
SIDES: tuple[Names, ...] = tuple(
    (*corner, *sides)
    for corner in (("x", "y"), ("left", "top"), ("x1", "y1"), ("xmin", "ymin"))
    for sides in (("w", "h"), ("width", "height"))
)

POINTS: tuple[tuple[str, ...], ...] = (
    ("lefteye", "righteye", "nose", "leftmouth", "rightmouth"),
    ("lefteye", "righteye", "nose", "mouthleft", "mouthright"),
    ("p1", "p2", "p3", "p4", "p5"),
)
"""The five points, each with "x" or "y" behind it: CelebA's and RetinaFace's names, and VGGFace2's."""


@dataclass(frozen=True, eq=False)
class Boxes:
    """The boxes of N images.

    `corners`: (N, 4) left, top, right, bottom in pixels of the upright image, NaN where there is none. `points`: (N, 5,
    2) in the order of `Face.landmarks`, NaN where there are none. `reasons`: (N,) why a box cannot be used, or None.
    """

    corners: np.ndarray
    points: np.ndarray
    reasons: Sequence[Statement | None]


def box_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns that hold boxes and landmarks, none where no box is complete."""
    found = _found(columns)
    return [] if found is None else list(dict.fromkeys((*found.box, *found.points)))


def read_boxes(frame: pl.DataFrame) -> Boxes | None:
    """Return the boxes of a table with a row for each image, or None where it has no columns of boxes."""
    found = _found(frame.columns)
    if found is None:
        return None
    numbers = _numbers(frame, found.box)
    corners = numbers if found.corners else np.concatenate([numbers[:, :2], numbers[:, :2] + numbers[:, 2:]], axis=1)
    points = np.full((len(frame), 5, 2), np.nan)
    said = np.zeros(len(frame), bool)
    if found.points:
        points = _in_order(_numbers(frame, found.points).reshape(-1, 5, 2))
        said = np.array([any(map(_is_said, row)) for row in frame.select(found.points).iter_rows()])
    texts = frame.select(found.box).rows()
    reasons = [_reason(*row) for row in zip(texts, corners, points, said.tolist(), strict=True)]
    return Boxes(corners, points, reasons)


@dataclass(frozen=True)
class _Found:
    """The columns of the box, and whether they are its `corners`; those of the points, x and y in turn, or none."""

    box: Names
    corners: bool
    points: Names


def _found(columns: Sequence[str]) -> _Found | None:
    known = {_plain(name): name for name in reversed(columns)}
    points = next(_complete(known, ([f"{name}{axis}" for name in five for axis in "xy"] for five in POINTS)), ())
    for corners, forms in ((True, CORNERS), (False, SIDES)):
        named = ([f"{prefix}{name}" for name in form] for prefix, form in itertools.product(PREFIXES, forms))
        if box := next(_complete(known, named), None):
            return _Found(box, corners, points)
    return None


def _complete(known: Mapping[str, str], named: Iterator[list[str]]) -> Iterator[Names]:
    return (tuple(known[name] for name in names) for names in named if all(name in known for name in names))


def _plain(name: str) -> str:
    return name.lower().translate(str.maketrans("", "", "_-. "))


def _numbers(frame: pl.DataFrame, columns: Names) -> np.ndarray:
    texts = frame.select(pl.Series(name, frame[name]).cast(pl.String).str.strip_chars() for name in columns)
    return texts.select(pl.all().cast(pl.Float64, strict=False)).to_numpy().astype(np.float64)


def _in_order(points: np.ndarray) -> np.ndarray:
    """Return landmarks with the left eye, and the left corner of the mouth, on the left."""
    points = points.copy()
    for left, right in ((0, 1), (3, 4)):
        swapped = points[:, left, 0] > points[:, right, 0]
        points[swapped, left], points[swapped, right] = points[swapped, right], points[swapped, left]
    return points


def _reason(texts: Sequence[str | None], corners: np.ndarray, points: np.ndarray, said: bool) -> Statement | None:
    left, top, right, bottom = corners.tolist()
    if not any(map(_is_said, texts)):
        return Statement.of(FailureCode.NO_BOX)
    if not np.isfinite(corners).all():
        return Statement.of(FailureCode.BOX_NO_NUMBERS, given=[str(text) for text in texts])
    if right <= left or bottom <= top:
        return Statement.of(FailureCode.BOX_EMPTY, left=left, top=top, right=right, bottom=bottom)
    if said and not np.isfinite(points).all():
        return Statement.of(FailureCode.LANDMARKS_NO_NUMBERS)
    if said and (np.ptp(points, axis=0) == 0).any():
        return Statement.of(FailureCode.LANDMARKS_ON_LINE)
    return None


def _is_said(text: object) -> bool:
    return text is not None and str(text).strip() != ""
