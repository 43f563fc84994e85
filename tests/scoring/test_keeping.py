"""A comparing that was killed goes on from the counts that were kept, and ends with the same numbers to a bit."""

from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.run.executor import Serial, weightless
from facegap.scoring import Kept, compare_all, compare_subjects, keeping, tiles
from facegap.scoring.keeping import Keeper, digest_of
from facegap.scoring.layout import BLOCK
from facegap.scoring.shards import Cells
from facegap.scoring.subject_sums import SubjectSums

NAMES = ("one", "other")


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


class Mortal:
    """Does one thing after another, dies after `lives` shards; `done` counts them."""

    workers, shares_memory = 1, True

    def __init__(self, lives: float = np.inf) -> None:
        self.lives, self.done = lives, 0

    def map(self, make_worker, items, *, weigh=weightless):
        for result in Serial().map(make_worker, items, weigh=weigh):
            if isinstance(result, Cells | SubjectSums):
                if self.done == self.lives:
                    raise Killed
                self.done += 1
            yield result


@pytest.fixture
def small_shards(monkeypatch) -> None:
    """Shards of one block pair, which are kept at once."""
    monkeypatch.setattr(keeping, "LONG", 0)
    monkeypatch.setattr(keeping, "EVERY", 0.0)
    monkeypatch.setattr(keeping, "SHARE", 0)
    monkeypatch.setattr(tiles, "LEAST", 1)


@pytest.fixture
def keeper(tmp_path):
    """Makes keepers of the same folder, as one run after another does."""

    def open_folder(root: Path, digest: str) -> Path:
        (root / digest).mkdir(parents=True, exist_ok=True)
        return root / digest

    return lambda: Keeper(partial(open_folder, tmp_path / "sums"))


@pytest.fixture(scope="module")
def people() -> tuple[np.ndarray, ...]:
    """Two cohorts that share subjects, three blocks in all, and some failed images."""
    rng = np.random.default_rng(0)
    subject = rng.integers(0, 120, 2 * BLOCK + 200).astype(np.int32)
    vectors = rng.normal(size=(120, 8))[subject] + rng.normal(size=(len(subject), 8))
    cohort = (np.arange(len(subject)) % 3 == 0).astype(np.int32)
    return vectors.astype(np.float32), subject, cohort, rng.random(len(subject)) > 0.01


def both_passes(people, keeper, executor, *, room: int | None = 0):
    """Return all arrays of both passes; `room`: for scores, 0 makes histograms by subject, None keeps nothing."""
    kept = None if room is None else Kept(room)
    tally = compare_all(
        *people, comparator=Comparator.COSINE, cohorts=NAMES, executor=executor, kept=kept, keeper=keeper, tile=1
    )
    evaluated = np.quantile(tally.cuts, [0.2, 0.9], method="nearest")
    tails = dict.fromkeys((*NAMES, "between one and other"), float(evaluated[1]))
    subjects = compare_subjects(
        *people, tally, evaluated=evaluated, tails=tails, wide_tail=float(evaluated[1]), executor=executor, kept=kept,
        keeper=keeper,
    )  # fmt: skip
    return tally, subjects


def numbers(found) -> list[str]:
    """Return all arrays and numbers below dataclasses and tuples, in order."""
    if is_dataclass(found):
        return numbers(tuple(vars(found)[each.name] for each in fields(found)))
    if isinstance(found, tuple):
        return [content for part in found for content in numbers(part)]
    if isinstance(found, np.ndarray):
        return [found.dtype.str, repr(found.tolist())]
    return [repr(found)]


@pytest.mark.parametrize("room", [0, None])
def test_a_killed_comparing_goes_on_with_the_shard_after_the_last_one_kept(small_shards, people, keeper, room):
    whole = Mortal()
    expected = numbers(both_passes(people, None, whole, room=room))
    assert whole.done > 10  # of six block pairs, most of them twice
    for lives in range(1, whole.done, 4):
        first, second = Mortal(lives), Mortal()
        with pytest.raises(Killed):
            both_passes(people, keeper(), first, room=room)
        last = keeper()
        assert numbers(both_passes(people, last, second, room=room)) == expected
        assert first.done + second.done == whole.done
        last.remove()


def test_kills_one_after_another_lose_nothing(small_shards, people, keeper):
    whole = Mortal()
    expected, done = numbers(both_passes(people, None, whole)), 0
    while done < whole.done - 2:
        mortal = Mortal(2)
        with pytest.raises(Killed):
            both_passes(people, keeper(), mortal)
        done += mortal.done
    last = Mortal()
    assert numbers(both_passes(people, keeper(), last)) == expected
    assert done + last.done == whole.done


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def one_shard_more(path: Path) -> None:
    with np.load(path) as file:
        np.savez(path, **{**file, "done": file["done"] + 1})


@pytest.mark.parametrize("damage", [cut_off, one_bit, one_shard_more])
def test_a_damaged_file_is_passed_over(small_shards, people, keeper, tmp_path, damage):
    expected = numbers(both_passes(people, None, Serial()))
    with pytest.raises(Killed):
        both_passes(people, keeper(), Mortal(1))
    (kept,) = tmp_path.rglob("*.npz")
    damage(kept)
    whole, again = Mortal(), Mortal()
    assert numbers(both_passes(people, None, whole)) == expected
    assert numbers(both_passes(people, keeper(), again)) == expected
    assert again.done == whole.done


def test_sums_of_other_embeddings_or_labels_are_not_gone_on_with(small_shards, people, keeper):
    vectors, subject, cohort, ok = people
    with pytest.raises(Killed):
        both_passes(people, keeper(), Mortal(3))
    others = [(vectors + 1, subject, cohort, ok), (vectors, subject[::-1], cohort, ok), (vectors, subject, cohort, ~ok)]
    for other in others:
        whole, again = Mortal(), Mortal()
        assert numbers(both_passes(other, None, whole)) == numbers(both_passes(other, keeper(), again))
        assert again.done == whole.done


def test_nothing_is_written_for_what_is_short(people, keeper, tmp_path, monkeypatch):
    both_passes(people, keeper(), Serial())
    assert not (tmp_path / "sums").exists()  # too few comparisons
    monkeypatch.setattr(keeping, "LONG", 0)
    both_passes(people, keeper(), Serial())
    assert not list(tmp_path.rglob("*.npz"))  # too little time


def test_where_nothing_can_be_written_a_line_says_so_and_the_numbers_are_the_same(small_shards, people, caplog):
    def closed(_: str) -> Path:
        raise PermissionError(13, "Permission denied")

    expected = numbers(both_passes(people, None, Serial()))
    assert numbers(both_passes(people, Keeper(closed), Serial())) == expected
    assert "the counts are not kept ([Errno 13] Permission denied)" in caplog.text


def test_a_digest_tells_arrays_of_other_shapes_and_kinds_apart():
    numbers = np.arange(6)
    others = [numbers.reshape(2, 3), numbers.astype(np.int32), numbers.astype(float), numbers[::-1]]
    assert len({digest_of(each) for each in (numbers, *others)}) == 1 + len(others)
    assert digest_of(numbers.copy()) == digest_of(numbers)
