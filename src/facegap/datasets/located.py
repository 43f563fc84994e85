"""Where the images are that a table or a list names: names come from other computers, with other spellings."""

import difflib
from contextlib import suppress
from functools import cache
from pathlib import Path, PureWindowsPath

from facegap.data.image_file import image_exists
from facegap.data.input_summary import InputCode
from facegap.data.statement import Statement
from facegap.datasets.image_root import below, is_there, names_in, parts_below
from facegap.run.remote import is_url
from facegap.run.text import clean

COMPARED = 10_000
"""So many names of a folder are held against one that is not there."""


class Located:
    """Finds images by names that start at the folder `images`.

    A name that is not there as it is written is looked for with `/` for `\\`, then part by part: in another Unicode
    form (macOS splits accents from letters), then in another case. Where two files would do, neither is taken.
    """

    def __init__(self, images: Path) -> None:
        self._images = images
        self._respelt: set[str] = set()
        self._names = cache(_names)

    def path(self, text: str) -> str:
        """Return the path of an image, or its URL; where there is none, the one that the text gives."""
        if is_url(self._images) and not is_url(text):
            text = text.strip().replace("\\", "/")
        plain = below(self._images, text)
        if image_exists(plain):
            return plain
        slashed = text.strip().replace("\\", "/")
        found = self._found(slashed)
        if found is None:
            return below(self._images, slashed) if is_windows(text) and not is_drive(text) else plain
        self._respelt.add(text)
        return found

    @property
    def note(self) -> Statement | None:
        """How many images were found in another spelling, if any were."""
        return Statement.of(InputCode.RESPELT, paths=len(self._respelt)) if self._respelt else None

    def nearly(self, text: str) -> str:
        """Return what is most like an image that is not there, or ""."""
        folder, rest = self._deepest(text.strip().replace("\\", "/"))
        names = list(self._names(folder))[:COMPARED]
        close = difflib.get_close_matches(clean(rest[0]), names, n=1) if rest else []
        return below(folder, close[0]) if close else ""

    def _found(self, text: str) -> str | None:
        folder, rest = self._deepest(text)
        return None if rest else folder

    def _deepest(self, text: str) -> tuple[str, list[str]]:
        """Return how far the parts of a name lead, and the parts that are left."""
        place, parts = parts_below(self._images, text)
        for number, part in enumerate(parts):
            there = below(place, part)
            if part != ".." and not is_there(there):
                own = self._own(place, part)
                if own is None:
                    return place, parts[number:]
                there = below(place, own)
            place = there
        return place, []

    def _own(self, folder: str, part: str) -> str | None:
        """Return the name in a folder that is the same in another spelling, None where there is none, or several."""
        names = self._names(folder)
        wanted = clean(part)
        for spelling in (clean, lambda name: clean(name).casefold()):
            same = [name for name in names.get(wanted.casefold(), ()) if spelling(name) == spelling(wanted)]
            if same:
                return same[0] if len(same) == 1 else None
        return None


def is_windows(text: str) -> bool:
    """Return whether a path is written as on Windows."""
    return "\\" in text


def is_drive(text: str) -> bool:
    """Return whether a path names a drive of Windows, or another computer."""
    return bool(PureWindowsPath(text).drive)


def _names(folder: str) -> dict[str, list[str]]:
    """Return the names in a folder by what they are without case, in the form that is common."""
    names: dict[str, list[str]] = {}
    with suppress(OSError):
        for name in names_in(folder):
            names.setdefault(clean(name).casefold(), []).append(name)
    return names
