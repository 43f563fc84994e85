"""Every kind of image becomes upright 8-bit RGB, and nothing else ever comes out."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facegap.faces import Unreadable, decode, grey_bits

RNG = np.random.default_rng(7)
COLOURS = RNG.integers(0, 256, (9, 14, 3), dtype=np.uint8)
PICTURE = Image.fromarray(COLOURS)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_png_equals_pillows_own_conversion(mode: str) -> None:
    data = encoded(PICTURE.convert(mode))
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    decoded = decode(data)
    assert (decoded.dtype, decoded.shape) == (np.uint8, (9, 14, 3))
    assert decoded.flags.c_contiguous
    np.testing.assert_array_equal(decoded, expected)


def test_alpha_is_dropped_and_not_blended() -> None:
    rgba = np.dstack([COLOURS, np.zeros((9, 14), np.uint8)])
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(rgba))), COLOURS)


@pytest.mark.parametrize("transparency", [0, bytes(range(256))])
def test_palette_with_transparency_keeps_its_colours(transparency: int | bytes) -> None:
    palette = PICTURE.convert("P")
    data = encoded(palette, transparency=transparency)
    np.testing.assert_array_equal(decode(data), np.asarray(palette.convert("RGB")))


def test_cmyk_equals_pillows_own_conversion() -> None:
    data = encoded(PICTURE.convert("CMYK"), "TIFF")
    np.testing.assert_array_equal(decode(data), np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled(kind: str) -> None:
    values = np.array([[0, 128, 257, 32896, 65535]], dtype=np.uint16)
    decoded = decode(encoded(Image.fromarray(values), kind))
    np.testing.assert_array_equal(decoded[0, :, 0], [0, 0, 1, 128, 255])
    assert (decoded == decoded[..., :1]).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
@pytest.mark.parametrize(("white", "bits"), [(250, 8), (1000, 10), (4095, 12), (4000, 12), (16_000, 14), (40_000, 16)])
def test_fewer_bits_in_16_are_no_darker_than_in_8(kind: str, white: int, bits: int, tmp_path) -> None:
    shades = np.linspace(0, 1, 256).reshape(16, 16)
    (tmp_path / "a.img").write_bytes(encoded(Image.fromarray(np.rint(shades * white).astype(np.uint16)), kind))
    decoded = decode((tmp_path / "a.img").read_bytes())[..., 0]
    assert abs(decoded - shades * 255 * white / (2**bits - 1)).max() < 1
    assert grey_bits(str(tmp_path / "a.img")) == (None if kind == "PPM" else bits)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 128, 255], [0, 1, 128, 255]),
        ([0, 100, 4000], [0, 6, 249]),
        ([0, 257, 32896, 65535], [0, 1, 128, 255]),
        ([0, 1_000_000, -5, 2_000_000], [0, 128, 0, 255]),
    ],
)
def test_32_bit_integers_are_scaled_by_what_holds_the_greatest(values: list[int], expected: list[int]) -> None:
    image = Image.fromarray(np.array([values], dtype=np.int32))
    np.testing.assert_array_equal(decode(encoded(image, "TIFF"))[0, :, 0], expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.5, 1], [0, 128, 255]),
        ([0, 128.4, 255], [0, 128, 255]),
        ([0, 32896, 65535], [0, 128, 255]),
        ([np.nan, np.inf, 1], [0, 0, 255]),
        ([0, 0, 0], [0, 0, 0]),
    ],
)
def test_floating_point_is_scaled_by_what_holds_the_greatest(values: list[float], expected: list[int]) -> None:
    image = Image.fromarray(np.array([values], dtype=np.float32))
    np.testing.assert_array_equal(decode(encoded(image, "TIFF"))[0, :, 0], expected)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
def test_first_frame(kind: str) -> None:
    first, second = Image.new("RGB", (8, 8), "#ff0000"), Image.new("RGB", (8, 8), "#0000ff")
    data = encoded(first, kind, save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(data)).n_frames == 2
    np.testing.assert_allclose(decode(data)[4, 4], [255, 0, 0], atol=3)


ORIENTED = {
    1: COLOURS,
    2: COLOURS[:, ::-1],
    3: COLOURS[::-1, ::-1],
    4: COLOURS[::-1],
    5: COLOURS.transpose(1, 0, 2),
    6: np.rot90(COLOURS, -1),
    7: np.rot90(COLOURS, 2).transpose(1, 0, 2),
    8: np.rot90(COLOURS, 1),
}


@pytest.mark.parametrize("orientation", ORIENTED)
def test_exif_orientation_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(decode(encoded(PICTURE, exif=exif)), ORIENTED[orientation])


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_unknown_orientation_is_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(decode(encoded(PICTURE, exif=exif)), COLOURS)


def test_damaged_exif_leaves_the_pixels() -> None:
    data = encoded(PICTURE, exif=b"Exif\0\0II*\0\xff\xff\xff\x7fnonsense")
    np.testing.assert_array_equal(decode(data), COLOURS)


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + chunk(b"IDAT", zlib.compress(bytes(height * (width // 8 + 1))))
        + chunk(b"IEND", b"")
    )


def test_large_image_is_read_without_a_warning() -> None:
    assert decode(png_header(10_000, 9_500)).shape == (9_500, 10_000, 3)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello, I am a text", "not an image"),
        (b"\x89PNG\r\n\x1a\n", "not an image"),
        (encoded(PICTURE, "JPEG")[:-40], "truncated"),
        (encoded(PICTURE, "PNG")[:-60], "truncated"),
        (png_header(20_000, 20_000), "pixels, which may be an attack"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF", "EPS is a program"),
    ],
)
def test_unreadable(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        decode(data)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"]), st.data())
def test_hostile_bytes_are_unreadable_or_an_image(kind: str, data: st.DataObject) -> None:
    content = bytearray(encoded(PICTURE, kind))
    places = data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=6))
    for place, value in places:
        content[place] = value
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        image = decode(cut)
    except Unreadable as error:
        reason = str(error)
        assert reason == reason.splitlines()[0]
    else:
        assert (image.dtype, image.shape[2]) == (np.uint8, 3)
