"""Files that are not read although the system would: why, as a code and in English."""

import errno
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from facegap.errors import Phrase


class Fault(StrEnum):
    """Why a file is not read. `message`: in English, as errors give it; its places bear the names of the values.

    Each room that reads files has its own; `report.text.failures` translates the messages of all.
    """

    message: str

    def __new__(cls, code: str, message: str) -> "Fault":
        """Return a member."""
        member = str.__new__(cls, code)
        member._value_, member.message = code, message
        return member


class RefusedFile(OSError):
    """A file that is not read: `strerror` is the `Phrase` that says why; `fault` and `values` make it."""

    def __init__(self, fault: Fault, path: str | Path, *, number: int = errno.EINVAL, **values: Any) -> None:
        super().__init__(number, Phrase(fault.message, **values), str(path))
        self.fault, self.values = fault, values

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how another process makes the same error."""
        return partial(type(self), self.fault, self.filename, number=self.errno, **self.values), ()
