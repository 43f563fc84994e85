"""Why an image has no embedding, apart from words: what `Outcome` sorts by, in detail."""

from enum import StrEnum
from typing import Self

from facegap.data.statement import Statement, in_english
from facegap.run.refused_file import RefusedFile


class FailureCode(StrEnum):
    """Why an image failed. `report.text.failures` has the sentence of each code."""

    # The file cannot be read; a `RefusedFile` has codes of its own.
    QUOTED = "quoted"
    NOT_OPENED = "not-opened"
    CHANGED = "changed"
    # Its bytes are no image that is decoded.
    EMPTY_FILE = "empty-file"
    NO_FORMAT = "no-format"
    POSTSCRIPT = "postscript"
    FORMAT_NOT_INSTALLED = "format-not-installed"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_MANY_SCANS = "too-many-scans"
    TOO_MUCH_MEMORY = "too-much-memory"
    NOT_DECODED = "not-decoded"
    JPEG_XL_BOX = "jpeg-xl-box"
    JPEG_XL_HEADER = "jpeg-xl-header"
    JPEG_XL_EMPTY = "jpeg-xl-empty"
    # There is no face, or none that is meant.
    NO_MEMORY = "no-memory"
    NO_MEMORY_FOR = "no-memory-for"
    NO_FACE = "no-face"
    NO_FACE_REDUCED = "no-face-reduced"
    SEVERAL_FACES = "several-faces"
    NO_BOX = "no-box"
    BOX_NO_NUMBERS = "box-no-numbers"
    BOX_EMPTY = "box-empty"
    BOX_OUTSIDE = "box-outside"
    LANDMARKS_NO_NUMBERS = "landmarks-no-numbers"
    LANDMARKS_ON_LINE = "landmarks-on-line"
    # The model gave nothing that can be compared.
    NOT_FINITE = "not-finite"
    LENGTH = "length"
    ZERO = "zero"
    ALL_THE_SAME = "all-the-same"
    NOT_IN_FILE = "not-in-file"
    NO_USABLE_IMAGE = "no-usable-image"


class Failed(Exception):
    """An image that cannot be used; `said` is why.

    Raise it by `raise Failed.of(FailureCode.NAME, ...)`, with the names and numbers of the sentence.
    """

    def __init__(self, said: Statement) -> None:
        super().__init__(said)
        self.said = said

    @classmethod
    def of(cls, code: FailureCode, **values: object) -> Self:
        """Return the error with a code and its values."""
        return cls(Statement.of(code, **values))

    def __str__(self) -> str:
        return in_english(self.said)


def unread(error: OSError | ValueError) -> Statement:
    """Return why a file was not read, from the error that reading it raised. What the system says is quoted."""
    if isinstance(error, RefusedFile):
        return Statement.of(error.fault, **error.values)
    said = error.strerror if isinstance(error, OSError) else str(error)
    return Statement.of(FailureCode.QUOTED, error=said) if said else Statement.of(FailureCode.NOT_OPENED)
