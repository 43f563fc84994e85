"""The values that dlib's files are made of, read from bytes that may hold anything."""

import math
from pathlib import Path
from typing import NoReturn

import numpy as np

from facegap.errors import ModelError, Phrase

LONGEST_TEXT = 64
"""Bytes of the longest name that is read; dlib's are shorter."""

INFINITE, NEGATIVE_INFINITE, NOT_A_NUMBER = 32_000, 32_001, 32_002
"""What stands in place of the exponent of a number that is none."""


class DlibReader:
    """Reads one value after the other; nothing larger than what the file holds is ever allocated.

    Raises:
        ModelError: on every method, where the bytes are no such value.
    """

    def __init__(self, content: bytes, path: Path) -> None:
        self._content = memoryview(content)
        self._path = path
        self._at = 0

    def fail(self, reason: str, /, **values: object) -> NoReturn:
        """Refuse the file; the reason is a template as those of errors are."""
        raise ModelError(
            "{path} is damaged or no face network of dlib ({reason}): pass an intact .dat file",
            path=self._path,
            reason=Phrase(reason, **values),
        )

    def end(self) -> None:
        """Take the end of the file."""
        if left := len(self._content) - self._at:
            self.fail("{left:,} bytes follow the network", left=left)

    def integer(self) -> int:
        """Return a whole number: a byte with its sign and length, then its magnitude, lowest byte first."""
        (control,) = self._take(1)
        length = control & 0x0F
        if not 1 <= length <= 8 or control & 0x70:
            self.fail("expected a whole number, found the byte {control:#04x}", control=control)
        magnitude = int.from_bytes(self._take(length), "little")
        return -magnitude if control & 0x80 else magnitude

    def integers(self, count: int) -> list[int]:
        """Return `count` whole numbers."""
        return [self.integer() for _ in range(count)]

    def real(self) -> float:
        """Return a real number: the whole numbers m and e for m * 2**e."""
        mantissa, exponent = self.integers(2)
        if exponent in (INFINITE, NEGATIVE_INFINITE):
            return math.inf if exponent == INFINITE else -math.inf
        if exponent == NOT_A_NUMBER:
            return math.nan
        try:
            return math.ldexp(mantissa, exponent)
        except OverflowError:
            self.fail("the number {mantissa} * 2**{exponent} is too large", mantissa=mantissa, exponent=exponent)

    def reals(self, count: int) -> list[float]:
        """Return `count` real numbers."""
        return [self.real() for _ in range(count)]

    def boolean(self) -> bool:
        """Return a truth value: the letter 0 or 1."""
        (letter,) = self._take(1)
        if letter not in b"01":
            self.fail("expected 0 or 1, found the byte {letter:#04x}", letter=letter)
        return letter == ord("1")

    def text(self) -> str:
        """Return a name: its length, then ASCII."""
        length = self.integer()
        if not 0 <= length <= LONGEST_TEXT:
            self.fail("expected a name, found {length:,} bytes of text", length=length)
        raw = bytes(self._take(length))
        if not raw.isascii():
            self.fail("expected a name, found bytes that are no ASCII")
        return raw.decode("ascii")

    def expect(self, value: int | str, what: str) -> None:
        """Take a value that has to be `value`."""
        found = self.integer() if isinstance(value, int) else self.text()
        if found != value:
            self.fail("expected {what} {value!r}, found {found!r}", what=what, value=value, found=found)

    def tensor(self) -> np.ndarray:
        """Return a tensor (n, k, rows, columns) float32, a view of the file's bytes."""
        self.expect(2, "a tensor of version")
        shape = self._shape()
        numbers = np.frombuffer(self._take(4 * math.prod(shape)), "<f4")
        if not np.isfinite(numbers).all():
            self.fail("a tensor holds numbers that are not finite")
        return numbers.reshape(shape)

    def alias(self) -> tuple[int, ...]:
        """Return the shape (n, k, rows, columns) of a part of a tensor that is written elsewhere."""
        self.expect(1, "a part of a tensor of version")
        return self._shape()

    def _shape(self) -> tuple[int, ...]:
        shape = tuple(self.integers(4))
        if min(shape) < 0:
            self.fail("a tensor of shape {shape} cannot be", shape=shape)
        return shape if all(shape) else (0, 0, 0, 0)

    def _take(self, count: int) -> memoryview:
        left = len(self._content) - self._at
        if count > left:
            self.fail("{count:,} bytes should follow, {left:,} do", count=count, left=left)
        self._at += count
        return self._content[self._at - count : self._at]
