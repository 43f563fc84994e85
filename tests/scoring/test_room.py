"""Embeddings beyond the memory that a user allows lie in files: the same numbers, and memory that stays within."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.errors import StoreError
from facegap.run.executor import Serial
from facegap.run.room import Room
from facegap.scoring import Keeper, Kept, compare_all, compare_subjects
from facegap.scoring.layout import lay_out


def opened(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def room(tmp_path) -> Room:
    return Room(lambda name: opened(tmp_path / "room" / name), most=1000)


def test_what_does_not_fit_lies_in_a_file_that_goes_with_it(room, tmp_path):
    one = room.zeros((100, 2))
    other = room.zeros((100, 2))  # 800 bytes twice
    assert not isinstance(one, np.memmap)
    assert isinstance(other, np.memmap)
    assert other.dtype == np.float32
    assert not other.any()
    rows = other[10:20]
    del other
    assert len(list((tmp_path / "room").iterdir())) == 1
    assert rows.sum() == 0
    del rows
    assert not list((tmp_path / "room").iterdir())
    del one
    assert not isinstance(room.zeros((100, 2)), np.memmap)


class Afar(Serial):
    """An executor whose workers may be elsewhere; `sighted`: they see the folder."""

    sighted = False

    def sees(self, folder: Path) -> bool:
        return folder.is_dir() and self.sighted


def test_a_folder_that_workers_do_not_see_is_one_line_where_memory_is_short(room, tmp_path, monkeypatch):
    with pytest.raises(StoreError, match=r"^40,000 bytes of embeddings are more than --memory allows, and the workers"):
        room.zeros((100, 100), Afar())
    monkeypatch.setattr("facegap.run.room.SENT", 1 << 10)
    assert not isinstance(Room(room.open_folder).zeros((100, 100), Afar()), np.memmap)
    assert not list((tmp_path / "room").iterdir())
    monkeypatch.setattr(Afar, "sighted", True)
    assert isinstance(Room(room.open_folder).zeros((100, 100), Afar()), np.memmap)
    assert not isinstance(Room(room.open_folder).zeros((10, 10), Afar()), np.memmap)  # it is sent


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "room").touch()
    with pytest.raises(StoreError, match=r"no file can be written for them \(Not a directory\): name another --store"):
        Room(lambda name: opened(tmp_path / "room" / name), most=0).zeros((10, 10))


def test_blocks_in_a_file_go_to_other_processes_as_its_path(room):
    rng = np.random.default_rng(0)
    vectors, subject = rng.normal(size=(600, 64)).astype(np.float32), np.arange(600, dtype=np.int32) // 3
    blocks = lay_out(vectors, subject, 0 * subject, np.arange(600), Comparator.EUCLIDEAN, room.zeros)
    sent = pickle.dumps(blocks)
    assert len(sent) < vectors.nbytes / 4
    again = pickle.loads(sent)
    assert again.vectors.tobytes() == blocks.vectors.tobytes()
    assert again.squares.tobytes() == blocks.squares.tobytes()
    with pytest.raises(ValueError, match="read-only"):
        again.vectors[0] = 1


@pytest.mark.parametrize("comparator", [Comparator.COSINE, Comparator.EUCLIDEAN])
def test_counts_are_the_same_bytes_from_a_file(room, comparator):
    rng = np.random.default_rng(1)
    subject = np.arange(1200, dtype=np.int32) // 3
    vectors = (rng.normal(size=(400, 16))[subject] + rng.normal(size=(1200, 16))).astype(np.float32)
    study = vectors, subject, (subject % 2).astype(np.int32), rng.random(1200) > 0.01
    made = []
    for keeper, kept in ((None, Kept(0)), (Keeper(lambda _: Path(), room), Kept(0))):
        tally = compare_all(
            *study, comparator=comparator, cohorts=("a", "b"), executor=Serial(), kept=kept, keeper=keeper
        )
        half = float(tally.cuts[len(tally.cuts) // 2])
        found = compare_subjects(
            *study, tally, evaluated=np.array([half]), tails={"a": half, "b": half}, wide_tail=half,
            executor=Serial(), kept=kept, keeper=keeper,
        )  # fmt: skip
        made.append((tally.genuine.tobytes(), tally.impostor.tobytes(), found.cells[1].impostor.tobytes()))
    assert made[0] == made[1]
