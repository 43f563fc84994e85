"""Faces to embed, and counts of what is done with them."""

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

import facegap
from facegap.faces.detectors.dlib_hog import HogDetector
from facegap.jobs import chunks
from facegap.synthetic import write_population


@pytest.fixture(scope="session")
def people(tmp_path_factory) -> Path:
    """Twenty faces, the same bytes twice, a picture without a face and a file that is no picture."""
    folder = tmp_path_factory.mktemp("people") / "people"
    write_population(folder, subjects=5, images=4, spread=0.8, seed=3, size=96)
    first = min(path for path in folder.iterdir() if path.is_dir())
    image = min(first.iterdir())
    (first / "again.jpg").write_bytes(image.read_bytes())
    Image.new("RGB", (90, 60), "gray").save(first / "empty.png")
    (first / "text.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="session")
def manifest(people):
    return facegap.read([people])


@pytest.fixture(scope="session")
def few(people):
    """One subject's images, the odd ones among them."""
    return facegap.read([min(path for path in people.iterdir() if path.is_dir())])


@pytest.fixture
def counted(monkeypatch) -> Counter:
    """Count how often an image is decoded and how often it is searched for faces."""
    counts = Counter()
    read, detect = chunks.read_photo, HogDetector.detect

    def counting_read(*args, **options):
        counts["decoded"] += 1
        return read(*args, **options)

    def counting_detect(*args, **options):
        counts["searched"] += 1
        return detect(*args, **options)

    monkeypatch.setattr(chunks, "read_photo", counting_read)
    monkeypatch.setattr(HogDetector, "detect", counting_detect)
    return counts
