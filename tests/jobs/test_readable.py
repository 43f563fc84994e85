"""Files that are no pictures are never the same image, whatever they hold."""

import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from facegap.jobs.collect import find
from facegap.jobs.readable import readable
from facegap.jobs.study import Study


def jpeg(seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (40, 30, 3), dtype=np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


NO_PICTURES = {
    "error page": b"<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>",
    "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n",
    "cut off": jpeg(1)[:400],
    "empty": b"",
    "zeros": bytes(5000),
}


def people(root: Path, twice: bytes) -> Path:
    """Write four people with a photo of their own and the same file twice each."""
    for k in range(4):
        (root / f"person{k}").mkdir(parents=True)
        for name, data in {"own.jpg": jpeg(10 + k), "a.jpg": twice, "b.jpg": twice}.items():
            (root / f"person{k}" / name).write_bytes(data)
    return root


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_no_duplicate(kind: str, tmp_path: Path) -> None:
    found = find(Study(inputs=[people(tmp_path / "photos", NO_PICTURES[kind])], models=[]))
    assert not {"duplicate", "label-conflict"} & {one.kind for one in found.manifest.findings}
    assert sum(image == "" for image in found.pictures) == 8
    assert len(set(found.hashes)) == 5


def test_a_picture_twice_is(tmp_path: Path) -> None:
    found = find(Study(inputs=[people(tmp_path / "photos", jpeg(1))], models=[]))
    kinds = [one.kind for one in found.manifest.findings]
    assert (kinds.count("duplicate"), kinds.count("label-conflict")) == (4, 1)
    assert list(found.pictures) == list(found.hashes)


def test_only_what_is_there_twice_is_looked_at(tmp_path: Path) -> None:
    one, other = (f"{number:064x}" for number in (1, 2))
    assert list(readable(pl.Series(["nowhere.jpg", "b", "c"]), [one, other, ""])) == [one, other, ""]
    assert list(readable(pl.Series(["nowhere.jpg", "nowhere.jpg"]), [one, one])) == ["", ""]
