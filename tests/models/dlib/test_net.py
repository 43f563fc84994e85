"""dlib's network as facegap and as dlib run it against dlib's own steps."""

from functools import cache
from pathlib import Path

import dlib
import numpy as np
import pytest
from PIL import Image

from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, dlib_weights
from facegap.errors import ModelError
from facegap.faces import decode, make_cropper
from facegap.models import parse_model
from facegap.testing import check_embedder


@pytest.fixture(scope="module")
def faces(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three faces as PNG: dlib and Pillow decode JPEG a little differently, by up to 11 of 255."""
    photos = [sorted(folder.iterdir())[3] for folder in sorted((shared_dir / "data" / "johns").iterdir())[:3]]
    folder = tmp_path_factory.mktemp("faces")
    for photo in photos:
        Image.open(photo).save(folder / f"{photo.parent.name}.png")
    return sorted(folder.iterdir())


@cache
def found_by_dlib(path: Path) -> tuple[np.ndarray, dlib.full_object_detection]:
    """An image and the landmarks of the first face in it."""
    image = dlib.load_rgb_image(str(path))
    detected = dlib.get_frontal_face_detector()(image, 1)
    return image, dlib.shape_predictor(str(dlib_weights(FIVE_POINTS)))(image, detected[0])


@cache
def as_the_article_does(path: Path, jitters: int) -> np.ndarray:
    """The steps of the article and of `face_recognition.face_encodings`, with a network that has seen nothing yet."""
    image, shape = found_by_dlib(path)
    network = dlib.face_recognition_model_v1(str(dlib_weights(FACE_NETWORK)))
    return np.array(network.compute_face_descriptor(image, shape, jitters))


@pytest.mark.parametrize("jitters", [1, 3])
@pytest.mark.parametrize("which", ["dlib", "dlib:reference"])
def test_equals_dlibs_own_steps(faces: list[Path], which: str, jitters: int) -> None:
    model = parse_model(which, jitters=jitters).open()
    cropper = make_cropper("dlib-150", 150, rule="first")
    crops = np.array([cropper.crop(decode(path.read_bytes())).pixels for path in faces])
    expected = [as_the_article_does(path, jitters) for path in faces]
    vectors = model.embed(crops)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_array_equal(model.embed(crops[::-1])[::-1], vectors)


def test_jitters_are_the_mean_over_moved_copies(faces: list[Path]) -> None:
    crop = make_cropper("dlib-150", 150).crop(decode(faces[0].read_bytes())).pixels
    jittered = parse_model("dlib:reference", jitters=4).open().embed(np.array([crop]))
    plain = parse_model("dlib:reference").open().embed(np.array([crop]))
    assert 0.01 < np.linalg.norm(jittered - plain) < 0.3


@pytest.mark.parametrize("jitters", [1, 2])
def test_conforms(jitters: int) -> None:
    check_embedder(parse_model("dlib:reference", jitters=jitters).open())


@pytest.mark.parametrize("length", [0, 50, 100_000])
@pytest.mark.parametrize("which", ["dlib", "dlib:reference"])
def test_damaged_weights(tmp_path: Path, which: str, length: int) -> None:
    path = tmp_path / "weights.dat"
    path.write_bytes(dlib_weights(FACE_NETWORK).read_bytes()[:length])
    with pytest.raises(ModelError, match="is damaged or no face network of dlib") as caught:
        parse_model(f"{which}:{path}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("which", ["dlib", "dlib:reference"])
def test_other_dlib_files_are_no_face_network(which: str) -> None:
    with pytest.raises(ModelError, match="no face network of dlib"):
        parse_model(f"{which}:{dlib_weights(FIVE_POINTS)}")
