"""A store that is damaged, shared, or filled while files change never serves what was not computed."""

import io
import logging
import multiprocessing
import os
import resource
import socket
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Outcome
from facegap.data.failure import FailureCode
from facegap.data.statement import Statement
from facegap.jobs.embedding import embed
from facegap.jobs.hashing import hash_images
from facegap.store import EmbeddingStore, Record
from facegap.store.crops import CropStore, FreshCrop, mapped
from facegap.store.part_files import DAMAGED, write_named
from facegap.store.records import table_of
from hardening.damage import damage

D = 8
COUNTS = [50, pytest.param(1000, marks=pytest.mark.slow)]


def record(k: int, start: float = 0.0) -> Record:
    vector = np.random.default_rng(k).normal(size=D).astype(np.float32)
    return Record(f"{k:064x}", 0, None, (start, 1.0, 2.0, 3.0 + k), vector)


def names(*numbers: int) -> list[str]:
    return [f"{k:064x}" for k in numbers]


def fill(root: Path, parts: int = 3, each: int = 20) -> list[Path]:
    store = EmbeddingStore(root)
    for part in range(parts):
        store.add("key", [record(part * each + k) for k in range(each)])
    return sorted(root.rglob("*.parquet"))


def equal(a: Record, b: Record) -> bool:
    return a.outcome == b.outcome and a.box == b.box and np.array_equal(a.vector, b.vector)


@pytest.mark.parametrize("count", COUNTS)
def test_every_damage_to_a_part_is_noticed_and_no_other_embedding_is_served(tmp_path, count):
    parts, rng = fill(tmp_path), np.random.default_rng(17)
    images = names(*range(60))
    noticed = 0
    for _ in range(count):
        part = parts[rng.integers(len(parts))]
        sound = part.read_bytes()
        damage(part, rng)
        found = EmbeddingStore(tmp_path).load("key", images, dimension=D)
        noticed += found.damaged == (part,)
        assert len(found.records) == 40
        assert all(equal(kept, record(int(image, 16))) for image, kept in found.records.items())
        (aside,) = part.parent.glob(f"*{DAMAGED}")
        aside.unlink()
        part.write_bytes(sound)
    assert noticed == count


@pytest.mark.parametrize("count", COUNTS)
def test_every_damage_to_crops_is_noticed_and_no_other_pixels_are_served(tmp_path, count):
    store, rng = CropStore(tmp_path), np.random.default_rng(18)
    pixels = rng.integers(0, 256, (6, 5, 5, 3), np.uint8)
    for start in (0, 3):
        store.add("key", [FreshCrop(f"{k:064x}", 0, None, pixels[k]) for k in range(start, start + 3)])
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(files) == 4
    for _ in range(count):
        file = files[rng.integers(len(files))]
        before = {path: path.read_bytes() for path in files}
        damage(file, rng)
        found = CropStore(tmp_path).load("key", names(*range(6)))
        assert len(found) == 3
        assert all(np.array_equal(mapped(at.part)[at.place], pixels[int(k, 16)]) for k, at in found.items())
        for aside in file.parent.glob(f"*{DAMAGED}"):
            aside.unlink()
        for path, data in before.items():
            path.write_bytes(data)


def parquet(**columns: object) -> bytes:
    """Return a part of one good record and one whose columns are replaced by those given."""
    table = table_of([record(0), record(1)])
    for name, value in columns.items():
        table = table.with_columns(pl.Series(name, [table[name][0], value], dtype=table.schema[name]))
    return written(table)


def written(table: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    table.write_parquet(file)
    return file.getvalue()


WRONG = {
    "null vector": parquet(vector=None),
    "null in a vector": parquet(vector=[1.0, None] * 4),
    "short vector": parquet(vector=[1.0] * 5),
    "infinite vector": parquet(vector=[float("inf")] * D),
    "NaN in a vector": parquet(vector=[float("nan")] + [0.0] * 7),
    "vector of a failure": parquet(outcome=2),
    "unknown outcome": parquet(outcome=9),
    "null outcome": parquet(outcome=None),
    "null reason": parquet(detail=None),
    "values of a reason that are none": parquet(detail_values="[1]"),
    "null image": parquet(image=None),
    "no sha256": parquet(image="alice.png"),
    "short box": parquet(box=[1.0, 2.0]),
    "null in a box": parquet(box=[1.0, 2.0, None, 4.0]),
    "no column": written(table_of([record(1)]).drop("vector")),
    "column of another type": written(table_of([record(1)]).with_columns(pl.col("outcome").cast(pl.String))),
    "no table": b"PAR1 and nothing else",
    "nothing": b"",
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_a_part_that_is_whole_but_wrong_is_set_aside_too(tmp_path, data, caplog):
    (good,) = fill(tmp_path, parts=1)
    bad = write_named(good.parent, data)
    found = EmbeddingStore(tmp_path).load("key", names(*range(20)), dimension=D)
    assert found.damaged == (bad,)
    assert sorted(found.records) == names(*range(20))
    assert str(bad) in caplog.text
    assert not bad.exists()


def test_vectors_that_the_model_cannot_have_made_are_damage(tmp_path):
    fill(tmp_path, parts=1)
    assert len(EmbeddingStore(tmp_path).load("key", names(0), dimension=D + 1).damaged) == 1


def test_whatever_polars_raises_is_damage(tmp_path, monkeypatch):
    def panics(_: object) -> None:
        raise pl.exceptions.PanicException("index out of bounds")

    (part,) = fill(tmp_path, parts=1)
    monkeypatch.setattr(pl, "read_parquet", panics)
    assert EmbeddingStore(tmp_path).load("key", names(0)).damaged == (part,)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        before = Path.cwd()
        os.chdir(path.parent)  # the name of a socket has at most 107 bytes
        try:
            listening.bind(path.name)
        finally:
            os.chdir(before)


ODD = {
    "FIFO": os.mkfifo,
    "folder": Path.mkdir,
    "socket": make_socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "link to nothing": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_regular_file_is_neither_waited_for_nor_read(tmp_path, make):
    (good,) = fill(tmp_path, parts=1)
    make(good.parent / "odd.parquet")
    found = EmbeddingStore(tmp_path).load("key", names(*range(20)))
    assert len(found.records) == 20


def colours(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=(1, 2)).astype(np.float32)


@pytest.fixture
def model() -> facegap.Model:
    spec = facegap.ModelSpec(
        name="colours", runtime="python", weights="1", crop="whole", size=8, dimension=3,
        comparator=Comparator.EUCLIDEAN,
    )  # fmt: skip
    return facegap.Model(embed=colours, spec=spec)


@pytest.fixture
def people(tmp_path) -> facegap.Manifest:
    from PIL import Image

    rng = np.random.default_rng(0)
    for subject in ("ann", "bob"):
        (tmp_path / "people" / subject).mkdir(parents=True)
        for k in range(3):
            image = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8))
            image.save(tmp_path / "people" / subject / f"{k}.png")
    return facegap.read([tmp_path / "people"])


@pytest.mark.parametrize("root", ["store", "st[1]", "st*", "st?{a}"])
def test_images_of_a_damaged_part_are_embedded_again_once(tmp_path, people, model, root):
    store = EmbeddingStore(tmp_path / root)
    first = embed(people, model, store=store)
    assert embed(people, model, store=store).found == len(people)
    (part,) = (tmp_path / root).rglob("*.parquet")
    damage(part, np.random.default_rng(3))
    again = embed(people, model, store=store)
    assert again.found == 0
    assert again.vectors.tobytes() == first.vectors.tobytes()
    assert embed(people, model, store=store).found == len(people)


def test_a_file_that_changes_during_a_run_is_a_failure_and_poisons_nothing(tmp_path, people, model):
    store, hashes = EmbeddingStore(tmp_path / "store"), hash_images(people.paths)
    first, last = Path(people.paths[0]), Path(people.paths[-1])
    before = first.read_bytes()
    first.write_bytes(last.read_bytes())
    found = embed(people, model, store=store, hashes=hashes)
    assert found.outcome.tolist() == [Outcome.UNREADABLE] + [Outcome.OK] * 5
    assert found.detail[0] == Statement.of(FailureCode.CHANGED)
    first.write_bytes(before)
    again = embed(people, model, store=store)
    assert again.found == 5
    assert again.vectors.tobytes() == embed(people, model).vectors.tobytes()


def _write_and_read(root: Path, number: int) -> None:
    logging.disable()
    store = EmbeddingStore(root)
    for start in range(0, 200, 25):
        with store.writer("key") as writer:
            for k in range(start, start + 25):
                writer.add(record(k if k % 2 else 1000 * number + k))
        found = store.load("key", names(start | 1))
        assert equal(found.records[names(start | 1)[0]], record(start | 1))
        assert not found.damaged


def test_four_writers_share_a_store_and_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_and_read, args=(tmp_path, number)) for number in range(1, 5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    wanted = [k if k % 2 else 1000 * number + k for number in range(1, 5) for k in range(200)]
    found = EmbeddingStore(tmp_path).load("key", names(*wanted), dimension=D)
    assert not found.damaged
    assert len(found.records) == len(set(wanted))
    assert all(equal(kept, record(int(image, 16))) for image, kept in found.records.items())


@contextmanager
def full_disk(size: int):
    """Let no file grow beyond `size` bytes: what writes more gets an error of the operating system."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 1, 700])
def test_a_full_disk_is_one_line_and_what_was_stored_stays(tmp_path, size):
    fill(tmp_path, parts=1)
    pixels = np.zeros((30, 30, 3), np.uint8)
    CropStore(tmp_path).add("key", [FreshCrop(*names(1), 0, None, pixels)])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with full_disk(size), pytest.raises(facegap.StoreError, match=r"^cannot write to the store .*stays usable$"):
        EmbeddingStore(tmp_path).add("key", [record(k) for k in range(100, 150)])
    with full_disk(size), pytest.raises(facegap.StoreError, match=r"^cannot write to the store .*stays usable$"):
        CropStore(tmp_path).add("key", [FreshCrop(*names(2), 0, None, pixels + 1)])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert len(EmbeddingStore(tmp_path).load("key", names(*range(20))).records) == 20
