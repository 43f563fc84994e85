"""Crops are kept by what is in the image, in parts that are whole or not there."""

import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from facegap.data.failure import FailureCode
from facegap.data.statement import Statement
from facegap.errors import StoreError
from facegap.store.crops import NOWHERE, CropStore, FreshCrop, mapped
from facegap.store.part_files import write_named
from facegap.store.records import DETAIL_VALUES


def crop(k: int) -> FreshCrop:
    return FreshCrop(f"{k:064x}", 0, None, np.full((4, 4, 3), k, np.uint8))


FAILED = FreshCrop("f" * 64, 2, Statement.of(FailureCode.NO_FACE, width=3, height=4), None)


def test_what_was_added_is_found_again_by_the_images_bytes(tmp_path):
    store = CropStore(tmp_path)
    store.add("key", [crop(1), FAILED, crop(2)])
    store.add("key", [crop(3)])
    found = store.load("key", [crop(k).image for k in (1, 2, 3, 9)] + [FAILED.image])
    assert sorted(found) == [crop(1).image, crop(2).image, crop(3).image, FAILED.image]
    for k in (1, 2, 3):
        at = found[crop(k).image]
        assert np.array_equal(mapped(at.part)[at.place], crop(k).pixels)
    assert (found[FAILED.image].detail, found[FAILED.image].place) == (FAILED.detail, NOWHERE)
    assert store.load("another key", [crop(1).image]) == {}


def test_a_part_of_an_older_facegap_is_read_and_written_again(tmp_path):
    store = CropStore(tmp_path)
    store.add("key", [crop(1), FreshCrop("e" * 64, 2, Statement("no face in 3 x 4 pixels"), None)])
    (part,) = store.open("key").glob("*.parquet")
    file = io.BytesIO()
    pl.read_parquet(part).drop(DETAIL_VALUES).write_parquet(file)
    new = write_named(part.parent, file.getvalue())
    part.with_suffix(".npy").rename(new.with_suffix(".npy"))
    part.unlink()
    assert store.load("key", ["e" * 64])["e" * 64].detail == Statement("no face in 3 x 4 pixels")
    assert store.forget([crop(1).image]) == 1
    assert store.load("key", ["e" * 64])["e" * 64].detail == Statement("no face in 3 x 4 pixels")


def test_failures_alone_make_a_part_too(tmp_path):
    CropStore(tmp_path).add("key", [FAILED])
    assert CropStore(tmp_path).load("key", [FAILED.image])[FAILED.image].outcome == 2


@pytest.mark.parametrize("suffix", ["npy", "parquet"])
@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:60]), Path.unlink])
def test_damaged_and_half_written_parts_are_ignored_and_reported(tmp_path, suffix, damage, caplog):
    store = CropStore(tmp_path)
    store.add("key", [crop(1)])
    store.add("key", [crop(2)])
    part = store.load("key", [crop(1).image])[crop(1).image].part
    damage(part.with_suffix(f".{suffix}"))
    assert list(store.load("key", [crop(1).image, crop(2).image])) == [crop(2).image]
    assert ("damaged crops" in caplog.text) == part.with_suffix(".parquet").exists()


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write to the store"):
        CropStore(tmp_path / "file").add("key", [crop(1)])
