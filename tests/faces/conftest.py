"""Real faces, decoded."""

from pathlib import Path

import numpy as np
import pytest

from facegap.faces import decode


@pytest.fixture(scope="session")
def johns(shared_dir: Path) -> list[np.ndarray]:
    """One tight face crop of 150 pixels of each of five men."""
    folders = sorted((shared_dir / "data" / "johns").iterdir())
    return [decode(min(folder.iterdir()).read_bytes()) for folder in folders]


@pytest.fixture(scope="session")
def portraits(shared_dir: Path) -> list[np.ndarray]:
    """Six press photos of 250 pixels."""
    paths = sorted((shared_dir / "data" / "lfw-dev").glob("*/*.jpg"))[::280]
    return [decode(path.read_bytes()) for path in paths]


@pytest.fixture(scope="session")
def yunet_file(shared_dir: Path) -> Path:
    return shared_dir / "models" / "yunet_n_dynamic.onnx"
