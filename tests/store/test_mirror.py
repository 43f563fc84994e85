"""A store at a URL: what one machine embedded another one finds; what is forgotten is gone from both."""

import logging
import pickle
from collections.abc import Iterator
from pathlib import Path

import fsspec
import numpy as np
import pytest

import facegap
from data.containers.made import picture
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Outcome
from facegap.errors import StoreError
from facegap.run import remote
from facegap.run.remote import asking
from facegap.store import EmbeddingStore, mirror, upkeep
from facegap.store.mirror import mirror_at, store_root
from facegap.store.records import Record
from s3_server import S3, s3_server

KEY = "a" * 64
URL = "s3://kept/faces"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server("kept") as server:
        yield server


@pytest.fixture
def machine(tmp_path: Path, s3: S3, monkeypatch):
    """Return a function that moves to another machine: one whose own cache is empty."""

    def machine(name: str) -> EmbeddingStore:
        monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / name))
        return EmbeddingStore(remote.place(URL))

    yield machine
    system = fsspec.filesystem("s3")
    system.invalidate_cache()
    for path in system.find("kept"):
        system.rm_file(path)


def put(store: EmbeddingStore, *images: str) -> None:
    with store.writer(KEY) as writer:
        for image in images:
            writer.add(Record(image, Outcome.OK, None, (0.0, 0.0, 1.0, 1.0), np.ones(4, np.float32)))


def images(*numbers: int) -> list[str]:
    return [f"{number:064x}" for number in numbers]


def test_one_machine_finds_what_another_embedded(machine) -> None:
    put(machine("first"), *images(1, 2))
    second = machine("second")
    assert set(second.load(KEY, images(1, 2, 3)).records) == set(images(1, 2))
    put(second, *images(3))
    assert set(machine("first").load(KEY, images(1, 2, 3)).records) == set(images(1, 2, 3))


def test_a_process_elsewhere_opens_the_url_with_a_copy_of_its_own(machine, tmp_path: Path) -> None:
    first = machine("first")
    put(first, *images(1))
    sent = pickle.dumps(first)
    machine("second")
    there = pickle.loads(sent)
    assert there.root.is_relative_to(tmp_path / "second")
    put(there, *images(2))
    assert set(first.load(KEY, images(1, 2)).records) == set(images(1, 2))
    assert pickle.loads(pickle.dumps(EmbeddingStore(tmp_path / "local"))).root == tmp_path / "local"


def test_what_is_forgotten_is_gone_everywhere(machine) -> None:
    put(machine("first"), *images(1, 2))
    assert len(machine("second").load(KEY, images(1, 2)).records) == 2
    assert upkeep.forget(store_root(remote.place(URL)), images(1)).embeddings == 1
    assert set(machine("third").load(KEY, images(1, 2)).records) == set(images(2))
    first = machine("first")
    assert set(first.load(KEY, images(1, 2)).records) == set(images(2))
    assert all(images(1)[0].encode() not in path.read_bytes() for path in first.root.rglob("*.parquet"))


def test_a_part_that_was_damaged_at_the_url_is_named_and_not_read(machine, caplog) -> None:
    put(machine("first"), *images(1))
    (path,) = fsspec.filesystem("s3").find("kept")
    data = bytearray(fsspec.filesystem("s3").cat_file(path))
    data[len(data) // 2] ^= 1
    fsspec.filesystem("s3").pipe_file(path, bytes(data))
    with caplog.at_level(logging.WARNING):
        assert machine("second").load(KEY, images(1)).records == {}
    assert f"s3://{path} is damaged" in caplog.text


def damage(data: bytes) -> bytes:
    half = len(data) // 2
    return data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :]


def test_who_is_forgotten_is_in_no_damaged_part_either(machine) -> None:
    put(machine("first"), *images(1))
    system = fsspec.filesystem("s3")
    (path,) = system.find("kept")
    system.pipe_file(path, damage(system.cat_file(path)))
    machine("second")
    assert upkeep.forget(store_root(remote.place(URL)), images(1)).files == 1
    system.invalidate_cache()
    assert system.find("kept") == []


def test_who_is_forgotten_is_so_where_the_copy_here_is_damaged(machine) -> None:
    store = machine("first")
    put(store, *images(1, 2))
    (part,) = store.root.rglob("*.parquet")
    part.write_bytes(damage(part.read_bytes()))
    assert upkeep.forget(store.root, images(1)).embeddings == 1
    assert set(machine("second").load(KEY, images(1, 2)).records) == set(images(2))


@pytest.mark.parametrize("name", ["../../../../evil.txt", "deep/evil.txt", "../" + "b" * 64 + "/evil.txt"])
def test_a_name_at_the_url_that_leads_elsewhere_is_not_followed(machine, tmp_path: Path, name: str) -> None:
    put(machine("first"), *images(1))
    system = fsspec.filesystem("s3")
    folder = system.find("kept")[0].rsplit("/", 1)[0]
    system.pipe_file(f"{folder}/{name}", b"evil")
    system.pipe_file(f"{folder.rsplit('/', 1)[0]}/../evil.txt", b"evil")
    second = machine("second")
    assert set(second.load(KEY, images(1)).records) == set(images(1))
    assert len(second.folders()) == 1
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_part_that_goes_while_it_is_read_is_not_missed(machine, monkeypatch) -> None:
    put(machine("first"), *images(1))
    put(machine("first"), *images(2))
    read = mirror.read_url

    def removed_first(url: str, *, most: int) -> bytes:
        monkeypatch.setattr(mirror, "read_url", read)
        remote.remove_url(url)
        return read(url, most=most)

    second = machine("second")
    monkeypatch.setattr(mirror, "read_url", removed_first)
    assert len(second.load(KEY, images(1, 2)).records) == 1


def test_the_copy_is_for_its_owner_alone(machine) -> None:
    store = machine("first")
    put(store, *images(1))
    assert store.root.stat().st_mode & 0o077 == 0
    of_store = mirror_at(store.root)
    assert of_store is not None
    assert of_store.url == URL


def test_a_store_that_cannot_be_read_is_one_line(machine, s3, monkeypatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    s3.stalling = "kept"
    try:
        with pytest.raises(StoreError, match=r"the store s3://kept/faces cannot be read \(no answer"):
            machine("first").load(KEY, images(1))
    finally:
        s3.stalling = ""


def test_a_study_goes_on_on_another_machine(machine, s3, tmp_path: Path, monkeypatch) -> None:
    asked: list[int] = []

    def embed(crops: np.ndarray) -> np.ndarray:
        asked.append(len(crops))
        return crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32)

    spec = facegap.ModelSpec(
        name="rows", runtime="python", weights="rows", crop="whole", size=8, dimension=24, comparator=Comparator.COSINE
    )
    for k in range(6):
        path = tmp_path / "people" / f"person{k // 2}" / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(k))
    found = []
    for name in ("first", "second"):
        machine(name)
        study = facegap.Study(
            inputs=[tmp_path / "people"], models=[facegap.Model(embed=embed, spec=spec)], store=remote.place(URL)
        )
        found.append(facegap.evaluate(study))
    assert sum(asked) == 6
    assert found[0].metrics.equals(found[1].metrics)


def test_the_store_of_commands_can_be_at_a_url(machine, run) -> None:
    put(machine("first"), *images(1))
    code, out, _ = run("store", URL)
    assert code == 0
    assert URL in out
    assert KEY[:8] in out
    assert run("store", "s3://kept/none")[0] == 2
    assert run("store", URL, "--forget", images(1)[0])[0] == 0
    assert machine("second").load(KEY, images(1)).records == {}


def test_a_url_in_the_environment_is_refused(monkeypatch, run, tmp_path) -> None:
    monkeypatch.setenv("FACEGAP_STORE", URL)
    code, _, err = run("store")
    assert code == 2
    assert "name a folder there, and the URL with --store" in err
