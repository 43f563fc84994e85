"""An image is data: it starts no program, and no bytes crash the decoder."""

import io
import os
import random
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

import facegap
from facegap.data.image_file import FORMATS, formats
from facegap.faces import Unreadable, decode
from facegap.report.page.thumbnails import thumbnail

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n0 0 moveto 9 9 lineto stroke\nshowpage\n%%EOF\n"
"""Pillow hands this to Ghostscript."""


def iptc_field(record: int, dataset: int, data: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, dataset, len(data)) + data


IPTC = (
    iptc_field(3, 60, b"\1\0")
    + iptc_field(3, 65, b"\0")
    + iptc_field(3, 20, struct.pack(">H", 9))
    + iptc_field(3, 30, struct.pack(">H", 9))
    + iptc_field(3, 120, b"\1")
    + iptc_field(8, 10, EPS)
)
"""An IPTC file whose picture is any image file, here an EPS."""


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which programs that Pillow could start leave a line, all first in PATH."""
    log, programs = tmp_path / "started", tmp_path / "programs"
    programs.mkdir()
    for name in ("gs", "djpeg", "xv", "display"):
        program = programs / name
        program.write_text(f"#!/bin/sh\necho {name} >> '{log}'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)  # it remembers where it looked
    return log


def test_the_stand_in_is_started_by_pillow_itself(started: Path) -> None:
    """Without this the tests below would pass where nothing could be started at all."""
    for data in (EPS, IPTC):
        with Image.open(io.BytesIO(data)) as image, suppress(Exception):  # nothing comes of what was started
            image.load()
    assert started.read_text().split() == ["gs", "gs"]


@pytest.mark.parametrize("data", [EPS, IPTC, b"\xc5\xd0\xd3\xc6" + struct.pack("<II", 32, len(EPS)) + bytes(20) + EPS])
def test_no_image_starts_a_program(data: bytes, started: Path, tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    path.write_bytes(data)
    with pytest.raises(Unreadable):
        decode(data)
    assert thumbnail(str(path)) is None
    assert not started.exists()


def test_a_whole_run_with_its_report_starts_none(started: Path, tmp_path: Path, model) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, data in {"eve_1": EPS, "eve_2": IPTC}.items():
        (photos / f"{name}.png").write_bytes(data)
    for name, colour in {"ann_1": "red", "ann_2": "darkred", "bob_1": "blue"}.items():
        Image.new("RGB", (64, 48), colour).save(photos / f"{name}.png")
    study = facegap.Study(inputs=[photos], models=[model], store=tmp_path / "store")
    evaluation = facegap.evaluate(study)
    facegap.write_report(evaluation, tmp_path / "report", charts=())
    assert {Path(path).name for path in evaluation.failures["path"]} == {"eve_1.png", "eve_2.png"}
    assert not started.exists()


def test_images_are_opened_in_one_place() -> None:
    """Whatever else opens an image would let in every format that Pillow has."""
    source = Path(facegap.__file__).parent
    opens = re.compile(r"Image\.open\(|\bimread\(|from PIL\.Image import|load_rgb_image|read_image\b.*torchvision")
    found = {
        str(path.relative_to(source)) for path in source.rglob("*.py") if opens.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"data/image_file.py"}


@pytest.mark.parametrize("kind", ["PCX", "ICO", "SGI", "DDS", "EPS", "PDF"])
def test_other_formats_are_no_images(kind: str, photo) -> None:
    with pytest.raises(Unreadable, match=r"not an image|is a program"):
        decode(photo(kind))


def test_a_format_of_a_plug_in_is_one_line_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(file, filename):
        image = Image.new("RGB", (5, 4), "#123456")
        image.format = "HEIF"
        return image

    assert "HEIF" in FORMATS
    for table in ("OPEN", "ID", "EXTENSION"):
        monkeypatch.setattr(Image, table, getattr(Image, table).copy())
    formats.cache_clear()
    try:
        with pytest.raises(Unreadable, match="not an image"):
            decode(b"plug-in's own bytes")
        Image.register_open("HEIF", opened, lambda prefix: prefix.startswith(b"plug-in's"))
        formats.cache_clear()
        assert decode(b"plug-in's own bytes")[0, 0].tolist() == [0x12, 0x34, 0x56]
    finally:
        formats.cache_clear()


SEEDS = [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("GIF", {}), ("BMP", {}), ("PPM", {}), ("TGA", {}),
         ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {"compression": "jpeg"}), ("WEBP", {}),
         ("WEBP", {"lossless": True}), ("JPEG2000", {}), ("AVIF", {"speed": 10})]  # fmt: skip
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF)


def mutated(data: bytes, rng: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(content)) if rng.random() < 0.5 else rng.randrange(min(64, len(content)))
        match rng.randrange(4):
            case 0:
                content[place] = rng.choice(INTERESTING)
            case 1:
                content[place] ^= 1 << rng.randrange(8)
            case 2:
                del content[place : place + rng.randint(1, 8)]
            case _:
                content[place:place] = content[place : place + rng.randint(1, 16)]
        if not content:
            break
    return bytes(content[: rng.randrange(len(content) + 1)] if rng.random() < 0.1 else content)


def fuzz(photo: Callable[..., bytes], count: int, seed: int) -> int:
    """Decode damaged images; return how many of them still were images."""
    rng = random.Random(seed)
    seeds = [photo(kind, **options) for kind, options in SEEDS if kind in formats()]
    reasons: set[str] = set()
    decoded = 0
    for _ in range(count):
        try:
            picture = decode(mutated(rng.choice(seeds), rng), max_pixels=4_000_000)
        except Unreadable as error:
            reasons.add(str(error))
        else:
            decoded += 1
            assert picture.ndim == 3
    assert all(len(reason.splitlines()) == 1 for reason in reasons)
    return decoded


def test_damaged_images_are_unreadable_or_images(photo) -> None:
    assert 0 < fuzz(photo, 600, seed=1) < 600


@pytest.mark.slow
def test_100_000_damaged_images(photo) -> None:
    assert 0 < fuzz(photo, 100_000, seed=2) < 100_000
