"""The list of layouts: every way in, in the order in which it is tried.

A layout is added by a line in `FOLDERS` or `FILES`, before those that take whatever is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from facegap.datasets.archives import RECORDS, VERIFICATION
from facegap.datasets.cohort_folders import are_cohort_folders, read_cohort_folders, without_wrapping
from facegap.datasets.folders import read_folders
from facegap.datasets.identity_list import identity_sheet, is_identity_list
from facegap.datasets.images import FoundImages
from facegap.datasets.inside import read_records, read_verification
from facegap.datasets.lfw import is_lfw
from facegap.datasets.pairs import read_pairs
from facegap.datasets.part import InputPart
from facegap.datasets.plain_pairs import plain_form
from facegap.datasets.prefix import read_prefix
from facegap.datasets.saved import read_saved
from facegap.datasets.scores import are_scores, both_files, first_line, read_scores
from facegap.datasets.sheet import EMBEDDING, PARQUET, TEXT, read_sheet, read_text
from facegap.datasets.sides import PATHS
from facegap.datasets.table import read_table
from facegap.errors import InputError


@dataclass(frozen=True)
class FolderLayout:
    """A way in which a folder says who is in its images: what `--layout` calls it, whether a folder has it, and what
    reads it.
    """

    name: str
    fits: Callable[[FoundImages], bool]
    read: Callable[[FoundImages], InputPart]


@dataclass(frozen=True)
class FileLayout:
    """A kind of file: what `--layout` calls it, whether a file is of that kind, and what reads it.

    `read` also takes the folder at which relative paths of images start. `of_images`: the file holds such paths. A name
    may stand twice, where files of one kind are told in two ways.
    """

    name: str
    fits: Callable[[Path], bool]
    read: Callable[[Path, Path], InputPart]
    of_images: bool = False


def _flat(found: FoundImages) -> int:
    """Return how many images lie in the folder itself."""
    return sum(len(image) == 1 for image in found.images)


def _is_flat(found: FoundImages) -> bool:
    """Return whether most images lie in the folder itself: the larger share is what the folder is about."""
    return 2 * _flat(found) > len(found.images)


def _read_flat(found: FoundImages) -> InputPart:
    if found.images and not _flat(found):
        raise InputError(
            "{root} has images in subfolders only, and the layout 'prefix' reads none there: use 'folders'",
            root=found.root,
        )
    return read_prefix(found)


def _read_cohorts(found: FoundImages) -> InputPart:
    if found.images and not any(len(image) > 2 for image in found.images):
        raise InputError(
            "{root} has no images in COHORT/SUBJECT/, which the layout 'cohort-folders' needs: use 'folders'",
            root=found.root,
        )
    return read_cohort_folders(without_wrapping(found, depth=2))


def _read_subjects(found: FoundImages) -> InputPart:
    if found.images and _flat(found) == len(found.images):
        raise InputError(
            "{root} has no subfolders with images, which the layout 'folders' needs: use 'prefix'", root=found.root
        )
    return read_folders(without_wrapping(found, depth=1))


def _is_npz(path: Path) -> bool:
    return path.suffix.lower() == ".npz"


def _is_plain_text(path: Path) -> bool:
    """Return whether a file is text, and not one of the two files of genuine and impostor scores."""
    return path.suffix.lower() in TEXT and both_files(path) is None


def _lists_identities(path: Path) -> bool:
    return _is_plain_text(path) and plain_form(first_line(path)) == "two" and is_identity_list(read_text(path)[0])


def _lists_pairs(path: Path) -> bool:
    return _is_plain_text(path) and (is_lfw(first_line(path)) or bool(plain_form(first_line(path))))


def _is_sheet(path: Path) -> bool:
    return path.suffix.lower() in PARQUET | TEXT


def _has_two_sides(path: Path) -> bool:
    return _is_sheet(path) and all(map(read_sheet(path, rows=1).column, PATHS))


def _has_vectors(path: Path) -> bool:
    if path.suffix.lower() not in PARQUET:
        return False
    sheet = read_sheet(path, rows=1)
    embedding = sheet.column(EMBEDDING)
    return embedding is not None and isinstance(sheet.frame[embedding].dtype, pl.List | pl.Array)


def _read_vectors(path: Path, _: Path) -> InputPart:
    return read_saved(path)


def _read_given(path: Path, _: Path) -> InputPart:
    read = read_scores(path)
    return InputPart(read.frame, "scores", read.how, findings=read.findings, scores=read)


def _read_listed(path: Path, images: Path) -> InputPart:
    """Return the images of a table, which CelebA's has no header for."""
    if path.suffix.lower() in TEXT:
        text, note = read_text(path)
        if is_identity_list(text):
            return read_table(identity_sheet(path, text, note), images)
    return read_table(read_sheet(path), images)


FOLDERS = (
    FolderLayout("prefix", _is_flat, _read_flat),
    FolderLayout("cohort-folders", lambda found: are_cohort_folders(without_wrapping(found, depth=2)), _read_cohorts),
    FolderLayout("folders", lambda _: True, _read_subjects),
)

FILES = (
    FileLayout("records", lambda path: path.suffix.lower() == RECORDS, read_records),
    FileLayout("verification", lambda path: path.suffix.lower() == VERIFICATION, read_verification),
    FileLayout("embeddings", _is_npz, _read_vectors),
    FileLayout("table", _lists_identities, _read_listed, of_images=True),
    FileLayout("pairs", _lists_pairs, read_pairs, of_images=True),
    FileLayout("scores", are_scores, _read_given),
    FileLayout("pairs", _has_two_sides, read_pairs, of_images=True),
    FileLayout("embeddings", _has_vectors, _read_vectors),
    FileLayout("table", _is_sheet, _read_listed, of_images=True),
)
