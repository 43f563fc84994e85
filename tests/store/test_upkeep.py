"""What a store holds, who may read it, and how it is forgotten."""

import os
import stat
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from facegap.data.failure import FailureCode
from facegap.data.statement import Statement
from facegap.errors import StoreError
from facegap.store import EmbeddingStore, Record
from facegap.store.crops import CropStore, FreshCrop, mapped
from facegap.store.folders import share
from facegap.store.upkeep import contents, forget, prune

KEY, OTHER = "a" * 64, "b" * 64


def image(k: int) -> str:
    return f"{k:064x}"


def record(k: int) -> Record:
    return Record(image(k), 0, None, None, np.full(4, k, np.float32))


def fill(root: Path) -> None:
    """Two models know the images 0 to 5 in two parts each; 0 to 2 are cut, and there is no face in 3."""
    embeddings, crops = EmbeddingStore(root), CropStore(root)
    for key in (KEY, OTHER):
        for start in (0, 3):
            embeddings.add(key, [record(k) for k in range(start, start + 3)])
    made = [FreshCrop(image(k), 0, None, np.full((4, 4, 3), k, np.uint8)) for k in range(3)]
    crops.add(KEY, [*made, FreshCrop(image(3), 2, Statement.of(FailureCode.NO_BOX), None)])


def known(root: Path, key: str = KEY) -> list[int]:
    return sorted(int(name, 16) for name in EmbeddingStore(root).load(key, map(image, range(9))).records)


def held(root: Path) -> set[str]:
    """Return the images in any table below a folder."""
    return {name for path in root.rglob("*.parquet") for name in pl.read_parquet(path.read_bytes())["image"]}


def test_what_is_forgotten_is_gone_under_every_key_and_all_else_stays(tmp_path):
    fill(tmp_path)
    assert held(tmp_path) == {image(k) for k in range(6)}
    removed = forget(tmp_path, [image(1), image(4), image(8)])
    assert (removed.embeddings, removed.crops) == (4, 1)
    assert held(tmp_path) == {image(k) for k in (0, 2, 3, 5)}
    assert known(tmp_path) == known(tmp_path, OTHER) == [0, 2, 3, 5]
    found = CropStore(tmp_path).load(KEY, map(image, range(4)))
    assert sorted(found) == [image(0), image(2), image(3)]
    for k in (0, 2):
        at = found[image(k)]
        assert np.array_equal(mapped(at.part)[at.place], np.full((4, 4, 3), k, np.uint8))
    assert len(list(tmp_path.rglob("*.npy"))) == 1


def test_forgetting_removes_what_may_hold_the_same(tmp_path):
    fill(tmp_path)
    folder = tmp_path / "v2" / KEY
    part = min(folder.glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-1])
    (folder / "draft.part").write_bytes(b"half of a part")
    (tmp_path / "crops-v2" / KEY / "orphan.npy").write_bytes(b"faces")
    (tmp_path / "v1" / KEY).mkdir(parents=True)
    (tmp_path / "v1" / KEY / "old.parquet").write_bytes(b"templates")
    assert forget(tmp_path, [image(8)]).files == 4
    left = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {".parquet", ".npy"}
    assert not (tmp_path / "v1").exists()
    assert len(known(tmp_path)) == 3


def test_pruning_leaves_what_is_read_and_what_is_being_written(tmp_path):
    fill(tmp_path)
    folder = tmp_path / "v2" / KEY
    for name, age in (("new.part", 0), ("old.part", 7200)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    (folder / "x.parquet").write_bytes(b"not named by its sha256")
    removed = prune(tmp_path)
    assert (removed.embeddings, removed.crops, removed.files) == (0, 0, 2)
    assert (folder / "new.part").exists()
    assert known(tmp_path) == list(range(6))


def test_pruning_with_images_keeps_these_alone(tmp_path):
    fill(tmp_path)
    removed = prune(tmp_path, [image(0), image(5), image(8)])
    assert (removed.embeddings, removed.crops) == (8, 3)
    assert known(tmp_path) == known(tmp_path, OTHER) == [0, 5]
    assert sorted(CropStore(tmp_path).load(KEY, map(image, range(4)))) == [image(0)]


def test_contents_are_counted_by_key(tmp_path):
    fill(tmp_path)
    assert not len(contents(tmp_path / "absent"))
    found = contents(tmp_path)
    assert found.select("kind", "key", "parts", "images", "failed").rows() == [
        ("embeddings", KEY, 2, 6, 0),
        ("embeddings", OTHER, 2, 6, 0),
        ("crops", KEY, 1, 3, 1),
    ]
    assert found["bytes"].sum() == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert abs(found["written"].max().timestamp() - time.time()) < 3600


def modes(root: Path) -> set[tuple[bool, int]]:
    return {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in (root, *root.rglob("*"))}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277])
def test_a_new_store_is_for_its_owner_alone_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        fill(tmp_path / "store")
    finally:
        os.umask(before)
    assert modes(tmp_path / "store") == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize("first", [True, False])
def test_a_shared_store_is_open_to_the_group_now_and_later(tmp_path, first):
    root = tmp_path / "store"
    if not first:
        fill(root)
    share(root)
    fill(root)
    EmbeddingStore(root).add("c" * 64, [record(7)])
    assert modes(root) == {(True, 0o2770), (False, 0o660)}
    forget(root, [image(0)])
    assert modes(root) == {(True, 0o2770), (False, 0o660)}


@pytest.mark.parametrize("name", ["v3", "crops-v12"])
def test_a_newer_version_is_refused_by_its_name(tmp_path, name):
    fill(tmp_path)
    (tmp_path / name / KEY).mkdir(parents=True)
    for use in (
        lambda: EmbeddingStore(tmp_path).load(KEY, [image(0)]),
        lambda: CropStore(tmp_path).load(KEY, [image(0)]),
        lambda: forget(tmp_path, [image(0)]),
        lambda: prune(tmp_path),
        lambda: contents(tmp_path),
    ):
        with pytest.raises(StoreError, match=rf"{name} holds parts of schema version \d+.*versions up to 2"):
            use()


def test_a_folder_that_only_has_the_name_of_a_version_is_left_alone(tmp_path):
    for name in ("v1", "v3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.py").write_text("")
    fill(tmp_path)
    prune(tmp_path)
    assert known(tmp_path) == list(range(6))
    assert (tmp_path / "v1" / "api.py").exists()


def test_an_older_version_is_not_read_but_named_and_closed_to_others(tmp_path, caplog):
    old = tmp_path / "v1" / KEY
    old.mkdir(parents=True)
    (tmp_path / "v1").chmod(0o755)
    fill(tmp_path)
    assert known(tmp_path) == list(range(6))
    assert f"{old} has no checksums" in caplog.text
    assert stat.S_IMODE((tmp_path / "v1").stat().st_mode) == 0o700
    prune(tmp_path)
    assert not (tmp_path / "v1").exists()


@pytest.mark.parametrize(
    "use", [contents, lambda root: forget(root, []), lambda root: EmbeddingStore(root).load(KEY, [])]
)
def test_a_store_that_is_a_file_is_one_line(tmp_path, use):
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match="cannot be read"):
        use(tmp_path / "store")
