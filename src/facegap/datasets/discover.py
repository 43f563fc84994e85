"""Finding out what an input is, unless the layout is given, and reading it in that way."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from facegap.datasets.archives import (
    ARCHIVES,
    RECORDS,
    VERIFICATION,
    images_of,
    is_packed,
    record_sheet,
    shard_sheet,
    shards_below,
    verification_pairs,
)
from facegap.datasets.cohort_folders import are_cohort_folders, read_cohort_folders, without_wrapping
from facegap.datasets.folders import read_folders
from facegap.datasets.identity_list import identity_sheet, is_identity_list
from facegap.datasets.images import FoundImages, find_images, is_image
from facegap.datasets.lfw import is_lfw
from facegap.datasets.naming import Naming, read_named
from facegap.datasets.pairs import pairs_part, read_pairs
from facegap.datasets.part import InputPart
from facegap.datasets.plain_pairs import plain_form
from facegap.datasets.prefix import read_prefix
from facegap.datasets.saved import read_saved
from facegap.datasets.scores import are_scores, both_files, first_line, has_pairs, read_scores
from facegap.datasets.sheet import EMBEDDING, PARQUET, TEXT, Sheet, is_inside, read_sheet, read_text
from facegap.datasets.sides import PATHS
from facegap.datasets.table import read_table
from facegap.errors import InputError
from facegap.run.text import counted

FOLDER_LAYOUTS = ("prefix", "folders", "cohort-folders")
FILE_LAYOUTS = ("table", "pairs", "embeddings", "scores")
LAYOUTS = FOLDER_LAYOUTS + FILE_LAYOUTS


def discover(
    path: Path, layout: str | None, images: Path | None, *, scored: bool = True, naming: Naming | None = None
) -> InputPart:
    """Return what the file or folder `path` holds; it has no rows where a folder holds no image.

    A list of pairs with scores is read for its scores if they are wanted (`scored`), else for its pairs. `naming` says
    who is in the images of a folder, in place of its layout.

    Raises:
        InputError: the input is none that facegap knows, or does not fit `layout`.
    """
    if path.is_dir():
        found = find_images(path)
        if not found.images and layout in (None, "table") and naming is None and (shards := shards_below(path)):
            return _together(list(map(_shard, shards)))
        return _discover_folder(path, found, layout, naming)
    if path.suffix.lower() in ARCHIVES and path.is_file():
        sheet = shard_sheet(path) if layout in (None, "table") and naming is None else None
        return _discover_folder(path, images_of(path), layout, naming) if sheet is None else _inside(sheet)
    if naming is not None:
        raise InputError(f"{path} is no folder, and --subject-from is for the images of folders: leave it out")
    if not path.is_file():
        raise InputError(f"{path} is neither a folder nor an ordinary file: give one of these")
    if layout in FOLDER_LAYOUTS:
        raise InputError(f"{path} is a file, but the layout {layout!r} is for folders: use {' or '.join(FILE_LAYOUTS)}")
    if path.suffix.lower() == RECORDS:
        return _inside(record_sheet(path))
    if path.suffix.lower() == VERIFICATION:
        return pairs_part(path, verification_pairs(path), path.parent)
    start = path.parent if images is None or is_inside(path) else images
    match layout or detect_file(path, scored=scored):
        case "scores":
            read = read_scores(path)
            return InputPart(read.frame, "scores", read.how, findings=read.findings, scores=read)
        case "table":
            return read_table(_sheet(path), start)
        case "pairs":
            return read_pairs(path, start)
        case _:
            return read_saved(path)


def _inside(sheet: Sheet) -> InputPart:
    """Return the images that lie in the file which lists them."""
    return read_table(replace(sheet, note="images inside the file"), sheet.path.parent)


def _shard(path: Path) -> InputPart:
    sheet = read_sheet(path) if path.suffix.lower() in PARQUET else shard_sheet(path)
    if sheet is None:
        raise InputError(f"{path} says no subject of its images, so it is no part of one data set: give it by itself")
    return _inside(sheet)


def _together(parts: list[InputPart]) -> InputPart:
    """Return the images of all parts of one data set."""
    frame = pl.concat([part.frame for part in parts], how="diagonal")
    findings = tuple(finding for part in parts for finding in part.findings)
    return replace(parts[0], frame=frame, how=f"table in {counted(len(parts), 'file')}", findings=findings)


def detect_file(path: Path, *, scored: bool = True) -> str:
    """Return the layout of a file: `table`, `pairs`, `embeddings` or `scores`; see `discover`.

    Raises:
        InputError: the file is none of these.
    """
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return "embeddings"
    if is_image(path.name):
        raise InputError(f"{path} is a single image: give the folder it lies in")
    if is_packed(path):
        raise InputError(f"{path} is packed as a whole, so no image is read from its middle: make a .tar or .zip of it")
    if suffix in TEXT and both_files(path) is None:
        first = first_line(path)
        if plain_form(first) == "two" and is_identity_list(read_text(path)[0]):
            return "table"
        if is_lfw(first) or plain_form(first):
            return "pairs"
    if are_scores(path) and (scored or not has_pairs(path)):
        return "scores"
    if suffix not in PARQUET | TEXT:
        raise InputError(
            f"{path} is of an unknown kind: expected a folder, .csv, .tsv, .parquet, .npz, "
            "an LFW .txt, .zip, .tar, or InsightFace's .bin and .rec"
        )
    sheet = read_sheet(path, rows=1)
    if all(map(sheet.column, PATHS)):
        return "pairs"
    embedding = sheet.column(EMBEDDING)
    if embedding and isinstance(sheet.frame[embedding].dtype, pl.List | pl.Array):
        return "embeddings"
    return "table"


def _sheet(path: Path) -> Sheet:
    """Return the rows of a table, which CelebA's has no header for."""
    if path.suffix.lower() in TEXT:
        text, note = read_text(path)
        if is_identity_list(text):
            return identity_sheet(path, text, note)
    return read_sheet(path)


def _discover_folder(path: Path, found: FoundImages, layout: str | None, naming: Naming | None) -> InputPart:
    if layout in FILE_LAYOUTS:
        raise InputError(
            f"{path} is {'a folder' if path.is_dir() else 'an archive'}, but the layout {layout!r} is for files: "
            f"use {' or '.join(FOLDER_LAYOUTS)}"
        )
    if naming is not None:
        return read_named(found, naming)
    flat = sum(len(image) == 1 for image in found.images)
    nested = len(found.images) - flat
    if layout == "prefix" and nested and not flat:
        raise InputError(
            f"{path} has images in subfolders only, and the layout 'prefix' reads none there: use 'folders'"
        )
    if layout == "folders" and flat and not nested:
        raise InputError(f"{path} has no subfolders with images, which the layout 'folders' needs: use 'prefix'")
    if layout == "cohort-folders" and found.images and not any(len(image) > 2 for image in found.images):
        raise InputError(
            f"{path} has no images in COHORT/SUBJECT/, which the layout 'cohort-folders' needs: use 'folders'"
        )
    match layout or _detect_folder(found, flat > nested):
        case "prefix":
            return read_prefix(found)
        case "cohort-folders":
            return read_cohort_folders(without_wrapping(found, depth=2))
        case _:
            return read_folders(without_wrapping(found, depth=1))


def _detect_folder(found: FoundImages, mostly_flat: bool) -> str:
    """Return the layout of a folder. Where both occur, the larger share is what the folder is about."""
    if mostly_flat:
        return "prefix"
    return "cohort-folders" if are_cohort_folders(without_wrapping(found, depth=2)) else "folders"
