"""HEIC, AVIF and JPEG XL are read as other photos are, or the reason says what to install."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from facegap.data import image_file
from facegap.data.jpeg_xl import codestream, declared_jpeg_xl
from facegap.faces import Unreadable, decode
from facegap.faces.decode import load

RNG = np.random.default_rng(5)
COLOURS = np.kron(RNG.integers(40, 216, (6, 9, 3)), np.ones((16, 16, 1))).astype(np.uint8)
"""96 by 144 pixels in squares of one colour, which loss leaves alike."""

SUFFIX = {"HEIF": "pillow_heif", "JXL": "pillow_jxl", "AVIF": "PIL"}


def encoded(kind: str, image: np.ndarray = COLOURS, **options) -> bytes:
    module = pytest.importorskip(SUFFIX[kind], reason="the means to write this format are of the extra `dev`")
    buffer = io.BytesIO()
    if kind == "HEIF":
        module.from_pillow(Image.fromarray(image)).save(buffer, quality=95, chroma=444, **options)
    else:
        Image.fromarray(image).save(buffer, kind, quality=95, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", SUFFIX)
def test_the_picture_is_that_which_was_written(kind: str) -> None:
    assert abs(decode(encoded(kind)).astype(int) - COLOURS).mean() < 4


@pytest.mark.parametrize("kind", SUFFIX)
def test_it_is_reduced_as_others_are(kind: str) -> None:
    picture, size = load(encoded(kind), max_side=72)
    assert (picture.size, size) == ((72, 48), (144, 96))


@pytest.mark.parametrize("kind", SUFFIX)
def test_it_is_grey_with_alpha_or_without(kind: str) -> None:
    grey = np.ascontiguousarray(COLOURS[..., 0])
    alpha = np.dstack([COLOURS, np.full(COLOURS.shape[:2], 128, np.uint8)])
    assert abs(decode(encoded(kind, grey)).astype(int) - grey[..., None]).mean() < 4
    assert abs(decode(encoded(kind, alpha)).astype(int) - COLOURS).mean() < 4


@pytest.mark.parametrize("kind", SUFFIX)
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_orientation_is_applied_once(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {3: np.rot90(COLOURS, 2), 6: np.rot90(COLOURS, -1), 8: np.rot90(COLOURS, 1)}[orientation]
    data = encoded(kind, exif=exif.tobytes())
    if kind == "JXL":  # what counts there stands in the codestream, as the standard has it
        turned = COLOURS
    picture, size = load(data, max_side=None)
    assert size == (turned.shape[1], turned.shape[0])
    assert abs(np.asarray(picture).astype(int) - turned).mean() < 4


@pytest.mark.parametrize("kind", SUFFIX)
def test_what_is_cut_off_is_unreadable(kind: str) -> None:
    data = encoded(kind)
    for end in (len(data) // 2, 40, 14):
        with pytest.raises(Unreadable) as told:
            decode(data[:end])
        assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize("kind", SUFFIX)
def test_what_declares_too_much_is_refused_before_it_is_decoded(kind: str) -> None:
    with pytest.raises(Unreadable, match="--max-pixels"):
        load(encoded(kind), max_side=72, max_pixels=13_000)


def test_a_heic_larger_inside_than_it_says_is_not_decoded() -> None:
    data = encoded("HEIF", np.full((1000, 1000, 3), 90, np.uint8))
    place = data.index(b"ispe") + 8
    with pytest.raises(Unreadable, match="exceeds"):
        decode(data[:place] + struct.pack(">II", 64, 64) + data[place + 8 :])


@pytest.mark.parametrize(
    ("kind", "how"), [("HEIF", "pip install pi-heif"), ("JXL", "facegap.jxl"), ("AVIF", "upgrade pillow")]
)
def test_without_the_plug_in_the_reason_says_what_to_install(kind: str, how: str, monkeypatch) -> None:
    data = encoded(kind)
    monkeypatch.setattr(image_file, "import_module", _absent)
    monkeypatch.setattr(Image, "OPEN", {name: opener for name, opener in Image.OPEN.items() if name != kind})
    image_file.formats.cache_clear()
    try:
        with pytest.raises(Unreadable, match=how):
            decode(data)
    finally:
        image_file.formats.cache_clear()


def _absent(name: str) -> None:
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize(
    ("shape", "channels"),
    [((8, 8), "RGB"), ((96, 256), "RGB"), ((300, 400), "RGBA"), ((1000, 777), "RGB"), ((9000, 16), "L")],
)
def test_the_header_of_a_jpeg_xl_is_read_before_its_pixels(shape: tuple[int, int], channels: str) -> None:
    pytest.importorskip("pillow_jxl", reason="the means to write this format are of the extra `dev`")
    height, width = shape
    buffer = io.BytesIO()
    Image.new(channels, (width, height)).save(buffer, "JXL", effort=1, use_container=True)
    found = declared_jpeg_xl(codestream(buffer.getvalue()))
    assert (found.width, found.height, found.extra) == (width, height, int(channels == "RGBA"))


def test_all_of_a_header_is_read() -> None:
    """16 by 8 pixels that are shown upright as 8 by 16, an animation with a preview and five more channels."""
    fields = [
        (1, 1), (0, 5), (0, 3), (1, 5),  # small: 8 high, 16 wide
        (0, 1), (1, 1), (5, 3), (0, 1),  # not all as usual: turned by a quarter
        (1, 1), (1, 1), (0, 2), (1, 3),  # a preview
        (1, 1), (1, 2), (2, 2), (7, 8), (0, 2), (0, 1),  # an animation
        (0, 1), (3, 2), (8, 6), (1, 1), (2, 2), (3, 4),  # nine bits, and the channels
    ]  # fmt: skip
    value = place = 0
    for number, bits in fields:
        value, place = value | number << place, place + bits
    found = declared_jpeg_xl(b"\xff\x0a" + value.to_bytes(16, "little"))
    assert (found.width, found.height, found.extra) == (8, 16, 5)


@pytest.mark.parametrize("channels", ["RGB", "L"])
def test_a_jpeg_xl_made_of_a_jpeg_file_is_a_picture_too(channels: str, tmp_path) -> None:
    pytest.importorskip("pillow_jxl", reason="the means to write this format are of the extra `dev`")
    Image.fromarray(COLOURS).convert(channels).save(tmp_path / "a.jpg", quality=95)
    buffer = io.BytesIO()
    with Image.open(tmp_path / "a.jpg") as image:
        image.save(buffer, "JXL", lossless_jpeg=True)
    assert b"jbrd" in buffer.getvalue()
    expected = decode((tmp_path / "a.jpg").read_bytes()).astype(int)
    assert abs(decode(buffer.getvalue()) - expected).mean() < 2
