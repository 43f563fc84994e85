"""Finding out what an input is, unless the layout is given, and reading it in that way."""

from pathlib import Path

from facegap.datasets.archives import ARCHIVES, images_of, is_packed, shard_sheet, shards_below
from facegap.datasets.images import FoundImages, find_images, is_image
from facegap.datasets.inside import read_inside, read_shards
from facegap.datasets.layouts import FILES, FOLDERS, FileLayout
from facegap.datasets.naming import Naming, read_named
from facegap.datasets.part import InputPart
from facegap.datasets.scores import has_pairs
from facegap.datasets.sheet import is_inside
from facegap.errors import InputError, Phrase
from facegap.run.text import either

FOLDER_LAYOUTS, FILE_LAYOUTS = (tuple(dict.fromkeys(one.name for one in every)) for every in (FOLDERS, FILES))
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
            return read_shards(shards)
        return _discover_folder(path, found, layout, naming)
    if path.suffix.lower() in ARCHIVES and path.is_file():
        sheet = shard_sheet(path) if layout in (None, "table") and naming is None else None
        return _discover_folder(path, images_of(path), layout, naming) if sheet is None else read_inside(sheet)
    if naming is not None:
        raise InputError(
            "{path} is no folder, and --subject-from is for the images of folders: leave it out", path=path
        )
    if not path.is_file():
        raise InputError("{path} is neither a folder nor an ordinary file: give one of these", path=path)
    if layout in FOLDER_LAYOUTS:
        raise InputError(
            "{path} is a file, but the layout {layout!r} is for folders: use {layouts}",
            path=path,
            layout=layout,
            layouts=either(FILE_LAYOUTS),
        )
    found = _layout_of(path, scored=scored) if layout is None else next(one for one in FILES if one.name == layout)
    return found.read(path, path.parent if images is None or is_inside(path) else images)


def _layout_of(path: Path, *, scored: bool) -> FileLayout:
    """Return the layout of a file; see `discover`.

    Raises:
        InputError: the file has none of those that there are.
    """
    if is_image(path.name):
        raise InputError("{path} is a single image: give the folder it lies in", path=path)
    if is_packed(path):
        raise InputError(
            "{path} is packed as a whole, so no image is read from its middle: make a .tar or .zip of it", path=path
        )
    for one in FILES:
        if one.fits(path) and (scored or one.name != "scores" or not has_pairs(path)):
            return one
    raise InputError(
        "{path} is of an unknown kind: expected a folder, .csv, .tsv, .parquet, .npz, an LFW .txt, .zip, .tar, or "
        "InsightFace's .bin and .rec",
        path=path,
    )


def _discover_folder(path: Path, found: FoundImages, layout: str | None, naming: Naming | None) -> InputPart:
    if layout in FILE_LAYOUTS:
        raise InputError(
            "{path} is {kind}, but the layout {layout!r} is for files: use {layouts}",
            path=path,
            kind=Phrase("a folder") if path.is_dir() else Phrase("an archive"),
            layout=layout,
            layouts=either(FOLDER_LAYOUTS),
        )
    if naming is not None:
        return read_named(found, naming)
    return next(one for one in FOLDERS if (one.fits(found) if layout is None else one.name == layout)).read(found)
