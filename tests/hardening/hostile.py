"""Small files that declare a lot: each is written to a folder, and none holds a person."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

HUGE = [(20_000, 20_000), (65_000, 60_000)]
"""More pixels than any camera has."""


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, bits: int, colour: int) -> bytes:
    """Return a PNG of zeros, of which only the first rows are there."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )  # fmt: skip


def webp(kind: bytes, width: int, height: int) -> bytes:
    match kind:
        case b"VP8X":
            body = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        case b"VP8L":
            body = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + bytes(8)
        case _:
            body = b"\x50\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(8)
    data = kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(data)) + b"WEBP" + data


def jpeg(width: int, height: int, *, progressive: bool = False, scans: int = 1, mode: str = "RGB") -> bytes:
    """Return a JPEG whose header declares more than its scan holds."""
    data = bytearray(saved(Image.new(mode, (32, 32), 90), "JPEG", progressive=progressive))
    frame = data.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    end = data.rindex(b"\xff\xd9")
    last = data.rindex(b"\xff\xda")
    return bytes(data[:end] + data[last:end] * (scans - 1) + data[end:])


def tiff(width: int, height: int, *, bits: int, samples: int, float_: bool = False, tile: int = 0) -> bytes:
    """Return a TIFF of zeros, deflated in one strip or tile."""
    rows = min(height, 2_000_000_000 // (width * samples * bits // 8))
    content = zlib.compress(bytes(width * samples * bits // 8 * min(rows, 64)))
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, 8),
        (262, 3, 1, 2 if samples > 1 else 1), (277, 3, 1, samples), (339, 3, 1, 3 if float_ else 1),
    ]  # fmt: skip
    place = 8 + 2 + 12 * (len(tags) + (4 if tile else 3)) + 4
    if tile:
        tags += [(322, 4, 1, tile), (323, 4, 1, tile), (324, 4, 1, place), (325, 4, 1, len(content))]
    else:
        tags += [(273, 4, 1, place), (278, 4, 1, height), (279, 4, 1, len(content))]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + content


def jpeg2000(width: int, height: int, components: int) -> bytes:
    """Return a JPEG 2000 codestream whose header declares more than it holds."""
    data = bytearray(saved(Image.new({1: "L", 3: "RGB", 4: "RGBA"}[components], (32, 32)), "JPEG2000", no_jp2=True))
    for place in (8, 24):  # the image, and its one tile
        data[place : place + 8] = struct.pack(">II", width, height)
    return bytes(data)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def made() -> dict[str, Callable[[], bytes]]:
    """Return fifty hostile images by name."""
    files: dict[str, Callable[[], bytes]] = {}
    for width, height in HUGE:
        for bits, colour in ((1, 0), (8, 0), (16, 0), (8, 2), (16, 2), (8, 3), (8, 4), (8, 6), (16, 6)):
            files[f"png{bits}x{colour}_{width}.png"] = lambda w=width, h=height, b=bits, c=colour: png(w, h, b, c)
        for mode in ("L", "RGB", "CMYK"):
            for progressive in (False, True):
                name = f"jpeg{mode}{int(progressive)}_{width}.jpg"
                files[name] = lambda w=width, h=height, m=mode, p=progressive: jpeg(w, h, mode=m, progressive=p)
        for components in (1, 3, 4):
            files[f"jp2{components}_{width}.jp2"] = lambda w=width, h=height, c=components: jpeg2000(w, h, c)
        files[f"float_{width}.tif"] = lambda w=width, h=height: tiff(w, h, bits=32, samples=1, float_=True)
        files[f"rgb_{width}.tif"] = lambda w=width, h=height: tiff(w, h, bits=8, samples=3)
        files[f"ppm_{width}.ppm"] = lambda w=width, h=height: b"P6 %d %d 255\n" % (w, h)
        files[f"gif_{width}.gif"] = lambda w=width, h=height: gif(w, h)
    for kind in (b"VP8X", b"VP8L", b"VP8 "):
        files[f"webp{kind.decode().strip()}_1.webp"] = lambda k=kind: webp(k, 16_383, 16_383)
    files["tile_1.tif"] = lambda: tiff(64, 64, bits=8, samples=3, tile=30_000)
    files["float_1.tif"] = lambda: tiff(13_000, 13_000, bits=32, samples=1, float_=True)
    files["scans_1.jpg"] = lambda: jpeg(6_000, 6_000, progressive=True, scans=5_000)
    files["wide_1.png"] = lambda: png(2_000_000_000, 1, 8, 2)
    files["grey16_1.png"] = lambda: png(12_000, 12_000, 16, 0)
    return files


def gif(width: int, height: int) -> bytes:
    data = bytearray(saved(Image.new("L", (16, 16)), "GIF"))
    data[6:10] = struct.pack("<HH", width & 0xFFFF, height & 0xFFFF)
    return bytes(data)


def large_but_allowed() -> dict[str, Callable[[], bytes]]:
    """Return images that are decoded with nearly all the memory that they may take."""
    return {
        "grey_1.png": lambda: saved(Image.new("L", (12_000, 10_800)), "PNG", compress_level=1),
        "float_2.tif": lambda: saved(
            Image.fromarray(np.zeros((5_250, 5_250), np.float32)), "TIFF", compression="tiff_adobe_deflate"
        ),
        "rgba_1.webp": lambda: saved(Image.new("RGBA", (6_500, 6_500)), "WEBP", method=0),
        "rgb_1.jp2": lambda: saved(Image.new("RGB", (6_250, 6_250)), "JPEG2000"),
    }


def write(files: dict[str, Callable[[], bytes]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content())
