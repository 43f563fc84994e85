"""What a JPEG XL file declares, and its codestream alone: the decoder gives all pixels at once, so we look before."""

from dataclasses import dataclass

from facegap.data.failure import Failed, FailureCode

CODESTREAM = b"\xff\x0a"
CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"

_SIDE = ((1, 9), (1, 13), (1, 18), (1, 30))
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIDEWAYS = 4
"""Orientations from 0; those from here on swap width and height."""


@dataclass(frozen=True)
class JpegXL:
    """`width` and `height` in pixels as they are shown, and how many channels there are besides the colours."""

    width: int
    height: int
    extra: int


def is_jpeg_xl(start: bytes) -> bool:
    """Return whether a file that begins with `start` is a JPEG XL."""
    return start.startswith((CODESTREAM, CONTAINER))


def codestream(data: bytes) -> bytes:
    """Return the pictures of a JPEG XL file without the boxes around them.

    These hold metadata, which can be compressed a thousandfold, and what makes a JPEG file of it again. The picture and
    its orientation stand in the codestream.

    Raises:
        Failed: the file holds none.
    """
    if data.startswith(CODESTREAM):
        return data
    parts, place = [], 0
    while place + 8 <= len(data):
        size, kind, begin = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8], place + 8
        if size == 1:
            size, begin = int.from_bytes(data[begin : begin + 8], "big"), begin + 8
        end = place + size if size else len(data)
        if end < begin or end > len(data):
            raise Failed.of(FailureCode.JPEG_XL_BOX)
        if kind == b"jxlc":
            return data[begin:end]
        if kind == b"jxlp":
            parts.append(data[begin + 4 : end])
        place = end
    if not parts:
        raise Failed.of(FailureCode.JPEG_XL_EMPTY)
    return b"".join(parts)


def declared_jpeg_xl(stream: bytes) -> JpegXL:
    """Return what the header of a codestream says (ISO/IEC 18181-1, annex D).

    Raises:
        Failed: the header is cut off.
    """
    bits = _Bits(stream[len(CODESTREAM) : 128])
    width, height = _size(bits)
    orientation = extra = 0
    if not bits.take(1):  # not all as usual
        if bits.take(1):
            orientation = bits.take(3)
            if bits.take(1):
                _size(bits)
            if bits.take(1):
                _preview(bits)
            if bits.take(1):
                _animation(bits)
        if bits.take(1):
            bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
            bits.take(4)
        else:
            bits.choice((8, 0), (10, 0), (12, 0), (1, 6))
        bits.take(1)
        extra = bits.choice((0, 0), (1, 0), (2, 4), (1, 12))
    return JpegXL(height, width, extra) if orientation >= _SIDEWAYS else JpegXL(width, height, extra)


class _Bits:
    """The bits of a header, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, number: int) -> int:
        if number > self._left:
            raise Failed.of(FailureCode.JPEG_XL_HEADER)
        self._left -= number
        value, self._value = self._value & ((1 << number) - 1), self._value >> number
        return value

    def choice(self, *forms: tuple[int, int]) -> int:
        """Return a number in one of four forms, each what is added and how many bits follow."""
        added, number = forms[self.take(2)]
        return added + self.take(number)


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)

    def side() -> int:
        return 8 * (1 + bits.take(5)) if small else bits.choice(*_SIDE)

    height = side()
    return _width(bits, height) or side(), height


def _width(bits: _Bits, height: int) -> int:
    """Return the width that a ratio gives, 0 where it is written out."""
    ratio = bits.take(3)
    across, down = _RATIOS[ratio - 1] if ratio else (0, 1)
    return height * across // down


def _preview(bits: _Bits) -> None:
    forms = ((16, 0), (32, 0), (1, 5), (33, 9)) if bits.take(1) else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.choice(*forms)
    if not bits.take(3):
        bits.choice(*forms)


def _animation(bits: _Bits) -> None:
    bits.choice((100, 0), (1000, 0), (1, 10), (1, 30))
    bits.choice((1, 0), (1001, 0), (1, 8), (1, 10))
    bits.choice((0, 0), (0, 3), (0, 16), (0, 32))
    bits.take(1)
