"""The store survives kills, damage and company."""

import io
import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from facegap.data.failure import FailureCode
from facegap.data.statement import Statement
from facegap.errors import StoreError
from facegap.report.text.failures import failure_text
from facegap.report.text.language import in_language
from facegap.store import EmbeddingStore, Record
from facegap.store.part_files import write_named
from facegap.store.records import DETAIL_VALUES, table_of
from report.text.pseudo import PSEUDO


def record(k: int, dimension: int = 8) -> Record:
    return Record(f"{k:064x}", 0, None, (0.0, 1.0, 2.0, 3.0), np.full(dimension, k, np.float32))


def names(count: int) -> list[str]:
    return [f"{k:064x}" for k in range(count)]


def test_what_was_added_is_found_again_by_the_images_bytes(tmp_path):
    store = EmbeddingStore(tmp_path)
    failed = Record("f" * 64, 2, Statement.of(FailureCode.NO_FACE, width=3, height=4), None, None)
    with store.writer("model") as writer:
        for k in range(5):
            writer.add(record(k))
        writer.add(failed)
    found = store.load("model", [*names(3), "f" * 64, "e" * 64])
    assert sorted(found.records) == [*names(3), "f" * 64]
    assert np.array_equal(found.records[names(3)[2]].vector, np.full(8, 2, np.float32))
    assert found.records[names(3)[2]].box == (0.0, 1.0, 2.0, 3.0)
    assert found.records["f" * 64] == failed
    assert not store.load("another model", names(3)).records


def test_a_part_of_an_older_facegap_is_read_and_its_sentence_is_shown_as_it_is(tmp_path):
    store = EmbeddingStore(tmp_path)
    store.add("model", [record(0)])
    old = table_of([record(1), Record("f" * 64, 2, Statement("no face in 3 x 4 pixels"), None, None)])
    file = io.BytesIO()
    old.drop(DETAIL_VALUES).write_parquet(file)
    write_named(store.open("model"), file.getvalue())
    found = store.load("model", [*names(2), "f" * 64])
    assert not found.damaged
    assert found.records["f" * 64].detail == Statement("no face in 3 x 4 pixels")
    with in_language(PSEUDO):
        assert failure_text(found.records["f" * 64].detail) == "no face in 3 x 4 pixels"
    assert store.forget(names(1)) == 1
    assert store.forget(["f" * 64]) == 1, "what is left of an old part is written again"
    assert [*store.load("model", names(2)).records] == names(2)[1:]


def test_an_interrupted_writer_keeps_what_it_had(tmp_path):
    store = EmbeddingStore(tmp_path)

    def interrupted() -> None:
        with store.writer("model") as writer:
            writer.add(record(0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert store.load("model", names(1)).records


def _write_until_killed(root: Path) -> None:
    with EmbeddingStore(root).writer("model") as writer:
        for k in range(3):
            writer.add(record(k))
        writer.flush()
        writer.add(record(3))
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_loses_only_the_part_it_was_writing(tmp_path):
    process = multiprocessing.get_context("spawn").Process(target=_write_until_killed, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert sorted(EmbeddingStore(tmp_path).load("model", names(4)).records) == names(3)


def test_a_damaged_part_is_reported_and_ignored(tmp_path, caplog):
    store = EmbeddingStore(tmp_path)
    for k in range(2):
        with store.writer("model") as writer:
            writer.add(record(k))
    parts = sorted(tmp_path.rglob("*.parquet"))
    parts[0].write_bytes(parts[0].read_bytes()[:40])
    (parts[0].parent / "half.part").write_bytes(b"PAR1")
    found = store.load("model", names(2))
    assert found.damaged == (parts[0],)
    assert len(found.records) == 1
    assert str(parts[0]) in caplog.text


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    writer = EmbeddingStore(tmp_path / "file").writer("model")
    writer.add(record(0))
    with pytest.raises(StoreError, match="--store"):
        writer.flush()
