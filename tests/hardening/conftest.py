"""What the campaign shares: a model that costs nothing, photos, people as saved embeddings, a small report."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from hardening.made import album, small_report

SIZE = 32


@pytest.fixture(scope="session")
def model() -> facegap.Model:
    """Return a model whose embeddings are the mean colours of the whole image's rows."""
    spec = facegap.ModelSpec(
        name="rows", runtime="python", weights="rows", crop="whole", size=SIZE, dimension=SIZE * 3,
        comparator=Comparator.COSINE,
    )  # fmt: skip
    return facegap.Model(embed=lambda crops: crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32), spec=spec)


@pytest.fixture(scope="session")
def photo() -> Callable[..., bytes]:
    """Return a function that gives a small picture as an image file of some kind."""

    def encoded(kind: str = "PNG", **options) -> bytes:
        buffer = io.BytesIO()
        Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(buffer, kind, **options)
        return buffer.getvalue()

    return encoded


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Path:
    """Return the working folder: with people.npz, a folder of pictures that is no data set, and a report."""
    monkeypatch.chdir(tmp_path)
    album(tmp_path / "people.npz")
    small_report(tmp_path / "report")
    (tmp_path / "alice.png").write_bytes(b"a photo")
    (tmp_path / "notes.md").write_text("# Mine")
    np.savez(tmp_path / "spare.npz", subject=["a"])
    return tmp_path
