import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facegap.report.page.thumbnails import SIDE, thumbnail


def opened(uri: str | None) -> Image.Image:
    assert uri is not None
    head, _, data = uri.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_thumbnail_stands_upright_and_fits(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200)).save(tmp_path / "turned.jpg", exif=exif)
    assert opened(thumbnail(str(tmp_path / "turned.jpg"))).size == (SIDE // 2, SIDE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_mode_has_a_thumbnail(mode: str, tmp_path: Path) -> None:
    path = tmp_path / f"image.{'tiff' if mode in ('CMYK', 'F') else 'png'}"
    Image.fromarray(np.zeros((20, 20), np.uint8)).convert("L").convert("RGB" if mode in ("P", "CMYK") else "L").convert(
        mode
    ).save(path)
    assert opened(thumbnail(str(path))).mode == "RGB"


def test_transparent_pixels_turn_white(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert opened(thumbnail(str(tmp_path / "clear.png"))).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff\xe0 cut off"])
def test_what_cannot_be_read_has_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(content)
    assert thumbnail(str(tmp_path / "bad.jpg")) is None
    assert thumbnail(str(tmp_path / "absent.jpg")) is None
    assert thumbnail(str(tmp_path)) is None
    assert thumbnail("name\0with nul") is None
