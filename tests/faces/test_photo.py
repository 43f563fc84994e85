"""Large photos: reduced for the search, boxes in the original's pixels, and crops that lose nothing."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from facegap.data.embeddings import Outcome
from facegap.faces import MAX_SIDE, Face, Unreadable, decode, header, make_cropper, make_finder, read_photo
from facegap.report.text.failures import failure_text
from facegap.synthetic import draw_identity, render

RNG = np.random.default_rng(5)
FACE = render(draw_identity(RNG, spread=0.8), RNG, size=224)
ORIENTATIONS = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""How an upright picture is laid down so that its EXIF orientation brings it upright again."""


def scene(width: int, height: int, side: int, left: int, top: int) -> Image.Image:
    """Return a picture with one face image of `side` pixels in it."""
    picture = Image.new("RGB", (width, height), (90, 110, 120))
    picture.paste(Image.fromarray(FACE).resize((side, side), Image.Resampling.LANCZOS), (left, top))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", orientation: int = 1) -> bytes:
    laid = ORIENTATIONS[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    (picture if laid is None else picture.transpose(laid)).save(buffer, kind, quality=95, exif=exif)
    return buffer.getvalue()


SCENE = scene(1500, 1100, 560, 700, 300)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_longer_side_is_bounded_and_the_picture_upright(kind: str, orientation: int) -> None:
    photo = read_photo(encoded(SCENE, kind, orientation), max_side=500)
    assert photo.pixels.shape == (367, 500, 3)
    assert (photo.width, photo.height) == (1500, 1100)
    expected = np.asarray(SCENE.resize((500, 367), Image.Resampling.BOX), dtype=float)
    assert np.abs(photo.pixels - expected).mean() < 2


@pytest.mark.parametrize("side", [1500, 1501, MAX_SIDE])
def test_a_photo_within_the_bound_is_taken_as_it_is(side: int) -> None:
    data = encoded(SCENE)
    photo = read_photo(data, max_side=side)
    np.testing.assert_array_equal(photo.pixels, decode(data))
    face = Face((5.0, 6.0, 20.0, 21.0), 1.0)
    assert photo.closer(face, 150) == (photo.pixels, face)


@pytest.mark.parametrize("kind", ["dlib-150", "arcface-112", "whole"])
def test_results_within_the_bound_are_those_of_the_full_image(kind: str) -> None:
    data = encoded(scene(300, 260, 224, 40, 20))
    by_photo, by_pixels = (make_cropper(kind, 112).crop(image) for image in (read_photo(data), decode(data)))
    assert by_photo.pixels is not None
    assert by_photo.box == by_pixels.box
    np.testing.assert_array_equal(by_photo.pixels, by_pixels.pixels)


@pytest.fixture(scope="module")
def whole_box() -> np.ndarray:
    """Return where the full image shows the face."""
    found = make_finder().find(read_photo(encoded(SCENE))).face
    assert found is not None
    return np.array(found.box)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("max_side", [400, 600])
def test_boxes_are_in_pixels_of_the_upright_original(orientation: int, max_side: int, whole_box: np.ndarray) -> None:
    data = encoded(SCENE, orientation=orientation)
    box = make_cropper("dlib-150", 150).crop(read_photo(data, max_side=max_side)).box
    assert box is not None
    centre, expected = (box_centre(np.array(one)) for one in (box, whole_box))
    np.testing.assert_allclose(centre, expected, atol=20)
    # The detector's sizes lie a fifth apart, so a reduced face may take the next one.
    assert (box[2] - box[0]) / (whole_box[2] - whole_box[0]) == pytest.approx(1, abs=0.25)


def box_centre(box: np.ndarray) -> np.ndarray:
    return (box[:2] + box[2:]) / 2


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(("kind", "size"), [("dlib-150", 150), ("arcface-112", 112)])
def test_a_face_that_the_reduction_made_small_is_cut_from_the_original(orientation: int, kind: str, size: int) -> None:
    """Cut from the reduced pixels, the crop would be a blur; from the original it is as sharp as the full image's."""
    picture = scene(1500, 1100, 300, 900, 500)
    data = encoded(picture, orientation=orientation)
    cropper = make_cropper(kind, size)
    photo = read_photo(data, max_side=600)
    near = cropper.crop(photo)
    blurred = cropper.crop(photo.pixels)
    full = make_cropper(kind, size).crop(np.array(picture.crop((800, 400, 1300, 900))))
    assert near.pixels is not None
    assert blurred.pixels is not None
    assert full.pixels is not None

    def detail(pixels: np.ndarray) -> float:
        return float(np.abs(np.diff(pixels.astype(float), axis=1)).mean())

    assert detail(blurred.pixels) < 0.8 * detail(full.pixels)
    assert detail(near.pixels) > 0.9 * detail(full.pixels)
    assert near.box == tuple(np.multiply(blurred.box, [*photo.scale, *photo.scale]))


def test_surroundings_stop_at_the_edge_of_the_photo() -> None:
    photo = read_photo(encoded(SCENE), max_side=300)
    for box in ((-9.0, -9.0, 30.0, 30.0), (280.0, 190.0, 330.0, 240.0)):
        pixels, face = photo.closer(Face(box, 1.0), 150)
        assert min(pixels.shape[:2]) > 150
        assert face.box[2] - face.box[0] == pytest.approx(150, abs=4)
        corner = (face.box[0], face.box[1]) if box[0] < 0 else (pixels.shape[1] - face.box[2],)
        assert all(edge < 0 for edge in corner)


def test_a_photo_without_a_face_says_how_it_was_searched() -> None:
    data = encoded(Image.new("RGB", (1600, 1200), "gray"))
    crop = make_cropper("dlib-150", 150).crop(read_photo(data, max_side=320))
    assert crop.outcome == Outcome.NO_FACE
    assert failure_text(crop.detail) == "no face in 1600 x 1200 pixels, searched at 320 x 240"


def test_damaged_photos_stay_unreadable_however_small() -> None:
    data = encoded(SCENE)
    for damaged in (data[: len(data) // 3], b"", b"no photo"):
        with pytest.raises(Unreadable):
            read_photo(damaged, max_side=200)


def test_pixels_are_counted_from_the_header(tmp_path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(SCENE, orientation=6)[:2000])
    found = header(str(path))
    assert found is not None
    assert found.pixels == 1500 * 1100
    path.write_bytes(b"no photo")
    assert header(str(path)) is header(str(tmp_path / "absent.jpg")) is None


def test_a_header_names_format_and_size(tmp_path) -> None:
    picture, path = Image.new("RGB", (80, 60)), str(tmp_path / "photo")
    for name, called in (("JPEG", "JPEG"), ("PNG", "PNG"), ("MPO", "JPEG")):
        picture.save(path, name, **({"save_all": True, "append_images": [picture]} if name == "MPO" else {}))
        found = header(path)
        assert found is not None
        assert (found.format, found.width, found.height) == (called, 80, 60)
    assert header(str(tmp_path / "absent")) is None


MEASURED = """
import resource, sys
import numpy as np
from facegap.faces import make_cropper, read_photo

cropper = make_cropper("dlib-150", 150)
cropper.crop(np.zeros((90, 90, 3), np.uint8))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
crop = cropper.crop(read_photo(open(sys.argv[1], "rb").read()))
print(crop.outcome.name, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is known on Linux")
def test_48_megapixels_need_half_a_gigabyte_at_most(tmp_path) -> None:
    """Searched at full size they need more than two."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(scene(8000, 6000, 600, 3000, 2000)))
    done = subprocess.run([sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True)
    outcome, megabytes = done.stdout.split()
    assert outcome == "OK"
    assert int(megabytes) < 500
