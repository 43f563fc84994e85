"""How much memory it takes to decode an image, from what its header says."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

_STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""Bytes of a pixel as Pillow holds it, 4 in all other modes."""

_CONVERTED = {"RGB": 0, "1": 4, "L": 4, "P": 4, "I": 21, "F": 21, "I;16": 11, "I;16B": 11, "I;16L": 11}
"""Bytes of a pixel that making it 8-bit RGB takes besides: 4 for the copy, or for grey of more bits the most that is
held while it is scaled."""

_DECODER = {"WEBP": 10.0, "AVIF": 6.0, "HEIF": 6.0, "JXL": 12.0}
"""Bytes of a declared pixel that a decoder holds besides the picture, as measured (those of plug-ins as others of
their kind); see also `declared`."""

_COMPONENT = 5
"""Bytes of a pixel and component that OpenJPEG holds: an integer, and what it passes on."""

_BLOCK = 160
"""Bytes of a code-block that OpenJPEG holds, which can be as small as 4 by 4 pixels."""

_ODD = 8.0
"""The most that a JPEG's coefficients take, for files that the decoder may still read."""

_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_TILE_WIDTH, _TILE_LENGTH, _COMPRESSION = 322, 323, 259


@dataclass(frozen=True)
class Declared:
    """What the header of an image says: `width` and `height` in pixels as they are stored, and Pillow's `mode`.

    `decoder`: bytes for each of these pixels that the decoder takes besides the picture.
    """

    format: str
    width: int
    height: int
    mode: str
    decoder: float


def decoded_bytes(found: Declared, mode: str, size: tuple[int, int], max_side: int | None) -> int:
    """Return how many bytes are held at most while an image becomes RGB with sides of `max_side` pixels.

    `mode`, `size`: what the decoder gives, which for JPEG can be smaller than what the file declares.
    """
    longer = max(size)
    reduced = 1.0 if max_side is None or longer <= max_side else max_side / longer
    # A picture of the new width and the old height stands between the two.
    resized = 4 if reduced == 1.0 else 4 * (1 + reduced + reduced**2)
    per_pixel = max(_STORED.get(mode, 4) + _CONVERTED.get(mode, 4), resized + 3 * reduced**2)
    decoder = found.width * found.height * (found.decoder + _DECODER.get(found.format, 0.0))
    return round(decoder + size[0] * size[1] * per_pixel)


def declared(image: Image.Image, file: BinaryIO) -> Declared:
    """Return what the header of an opened image in `file` says; the place in the file stays."""
    place = file.tell()
    pixels = max(1, image.width * image.height)
    decoder = 0.0
    try:
        if image.format in ("JPEG", "MPO"):
            decoder = _jpeg(file)
        elif image.format == "JPEG2000":
            decoder = _jpeg2000(file) / pixels
        elif image.format == "TIFF":
            decoder = _tiff(image) / pixels
    except (IndexError, TypeError, ValueError, struct.error):  # damaged: the decoder will say so
        decoder = _ODD
    file.seek(place)
    return Declared(image.format or "?", image.width, image.height, image.mode, decoder)


def webp_size(start: bytes) -> tuple[int, int] | None:
    """Return width and height that the first 30 bytes of a WebP file declare, None where it is no such file."""
    if len(start) < 30 or start[:4] != b"RIFF" or start[8:12] != b"WEBP":
        return None
    match start[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(start[24:27], "little"), 1 + int.from_bytes(start[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(start[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack("<HH", start[26:30])
            return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(file: BinaryIO) -> float:
    """Return bytes a pixel of a JPEG file's coefficients, which are all held where it has several scans."""
    file.seek(2)
    coefficients, components, progressive = 0.0, 0, False
    while len(head := file.read(4)) == 4 and head[0] == 0xFF:
        marker, length = head[1], int.from_bytes(head[2:], "big")
        if marker == 0xFF:  # a byte of padding
            file.seek(-3, 1)
            continue
        if marker in _FRAMES:
            frame = file.read(length - 2)
            components, progressive = frame[5], marker in _PROGRESSIVE
            factors = [(byte >> 4, byte & 15) for byte in frame[7 : 6 + 3 * components : 3]]
            largest = max(across for across, _ in factors) * max(down for _, down in factors)
            coefficients = 2 * sum(across * down for across, down in factors) / max(1, largest)
        elif marker == 0xDA:
            several = progressive or file.read(1)[0] < components
            return coefficients if several else 0.0
        else:
            file.seek(length - 2, 1)
    return _ODD


def _jpeg2000(file: BinaryIO) -> float:
    """Return bytes that OpenJPEG takes for what a JPEG 2000 file declares, which a box around it may not say."""
    file.seek(0)
    data = file.read()
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or len(data) < start + 42:
        return 0.0
    right, bottom, left, top = struct.unpack(">IIII", data[start + 8 : start + 24])
    (components,) = struct.unpack(">H", data[start + 40 : start + 42])
    style = data.find(b"\xff\x52", start + 42)
    exponents = data[style + 10 : style + 12] if style >= 0 else b""
    block = 1 << (4 + sum(byte & 15 for byte in exponents)) if len(exponents) == 2 else 16
    pixels = max(0, right - left) * max(0, bottom - top)
    return pixels * components * (_COMPONENT + _BLOCK / block)


def _tiff(image: Image.Image) -> float:
    """Return bytes that a TIFF file's tiles or strips take while they are decoded: one can hold the whole image."""
    tags = getattr(image, "tag_v2", {})
    stored = _STORED.get(image.mode, 4)
    tile = int(tags.get(_TILE_WIDTH, 0)) * int(tags.get(_TILE_LENGTH, 0))
    strip = image.width * image.height if tags.get(_COMPRESSION, 1) != 1 else 0
    return float(stored * max(tile, strip))
