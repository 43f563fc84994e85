"""Finding the image files below a folder, in an order that does not depend on the file system."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePath

from PIL import Image

from facegap.data.containers.place import BETWEEN
from facegap.data.finding import Finding, FindingCode
from facegap.data.image_file import formats
from facegap.data.own_files import own
from facegap.errors import InputError
from facegap.run.places import exists
from facegap.run.remote import RemotePath, names_below, place
from facegap.run.visible import is_unicode

NEEDS_PLUGIN = frozenset({".avif", ".heic", ".heif", ".hif", ".jxl"})
"""Photographs that Pillow may be unable to open: they are counted as unreadable rather than passed over."""

CLUTTER = frozenset({"__macosx", "thumbs.db", "@eadir"})
"""What operating systems leave in folders of photos; passed over without a word, as hidden files are."""


@dataclass(frozen=True)
class FoundImages:
    """The image files below `root`, sorted: each is given by its parts below `root`, the file name last.

    `between`: "" where `root` is a folder, else what stands between it, an archive or a folder in one, and an image.
    """

    root: Path | RemotePath
    images: list[tuple[str, ...]]
    findings: tuple[Finding, ...]
    between: str = ""

    def path(self, image: tuple[str, ...]) -> str:
        """Return the path of one of the images."""
        return f"{self.root}{self.between}{'/'.join(image)}" if self.between else str(self.root.joinpath(*image))

    def below(self) -> "FoundImages":
        """Return the images as they lie in the folder that holds all of them."""
        folder = self.images[0][0]
        root = place(f"{self.root}{self.between}{folder}") if self.between else self.root / folder
        return replace(self, root=root, images=[image[1:] for image in self.images], between=self.between and "/")


@cache
def image_suffixes() -> frozenset[str]:
    """Return the suffixes of image files, in lower case and with the dot."""
    readable = formats()
    return NEEDS_PLUGIN | {suffix for suffix, name in Image.registered_extensions().items() if name in readable}


def is_image(name: str) -> bool:
    """Return whether the suffix of a file name is that of an image; a broken image is an image."""
    return PurePath(name).suffix.lower() in image_suffixes()


def is_clutter(name: str) -> bool:
    """Return whether a file or folder is hidden, or one that no person put there."""
    return name.startswith(".") or name.lower() in CLUTTER


def find_images(root: Path | RemotePath) -> FoundImages:
    """Return the images below the folder `root`, and findings about what was passed over.

    Links are followed, but each real folder and file counts once, under its first path in sorted order.

    Raises:
        InputError: the folder cannot be opened.
    """
    if isinstance(root, RemotePath):
        return _find_remote(root)
    files, closed = _walk(root)
    if () in closed:
        raise InputError("the folder {root} cannot be opened: check its permissions", root=root)
    images: dict[str, tuple[str, ...]] = {}
    others: Counter[str] = Counter()
    garbled = 0
    for parts, real, regular in sorted(files):
        if not is_unicode("".join(parts)):
            garbled += 1
        elif not is_image(parts[-1]) or not regular:
            others[PurePath(parts[-1]).suffix.lower()] += 1
        else:
            images.setdefault(real, parts)
    return FoundImages(root, list(images.values()), _passed_over(str(root), others, garbled, len(closed)))


def _find_remote(root: RemotePath) -> FoundImages:
    try:
        names = names_below(str(root))
    except OSError as error:
        raise InputError("the folder {root} cannot be listed: {reason}", root=root, reason=error.strerror) from None
    return find_images_inside(root, names, between="/")


def find_images_inside(archive: Path | RemotePath, names: Iterable[str], between: str = BETWEEN) -> FoundImages:
    """Return the images among the files of an archive, whose `names` are in any order, as `find_images` does.

    `between`: stands between the path of the archive, or the URL of a folder, and a name.
    """
    images: list[tuple[str, ...]] = []
    others: Counter[str] = Counter()
    garbled = outside = 0
    for parts in sorted(tuple(name.split("/")) for name in names):
        if ".." in parts:
            outside += 1
        elif any(map(is_clutter, parts)):
            continue
        elif not is_unicode("".join(parts)):
            garbled += 1
        elif not is_image(parts[-1]):
            others[PurePath(parts[-1]).suffix.lower()] += 1
        else:
            images.append(parts)
    findings = list(_passed_over(str(archive), others, garbled, 0))
    if outside:
        findings.append(Finding.of(FindingCode.OUTSIDE_ARCHIVE, place=str(archive), files=outside))
    return FoundImages(archive, images, tuple(findings), between)


def _walk(root: Path) -> tuple[list[tuple[tuple[str, ...], str, bool]], set[tuple[str, ...]]]:
    """Return every file as (parts, real path, whether it can be an ordinary file), and the folders that stay closed."""
    files: list[tuple[tuple[str, ...], str, bool]] = []
    closed: set[tuple[str, ...]] = set()
    seen: set[str] = set()
    ahead: list[tuple[tuple[str, ...], str]] = [((), os.path.realpath(root))]
    while ahead:
        folder, real = ahead.pop()
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(real) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            closed.add(folder)
            continue
        below: list[tuple[tuple[str, ...], str]] = []
        ours = own((entry.name for entry in found), Path(real).name)
        for entry in found:
            if is_clutter(entry.name) or entry.name in ours:
                continue
            parts = (*folder, entry.name)
            if entry.is_symlink():
                target = Path(os.path.realpath(entry.path))
                if target.is_dir():
                    below.append((parts, str(target)))
                else:  # a link that leads nowhere is an image that cannot be read
                    files.append((parts, str(target), target.is_file() or not exists(target)))
            elif entry.is_dir():
                below.append((parts, entry.path))
            else:
                files.append((parts, entry.path, entry.is_file()))
        ahead += reversed(below)  # the next to be taken is the first in sorted order
    return files, closed


def _passed_over(place: str, others: Counter[str], garbled: int, closed: int) -> tuple[Finding, ...]:
    found = []
    if others:
        suffixes, numbers = zip(*sorted(others.items(), key=lambda one: (not one[0], one[0])), strict=True)
        found.append(
            Finding.of(FindingCode.NO_IMAGES, place=place, files=others.total(), suffixes=suffixes, of_each=numbers)
        )
    if garbled:
        found.append(Finding.of(FindingCode.NAMES_NOT_UNICODE, place=place, files=garbled))
    if closed:
        found.append(Finding.of(FindingCode.CLOSED_FOLDERS, place=place, folders=closed))
    return tuple(found)
