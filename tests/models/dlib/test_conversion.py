"""dlib's network in ONNX Runtime gives what dlib gives, and is converted once."""

import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from facegap.data.weights import FACE_NETWORK, dlib_weights, sha256_of_file
from facegap.errors import ModelError
from facegap.faces import decode, make_cropper
from facegap.models import parse_model
from facegap.models.dlib import conversion
from facegap.models.dlib.conversion import kept_dlib_onnx
from facegap.models.embedder import Embedder
from facegap.synthetic import write_population
from facegap.testing import check_embedder
from models.dlib.dlib_writer import Writer

FACES, FLAT = 1e-5, 2e-5
"""How far an embedding may lie from dlib's: rounding errors are larger where a picture shows nothing."""


@pytest.fixture(scope="module")
def model() -> Embedder:
    return parse_model("dlib").open()


@pytest.fixture(scope="module")
def reference() -> Embedder:
    return parse_model("dlib:reference").open()


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    folder = tmp_path_factory.mktemp("faces")
    write_population(folder, subjects=8, images=3, spread=1.0, seed=5)
    return chips(folder.rglob("*.jpg"))


def chips(paths: Iterator[Path]) -> np.ndarray:
    """(n, 150, 150, 3) uint8 of the images in which a face is found."""
    cropper = make_cropper("dlib-150", 150)
    found = [cropper.crop(decode(path.read_bytes())).pixels for path in sorted(paths)]
    return np.array([pixels for pixels in found if pixels is not None])


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The greatest Euclidean distance between rows."""
    return float(np.linalg.norm(a.astype(np.float64) - b, axis=1).max())


def test_every_chip_of_the_johns(shared_dir: Path, model: Embedder, reference: Embedder) -> None:
    faces = chips((shared_dir / "data" / "johns").rglob("*.jpg"))
    assert len(faces) == 55
    assert distance(model.embed(faces), reference.embed(faces)) < FACES


@pytest.mark.slow
def test_a_sample_of_labeled_faces_in_the_wild(shared_dir: Path, model: Embedder, reference: Embedder) -> None:
    paths = sorted((shared_dir / "data" / "lfw-dev").rglob("*.jpg"))
    faces = chips(np.random.default_rng(0).choice(np.array(paths), 100, replace=False))
    assert len(faces) > 90
    assert distance(model.embed(faces), reference.embed(faces)) < FACES


def test_synthetic_faces(synthetic: np.ndarray, model: Embedder, reference: Embedder) -> None:
    assert len(synthetic) > 15
    assert distance(model.embed(synthetic), reference.embed(synthetic)) < FACES


def test_flat_and_noisy_images(model: Embedder, reference: Embedder) -> None:
    flat = [np.full((150, 150, 3), value, np.uint8) for value in (0, 1, 127, 254, 255)]
    colours = [np.full((150, 150, 3), value, np.uint8) for value in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    noise = list(np.random.default_rng(0).integers(0, 256, (3, 150, 150, 3), dtype=np.uint8))
    crops = np.array([*flat, *colours, *noise])
    assert distance(model.embed(crops), reference.embed(crops)) < FLAT


def test_one_by_one_and_in_batches(synthetic: np.ndarray, model: Embedder) -> None:
    many = np.concatenate([synthetic] * 3)[:50]
    alone = np.concatenate([model.embed(crop[None]) for crop in many])
    assert distance(model.embed(many), alone) < FACES
    check_embedder(model)


@pytest.mark.parametrize("jitters", [2, 5])
def test_jitters(synthetic: np.ndarray, model: Embedder, jitters: int) -> None:
    crops = synthetic[:4]
    jittered = parse_model("dlib", jitters=jitters).open()
    expected = parse_model("dlib:reference", jitters=jitters).open().embed(crops)
    assert distance(jittered.embed(crops), expected) < FACES
    assert distance(jittered.embed(crops[::-1])[::-1], expected) < FACES
    assert distance(model.embed(crops), expected) > 0.01


def test_a_recipe_can_be_pickled(synthetic: np.ndarray, model: Embedder) -> None:
    copy = pickle.loads(pickle.dumps(parse_model("dlib")))
    np.testing.assert_array_equal(copy.open().embed(synthetic[:2]), model.embed(synthetic[:2]))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "networks"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "small.dat"
    path.write_bytes(Writer().content)
    return path


def test_converted_once(cache: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = sha256_of_file(weights)
    content = kept_dlib_onnx(weights, sha256)
    (entry,) = cache.iterdir()
    assert sha256 in entry.name
    monkeypatch.setattr(conversion, "read_face_network", lambda *_: pytest.fail("converted again"))
    assert kept_dlib_onnx(weights, sha256) == content
    source = parse_model(f"dlib:{weights}")
    weights.unlink()
    assert source.open().embed(np.zeros((1, 150, 150, 3), np.uint8)).shape == (1, 5)


@pytest.mark.parametrize("damage", ["emptied", "shortened", "changed"])
def test_a_damaged_entry_is_made_again(cache: Path, weights: Path, damage: str) -> None:
    content = kept_dlib_onnx(weights, sha256_of_file(weights))
    (entry,) = cache.iterdir()
    whole = entry.read_bytes()
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    entry.write_bytes({"emptied": b"", "shortened": whole[:-1], "changed": changed}[damage])
    assert kept_dlib_onnx(weights, sha256_of_file(weights)) == content
    assert entry.read_bytes() == whole


def test_a_newer_format_takes_no_older_entry(cache: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_dlib_onnx(weights, sha256_of_file(weights))
    monkeypatch.setattr(conversion, "FORMAT", conversion.FORMAT + 1)
    kept_dlib_onnx(weights, sha256_of_file(weights))
    assert len(list(cache.iterdir())) == 2


def test_many_at_once(cache: Path, weights: Path) -> None:
    sha256 = sha256_of_file(weights)
    with ThreadPoolExecutor(8) as pool:
        contents = set(pool.map(lambda _: kept_dlib_onnx(weights, sha256), range(32)))
    assert len(contents) == 1
    assert len(list(cache.iterdir())) == 1


def test_a_cache_folder_that_cannot_be_written(cache: Path, weights: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert parse_model(f"dlib:{weights}").open().embed(np.zeros((1, 150, 150, 3), np.uint8)).shape == (1, 5)


@pytest.mark.usefixtures("cache")
def test_weights_that_change_in_between(weights: Path) -> None:
    sha256 = sha256_of_file(weights)
    weights.write_bytes(Writer(dimension=6).content)
    with pytest.raises(ModelError, match="changed while it was in use: run again"):
        kept_dlib_onnx(weights, sha256)


def test_the_converted_network_is_a_model_of_its_own() -> None:
    path = dlib_weights(FACE_NETWORK)
    model = conversion.dlib_onnx(path)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata["facegap.crop"] == "dlib-150"
    assert metadata["facegap.threshold"] == "0.6"
    assert metadata["dlib weights sha256"] == sha256_of_file(path)
    assert [output.name for output in model.graph.output] == ["embedding"]
