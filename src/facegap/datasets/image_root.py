"""The folder that relative paths start at: one on disk or at a URL, an archive (`photos.zip`), or one in it
(`photos.zip::lfw`).

A place is written as the path of an image is, so a place in an archive holds `::`.
"""

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePath, PurePosixPath

from facegap.data.containers import container_of, member_exists, member_path, split_member
from facegap.run.places import is_file, is_folder
from facegap.run.remote import is_url, of_http
from facegap.run.remote import place as place_of

ARCHIVES = frozenset({".zip", ".tar"})

_USUAL = re.compile(r"[^/.\0][^/]*(/[^/.\0][^/]*)*")
"""Names that a `Path` leaves as they are. It would keep each of their parts in a table of Python that never shrinks."""


def is_image_root(place: str | Path) -> bool:
    """Return whether paths can start at a place: a folder, or an archive that can be read, or a folder in one.

    So they can at any URL of HTTP, which knows no folders.
    """
    found = _in_archive(place)
    return found[1] in _folders_of(place) if found else of_http(str(place)) or is_folder(place)


def below(place: str | Path, name: str) -> str:
    """Return the path of something below a place; an absolute name, or a URL, stands for itself."""
    found = _in_archive(place)
    if is_url(name):
        return str(place_of(name))
    if found is None and is_url(place):
        return str(place_of(str(place)) / name)
    if found is None and _USUAL.fullmatch(name) and os.sep == "/":
        return _start(str(place)) + name
    if found is None or PurePath(name).is_absolute():
        return str(Path(place) / name)
    archive, folder = found
    return member_path(archive, str(PurePosixPath(folder, name)))


@lru_cache(maxsize=16)
def _start(place: str) -> str:
    """Return what the paths of all that is below a folder begin with."""
    return str(Path(place) / "x")[:-1]


def parts_below(place: str | Path, name: str) -> tuple[str, list[str]]:
    """Return where a name starts, on disk at the root, and the parts that lead from there to it."""
    if _in_archive(place) and not PurePath(name).is_absolute():
        return str(place), list(PurePosixPath(name).parts)
    path = Path(str(place)) / name
    return path.anchor or ".", list(path.parts[bool(path.anchor) :])


def is_there(place: str) -> bool:
    """Return whether a place is a file or a folder."""
    found = split_member(place, _is_archive)
    if found is None:
        return is_url(place) or os.path.lexists(place)
    return member_exists(place) or found[1] in _folders_of(place)


def names_in(place: str | Path) -> list[str]:
    """Return the names in a folder, sorted; none in what is no folder.

    Raises:
        OSError: it cannot be opened.
    """
    if found := _in_archive(place):
        return list(_folders_of(place).get(found[1], ()))
    return sorted(entry.name for entry in Path(place).iterdir()) if is_folder(place) else []


def without_root(path: str, place: str | Path) -> str:
    """Return the path of an image from a place on, where it lies there."""
    return path.removeprefix(below(place, "x")[:-1])


def _is_archive(path: str) -> bool:
    return PurePath(path).suffix.lower() in ARCHIVES


def _in_archive(place: str | Path) -> tuple[str, str] | None:
    """Return the archive of a place, and the folder in it, "" for its top; None for a place on disk."""
    text = str(place)
    if _is_archive(text) and (is_url(text) or is_file(text)):
        return text, ""
    return split_member(text, _is_archive)


def _folders_of(place: str | Path) -> Mapping[str, list[str]]:
    """Return the names in each folder of the archive of a place, none where it cannot be read."""
    found = _in_archive(place)
    try:
        known = place_of(found[0]).stat() if found else None
    except (OSError, ValueError):
        known = None
    return _folders(found[0], known.st_size, known.st_mtime_ns) if found and known else {}


@lru_cache(maxsize=16)
def _folders(archive: str, size: int, changed: int) -> Mapping[str, list[str]]:
    try:
        members = container_of(archive).members
    except OSError:
        return {}
    names: dict[str, set[str]] = {}
    for member in members:
        parts = member.split("/")
        for depth, part in enumerate(parts):
            names.setdefault("/".join(parts[:depth]), set()).add(part)
    return {folder: sorted(inside) for folder, inside in names.items()}
