"""Finding out what an input is, unless the layout is given, and reading it in that way."""

from pathlib import Path

from facegap.datasets.images import find_images, is_image
from facegap.datasets.layouts import FILES, FOLDERS, FileLayout
from facegap.datasets.naming import Naming, read_named
from facegap.datasets.part import InputPart
from facegap.datasets.scores import has_pairs
from facegap.errors import InputError

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
        return _discover_folder(path, layout, naming)
    if naming is not None:
        raise InputError(f"{path} is no folder, and --subject-from is for the images of folders: leave it out")
    if not path.is_file():
        raise InputError(f"{path} is neither a folder nor an ordinary file: give one of these")
    if layout in FOLDER_LAYOUTS:
        raise InputError(f"{path} is a file, but the layout {layout!r} is for folders: use {' or '.join(FILE_LAYOUTS)}")
    found = _layout_of(path, scored=scored) if layout is None else next(one for one in FILES if one.name == layout)
    return found.read(path, path.parent if images is None else images)


def _layout_of(path: Path, *, scored: bool) -> FileLayout:
    """Return the layout of a file; see `discover`.

    Raises:
        InputError: the file has none of those that there are.
    """
    if is_image(path.name):
        raise InputError(f"{path} is a single image: give the folder it lies in")
    for one in FILES:
        if one.fits(path) and (scored or one.name != "scores" or not has_pairs(path)):
            return one
    raise InputError(f"{path} is of an unknown kind: expected a folder, .csv, .tsv, .parquet, .npz or an LFW .txt")


def _discover_folder(path: Path, layout: str | None, naming: Naming | None) -> InputPart:
    if layout in FILE_LAYOUTS:
        raise InputError(
            f"{path} is a folder, but the layout {layout!r} is for files: use {' or '.join(FOLDER_LAYOUTS)}"
        )
    found = find_images(path)
    if naming is not None:
        return read_named(found, naming)
    return next(one for one in FOLDERS if (one.fits(found) if layout is None else one.name == layout)).read(found)
