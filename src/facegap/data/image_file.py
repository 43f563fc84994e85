"""The one place where image files are opened: which formats are read, and how much memory decoding may take."""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile

from facegap.data.containers import member_exists, read_member
from facegap.data.failure import Failed, FailureCode
from facegap.data.image_cost import Declared, declared, decoded_bytes, webp_size
from facegap.data.jpeg_xl import codestream, declared_jpeg_xl, is_jpeg_xl
from facegap.run.ordinary import open_ordinary, read_ordinary
from facegap.run.places import exists
from facegap.run.remote import is_url, read_url

FORMATS = ("JPEG", "MPO", "PNG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "PPM", "TGA", "AVIF", "HEIF", "JXL")
"""Pillow's names of the formats that are read, where Pillow or a plug-in for it has them. A format of a plug-in is
added here. Pillow has 30 more, and two of them start Ghostscript: what a stranger calls `.png` can be any of them."""

NEEDED = {
    "HEIF": "pip install pi-heif",
    "JXL": "pip install 'facegap[jxl]'",
    "AVIF": "pip install --upgrade pillow",
}
"""What to do where a format cannot be decoded here."""

HEIF_PLUGINS = ("pi_heif", "pillow_heif")
"""The same plug-in without and with the means to write HEIC; either will do."""

MAX_PIXELS = 200_000_000
"""Pixels of the largest image that is decoded: the largest cameras of telephones make so many."""

BYTES_PER_PIXEL = 4.5
"""Decoding an image may take so many bytes for each pixel of `max_pixels`: 900 MB by default."""

LARGEST_FILE = 500_000_000
"""Bytes of the largest image file that is read."""

MOST_SCANS = 500
"""A JPEG file repeats itself so often at most, as its library's authors advise; ten are usual, thousands take hours."""

_START_OF_SCAN = b"\xff\xda"
_PROGRAMS = (b"%!PS", b"\xc5\xd0\xd3\xc6")

_lock = threading.Lock()


JPEG = b"\xff\xd8\xff"
"""What a JPEG file begins with."""

SURE = {JPEG: ("JPEG",), b"\x89PNG\r\n\x1a\n": ("PNG",)}
"""What is opened as the one format that begins so: for these two the openers of all others need not be loaded."""


def open_image_file(path: str | Path) -> BinaryIO:
    """Return the file of an image, open for reading; it may lie in another, see `facegap.data.containers`.

    Raises:
        OSError: see `open_ordinary`; the file that it lies in cannot be read.
    """
    if is_url(path):
        return BytesIO(read_image_file(path))
    inside = read_member(path, most=LARGEST_FILE)
    return open_ordinary(path, most=LARGEST_FILE) if inside is None else BytesIO(inside)


def read_image_file(path: str | Path) -> bytes:
    """Return the bytes of an image file; see `open_image_file`.

    Raises:
        OSError: see `open_image_file`.
    """
    inside = read_member(path, most=LARGEST_FILE)
    if inside is not None:
        return inside
    return read_url(str(path), most=LARGEST_FILE) if is_url(path) else read_ordinary(path, most=LARGEST_FILE)


def image_file_size(path: str | Path) -> int:
    """Return the bytes of an image file, 0 where that is not known without opening it, or there is none."""
    try:
        return os.stat(path).st_size  # noqa: PTH116 (a `Path` for each image stays in memory)
    except (OSError, ValueError):  # it lies in another file, or its name has a NUL
        return 0


def image_exists(path: str | Path) -> bool:
    """Return whether there is something at the path of an image, which may lie in another file.

    What stands at a URL is taken to be there: asking for each of a million images would take longer than reading them.
    """
    return is_url(path) or exists(path) or member_exists(path)


@cache
def formats() -> tuple[str, ...]:
    """Return those of `FORMATS` that can be decoded here, with the plug-ins that are installed."""
    Image.init()
    for plugin in HEIF_PLUGINS if "HEIF" not in Image.OPEN else ():
        with suppress(ImportError):
            import_module(plugin).register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
            break
    if "JXL" not in Image.OPEN:
        with suppress(ImportError):
            import_module("pillow_jxl")
    return tuple(name for name in FORMATS if _decodes(name))


def open_image(
    file: BinaryIO, *, max_side: int | None = None, max_pixels: int = MAX_PIXELS
) -> tuple[Image.Image, tuple[int, int]]:
    """Return an image of which only the header is read, and its size; decoding it takes no more memory than it may.

    A JPEG with a side of more than `max_side` pixels is set to be decoded at a half, a quarter or an eighth, whichever
    still is as large.

    Raises:
        Failed: the image is not in one of `FORMATS`, or decoding it would take too much.
        Exception: whatever a decoder raises for damaged bytes.
    """
    image, found = _opened(file)
    pixels, room = found.width * found.height, round(BYTES_PER_PIXEL * max_pixels)
    if pixels > max_pixels:
        raise Failed.of(FailureCode.TOO_MANY_PIXELS, pixels=pixels, most=max_pixels)
    if image is None:
        _within_room(decoded_bytes(found, found.mode, (found.width, found.height), max_side), pixels, room, max_pixels)
        image = _quietly_opened(file)
    if max_side is not None and max(image.size) > max_side:
        image.draft(None, within(image.size, max_side))
    _within_room(decoded_bytes(found, image.mode, image.size, max_side), pixels, room, max_pixels)
    if found.format in ("JPEG", "MPO") and _scans(file) > MOST_SCANS:
        raise Failed.of(FailureCode.TOO_MANY_SCANS, most=MOST_SCANS)
    return image, (found.width, found.height)


def look(file: BinaryIO, *, max_side: int | None = None) -> tuple[Declared, int]:
    """Return what the header of an image says, and how many bytes decoding it as `open_image` does would take.

    Raises:
        Exception: as `open_image`.
    """
    image, found = _opened(file)
    if image is not None and max_side is not None and max(image.size) > max_side:
        image.draft(None, within(image.size, max_side))
    size = (found.width, found.height) if image is None else image.size
    return found, decoded_bytes(found, found.mode if image is None else image.mode, size, max_side)


def within(size: tuple[int, int], max_side: int | None) -> tuple[int, int]:
    """Return the size of a picture whose longer side is brought down to `max_side`."""
    longer = max(size)
    if max_side is None or longer <= max_side:
        return size
    width, height = (max(1, round(side * max_side / longer)) for side in size)
    return width, height


def _opened(file: BinaryIO) -> tuple[Image.Image | None, Declared]:
    """Return an image and what its header says; no image for WebP and JPEG XL, whose openers take the memory."""
    start = file.read(64)
    file.seek(0)
    if start.startswith(_PROGRAMS):
        raise Failed.of(FailureCode.POSTSCRIPT)
    if size := webp_size(start):
        return None, Declared("WEBP", *size, "RGBA", 0.0)
    kind = _plugin_format(start)
    if kind == "JXL" and kind in formats():
        found = declared_jpeg_xl(codestream(file.read()))
        file.seek(0)
        return None, Declared("JXL", found.width, found.height, "RGBA", 4.0 * found.extra)
    try:
        image = _quietly_opened(file)
    except Image.UnidentifiedImageError:
        if kind and kind not in formats():
            raise Failed.of(FailureCode.FORMAT_NOT_INSTALLED, format=kind, install=NEEDED[kind]) from None
        raise Failed.of(FailureCode.NO_FORMAT if start else FailureCode.EMPTY_FILE) from None
    return image, declared(image, file)


def _plugin_format(start: bytes) -> str:
    """Return the format of `NEEDED` that a file begins as, "" where it is none of these."""
    if is_jpeg_xl(start):
        return "JXL"
    brand = start[8:12] if start[4:8] == b"ftyp" else b""
    if brand in (b"avif", b"avis"):
        return "AVIF"
    return "HEIF" if brand[:3] in (b"hei", b"hev") or brand in (b"mif1", b"msf1") else ""


def _quietly_opened(file: BinaryIO) -> Image.Image:
    """Open an image without Pillow's warnings of odd metadata, and without its bound, in place of which is ours."""
    start = file.read(12)
    file.seek(0)
    if is_jpeg_xl(start):
        file = BytesIO(codestream(file.read()))
    sure = next((known for beginning, known in SURE.items() if start.startswith(beginning)), None)
    with quiet():
        bound, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(file, formats=sure or formats())
        finally:
            Image.MAX_IMAGE_PIXELS = bound


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow from warning of odd metadata, which concerns nobody."""
    with _lock, warnings.catch_warnings():  # filters belong to the whole process: one thread at a time
        warnings.simplefilter("ignore")
        yield


def _within_room(bytes: int, pixels: int, room: int, max_pixels: int) -> None:
    if bytes > room:
        raise Failed.of(
            FailureCode.TOO_MUCH_MEMORY,
            pixels=pixels, bytes=bytes, room=room, per_pixel=BYTES_PER_PIXEL, most=max_pixels,
        )  # fmt: skip


def _scans(file: BinaryIO) -> int:
    """Return how often a scan may start in a file; within a scan the two bytes do not occur."""
    file.seek(0)
    return file.read().count(_START_OF_SCAN)


def _decodes(name: str) -> bool:
    opener = Image.OPEN.get(name)
    if opener is None:
        return False
    factory = opener[0]
    return not (isinstance(factory, type) and issubclass(factory, ImageFile.StubImageFile))


def quantisation(data: bytes) -> dict[int, list[int]]:
    """Return the quantisation tables of a JPEG file that was decoded before; none where it is no JPEG."""
    if not data.startswith(JPEG):
        return {}
    with Image.open(BytesIO(data), formats=["JPEG", "MPO"]) as image:
        return getattr(image, "quantization", {})
