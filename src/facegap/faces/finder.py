"""Which face of a photo is the subject's: found in its pixels, or given with it."""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from facegap.data.embeddings import Outcome
from facegap.data.failure import FailureCode
from facegap.data.statement import Statement
from facegap.errors import InputError
from facegap.faces.face import Face
from facegap.faces.photo import Photo
from facegap.faces.which_face import choose

Search = Callable[[Photo], list[Face]]
"""Finds faces in the pixels of a photo, as `Detector.detect` does."""


@dataclass(frozen=True, eq=False)
class Found:
    """The chosen face in the pixels of a photo, or why there is none: `face` is None unless `outcome` is OK.

    `detail`: why, None if there is one. `faces`: how many there are.
    """

    outcome: Outcome
    detail: Statement | None
    face: Face | None
    faces: int = 0


class Finder:
    """A search and the rule that chooses among its faces; models that share both share what it finds.

    It remembers a photo for as long as somebody holds it, so all who ask of one search it once.
    """

    def __init__(self, search: Search, rule: str) -> None:
        self._search = search
        self._rule = rule
        self._found: WeakKeyDictionary[Photo, Found] = WeakKeyDictionary()

    def find(self, photo: Photo) -> Found:
        """Return the chosen face of a photo."""
        if photo not in self._found:
            self._found[photo] = self._find(photo)
        return self._found[photo]

    def _find(self, photo: Photo) -> Found:
        faces = self._search(photo)
        height, width = photo.pixels.shape[:2]
        face = choose(faces, (height, width), self._rule)
        if face is not None:
            return Found(Outcome.OK, None, face, len(faces))
        if faces:
            several = Statement.of(FailureCode.SEVERAL_FACES, faces=len(faces))
            return Found(Outcome.SEVERAL_FACES, several, None, len(faces))
        size = {"width": photo.width, "height": photo.height}
        if photo.data:
            searched = {"searched_width": width, "searched_height": height}
            return Found(Outcome.NO_FACE, Statement.of(FailureCode.NO_FACE_REDUCED, **size, **searched), None)
        return Found(Outcome.NO_FACE, Statement.of(FailureCode.NO_FACE, **size), None)


class GivenFinder:
    """Takes the face that was given with a photo, and looks for none."""

    def find(self, photo: Photo) -> Found:
        """Return the face that was given with a photo.

        Raises:
            InputError: none was, not even an unusable one.
        """
        given = photo.given
        if given is None:
            raise InputError("the detector box takes its boxes from a table of images, and this image is in none")
        if given.face is None:
            return Found(Outcome.NO_FACE, given.reason, None)
        left, top, right, bottom = given.face.box
        if left >= photo.width or top >= photo.height or right <= 0 or bottom <= 0:
            outside = Statement.of(FailureCode.BOX_OUTSIDE, width=photo.width, height=photo.height)
            return Found(Outcome.NO_FACE, outside, None)
        right_of, down = photo.scale
        return Found(Outcome.OK, None, given.face.moved((1 / right_of, 1 / down)), 1)
