"""Calling a function for the scores of comparisons: from several threads, again where it fails, within a budget."""

import math
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from queue import Empty, Queue

import numpy as np
import polars as pl

from facegap.data.containers import read_member
from facegap.data.image_file import LARGEST_FILE, read_image_file
from facegap.errors import BudgetSpent, ModelError
from facegap.models import PairModel
from facegap.run.executor import PIECE
from facegap.run.remote import is_url
from facegap.run.text import one_line

AHEAD = 4
"""Comparisons that are handed out per thread, so that no thread waits for work."""

LARGEST = float(np.finfo(np.float32).max)
"""A number beyond it is no score: scores are float32, wherever they come from."""


@dataclass(frozen=True)
class Wanted:
    """P comparisons of images: `a`, `b` (P,) rows, `paths` and `hashes` (N,) of all images."""

    a: np.ndarray
    b: np.ndarray
    paths: Sequence[str]
    hashes: Sequence[str]

    def paths_at(self, place: int) -> tuple[str, str]:
        """Return the paths of both images of a comparison."""
        return self.paths[int(self.a[place])], self.paths[int(self.b[place])]

    def keys(self) -> pl.DataFrame:
        """Return `place`, from 0, and the sha256 of both images, the lower first; without images that are unread."""
        hashes, (a, b) = pl.Series(self.hashes, dtype=pl.String), (pl.col("a"), pl.col("b"))
        frame = pl.DataFrame({"a": hashes.gather(self.a), "b": hashes.gather(self.b)}).with_row_index("place")
        sides = frame.with_columns(image=pl.when(a < b).then(a).otherwise(b), other=pl.when(a < b).then(b).otherwise(a))
        return sides.select("place", "image", "other").filter(pl.col("image") != "")


class Calls:
    """Calls a model from several threads, as often as it allows."""

    def __init__(self, model: PairModel) -> None:
        self.model, self.reason = model, ""
        self._left = math.inf if model.budget is None else model.budget
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def answer(self, a: str, b: str) -> float | None:
        """Return the score of two images, NaN where the model can tell none, None where all tries failed."""
        for attempt in range(self.model.retries + 1):
            if attempt and self.stopped.wait(self.model.wait * 2 ** (attempt - 1)):
                break
            self._take()
            try:
                with _on_disk(a) as first, _on_disk(b) as second:
                    said = self.model.score(first, second)
            except (Exception, SystemExit) as error:  # somebody else's code
                self.reason = f"{type(error).__name__}: {one_line(error)}"
                continue
            return self._number(said)
        return None

    def _take(self) -> None:
        with self._lock:
            if self._left < 1:
                raise _NoneLeft
            self._left -= 1

    def _number(self, said: object) -> float:
        try:
            number = math.nan if said is None else float(said)  # pyright: ignore[reportArgumentType]
        except OverflowError:
            number = math.inf
        except (TypeError, ValueError):
            raise ModelError(
                "{model} returned {kind} {said!r}: expected a number, or None for no score",
                model=self.model.name,
                kind=type(said).__name__,
                said=str(said)[:40],
            ) from None
        return number if abs(number) <= LARGEST else math.nan


_Answered = tuple[Sequence[int], float | None, BaseException | None]


class _NoneLeft(Exception):
    """The budget is spent."""


def answers_of(
    calls: Calls, wanted: Wanted, asked: Sequence[Sequence[int]]
) -> Generator[tuple[Sequence[int], float | None]]:
    """Yield the places of equal comparisons with their answer, as answers come.

    What was asked when the budget was spent, or the model answered with no number, is waited for: answers may be paid.
    The threads are daemons: a call that hangs keeps nobody from stopping the program.
    """
    todo, questions, answers = iter(asked), Queue[Sequence[int] | None](), Queue[_Answered]()

    def work() -> None:
        while (places := questions.get()) is not None:
            try:
                answers.put((places, calls.answer(*wanted.paths_at(places[0])), None))
            except BaseException as error:  # raised again where the answers are taken
                answers.put((places, None, error))

    for _ in range(calls.model.workers):
        threading.Thread(target=work, daemon=True).start()
    running = done = 0
    over: BaseException | None = None
    try:
        while True:
            while over is None and running < AHEAD * calls.model.workers and (places := next(todo, None)) is not None:
                questions.put(places)
                running += 1
            if not running:
                break
            places, answer, error = _next(answers)
            running -= 1
            if error is None:
                yield places, answer
                done += 1
            else:
                over = error if over is None or isinstance(over, _NoneLeft) else over
        if isinstance(over, _NoneLeft):
            raise BudgetSpent(
                "{model}: the budget of {budget:,} calls is spent, and {left:,} comparisons are left to ask for; the "
                "answers are kept: run it again to go on",
                model=calls.model.name,
                budget=calls.model.budget,
                left=len(asked) - done,
            )
        if over is not None:
            raise over
    finally:
        calls.stopped.set()
        for _ in range(calls.model.workers):
            questions.put(None)


def _next(answers: "Queue[_Answered]") -> _Answered:
    """Return the next answer; waiting is done in short pieces, as in `facegap.run.executor`."""
    while True:
        with suppress(Empty):
            return answers.get(timeout=PIECE)


@contextmanager
def _on_disk(path: str) -> Iterator[str]:
    """Yield the path of an image file; one at a URL or inside another file lies in a temporary one meanwhile."""
    data = read_image_file(path) if is_url(path) else read_member(path, most=LARGEST_FILE)
    if data is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="facegap-") as folder:
        file = Path(folder, f"image{PurePath(path).suffix}")
        file.write_bytes(data)
        yield str(file)
