"""Faces are cut as `evaluate` cuts them, once."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from facegap.data.embeddings import Outcome
from facegap.data.failure import FailureCode
from facegap.data.manifest import Manifest
from facegap.data.statement import Statement
from facegap.datasets import read
from facegap.faces import decode, make_cropper
from facegap.jobs.hashing import hash_images
from facegap.jobs.train.training_crops import Crops, cut_faces
from facegap.store.crops import CropStore
from facegap.synthetic import write_population


def cut(
    manifest: Manifest, store: Path, *, crop: str = "arcface-112", size: int = 48, told: list | None = None
) -> Crops:
    return cut_faces(
        manifest,
        hash_images(manifest.paths),
        CropStore(store),
        crop=crop,
        size=size,
        workers=1,
        progress=lambda task, done, total: told.append(total) if told is not None else None,
    )


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    folder = tmp_path_factory.mktemp("faces") / "faces"
    write_population(folder, subjects=2, images=2, spread=0.8, seed=1)
    (folder / "synthetic001" / "broken.jpg").write_bytes(b"no image")
    return read([folder])


@pytest.mark.parametrize(("crop", "size"), [("arcface-112", 48), ("dlib-150", 40), ("whole", 32)])
def test_the_pixels_are_those_that_evaluate_shows_a_model(faces, tmp_path, crop, size):
    found = cut(faces, tmp_path, crop=crop, size=size)
    cropper = make_cropper(crop, size)
    for row, path in enumerate(faces.paths):
        if "broken" in path:
            assert found.outcome[row] == Outcome.UNREADABLE
            assert found.detail[row] == Statement.of(FailureCode.NO_FORMAT)
            continue
        assert found.ok[row]
        assert np.array_equal(found[row], cropper.crop(decode(Path(path).read_bytes())).pixels)
    rows = np.flatnonzero(found.ok)
    assert np.array_equal(found.stack(rows[:2]), np.stack([found[int(row)] for row in rows[:2]]))
    assert [len(batch) for batch in found.batches(rows, 3)] == [3, 1]


def test_what_was_cut_before_is_not_cut_again_and_new_images_are_added(people, tmp_path):
    manifest, told = read([people]), []
    first = cut(manifest, tmp_path, crop="whole", told=told)
    assert told[-1] == len(manifest)
    again: list[int] = []
    assert np.array_equal(
        cut(manifest, tmp_path, crop="whole", told=again).stack(np.arange(9)), first.stack(np.arange(9))
    )
    assert again == []
    fewer = Manifest(manifest.frame.filter(pl.col("subject") != "s003"), manifest.cohorts, "fewer")
    assert np.array_equal(cut(fewer, tmp_path, crop="whole", told=again).stack(np.arange(9)), first.stack(np.arange(9)))
    assert again == []


def test_a_file_that_cannot_be_read_keeps_its_row(people, tmp_path):
    manifest = read([people])
    gone = tmp_path / "gone.png"
    frame = manifest.frame.head(4).with_columns(
        path=pl.when(pl.int_range(4) == 1).then(pl.lit(str(gone))).otherwise("path")
    )
    found = cut(Manifest(frame, manifest.cohorts, "some"), tmp_path / "store", crop="whole")
    assert found.outcome.tolist() == [0, Outcome.UNREADABLE, 0, 0]


def test_what_cannot_be_read_now_is_cut_when_it_can(people, tmp_path):
    manifest, store = read([people]), CropStore(tmp_path)
    hashes = hash_images(manifest.paths)
    first = Path(manifest.paths[0])
    before = first.read_bytes()
    options = {"crop": "whole", "size": 32, "workers": 1}
    try:
        first.write_bytes(Path(manifest.paths[-1]).read_bytes())
        changed = cut_faces(manifest, hashes, store, **options)
    finally:
        first.write_bytes(before)
    assert (changed.outcome[0], changed.detail[0]) == (Outcome.UNREADABLE, Statement.of(FailureCode.CHANGED))
    assert changed.ok[1:].all()
    found = cut_faces(manifest, hashes, store, **options)
    assert np.array_equal(found[0], cut(manifest, tmp_path / "new", crop="whole", size=32)[0])


def test_crops_of_a_damaged_part_are_cut_again(people, tmp_path):
    manifest = read([people])
    before = cut(manifest, tmp_path, crop="whole").stack(np.arange(9))
    (part,) = tmp_path.rglob("*.npy")
    data = bytearray(part.read_bytes())
    data[-1] ^= 1
    part.write_bytes(data)
    assert np.array_equal(cut(manifest, tmp_path, crop="whole").stack(np.arange(9)), before)
