"""Asking a black box for the scores of comparisons: each once, a few at once, and no more than is allowed."""

import math
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
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
from facegap.run.progress import Progress, silent
from facegap.run.remote import is_url
from facegap.run.text import one_line
from facegap.store import ScoreStore

AHEAD = 4
"""Comparisons that are handed out per thread, so that no thread waits for work."""

HOPELESS = 20
"""When so many comparisons have failed and none has a score, nothing will."""

LARGEST = float(np.finfo(np.float32).max)
"""A number beyond it is no score: scores are float32, wherever they come from."""

FLUSH_ANSWERS, FLUSH_SECONDS = 1024, 5.0
"""An interruption loses at most the answers since the last part was written."""


@dataclass(frozen=True)
class Answers:
    """What a black box said of P comparisons.

    `score`: (P,) float64, NaN where there is none: `unscored` got none, `failed` failed and are not kept, `unread` have
    an image that cannot be read.
    """

    score: np.ndarray
    unscored: int
    failed: int
    unread: int


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


def known_answers(wanted: Wanted, known: pl.DataFrame) -> tuple[np.ndarray, list[list[int]]]:
    """Return what is known, (P,) float64, NaN for none, and the places of the comparisons to ask for, equal ones
    together.

    `known`: as `ScoreStore.load` returns it.
    """
    score = np.full(len(wanted.a), np.nan)
    joined = wanted.keys().join(known, on=("image", "other"), how="left", maintain_order="left")
    found = joined.filter(pl.col("outcome").is_not_null())
    score[found["place"].to_numpy()] = found["score"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    score[np.abs(score) > LARGEST] = np.nan
    rest = joined.filter(pl.col("outcome").is_null())
    return score, rest.group_by("image", "other", maintain_order=True).agg("place")["place"].to_list()


def ask(
    model: PairModel,
    wanted: Wanted,
    score: np.ndarray,
    asked: Sequence[Sequence[int]],
    store: ScoreStore,
    *,
    progress: Progress = silent,
) -> Answers:
    """Return the scores of comparisons, asking for those that are not at hand; see `known_answers`.

    Raises:
        BudgetSpent: more calls are needed than the model allows; the answers until then are kept.
        ModelError: no comparison succeeds, or the function returned no number.
        StoreError: the store cannot be written.
    """
    score, unscored, failed, calls = score.copy(), 0, 0, _Calls(model)
    store.open(model.key)
    some = bool(np.isfinite(score).any())
    with _Kept(store, model.key, wanted, known=some) as kept, closing(_answers(calls, wanted, asked)) as answers:
        for done, (places, answer) in enumerate(answers, 1):
            if answer is None:
                failed += len(places)
                if failed >= HOPELESS and not kept.any:
                    raise ModelError(
                        "{model}: the first {failed} comparisons failed, each {retries} times ({reason}): nothing "
                        "was measured",
                        model=model.name,
                        failed=failed,
                        retries=model.retries + 1,
                        reason=calls.reason,
                    )
                continue
            kept.add(places[0], answer)
            score[places] = answer
            progress("asking", done, len(asked))
    unread = len(wanted.a) - len(wanted.keys())
    unscored = int(np.isnan(score).sum()) - failed - unread
    if failed and failed + unscored + unread == len(score):
        raise ModelError(
            "{model}: no comparison has a score ({reason}): nothing was measured", model=model.name, reason=calls.reason
        )
    return Answers(score, unscored, failed, unread)


class _Calls:
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


def _answers(
    calls: _Calls, wanted: Wanted, asked: Sequence[Sequence[int]]
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


class _Kept:
    """Writes answers to the store, part by part, also after an error. `any`: some comparison has a score."""

    def __init__(self, store: ScoreStore, key: str, wanted: Wanted, *, known: bool) -> None:
        self._store, self._key, self._wanted = store, key, wanted
        self._pending: list[tuple[str, str, float | None]] = []
        self._last = time.monotonic()
        self.any = known

    def __enter__(self) -> "_Kept":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()

    def add(self, place: int, score: float) -> None:
        """Take an answer, NaN for no score."""
        hashes, scored = self._wanted.hashes, not math.isnan(score)
        self.any = self.any or scored
        first, second = hashes[int(self._wanted.a[place])], hashes[int(self._wanted.b[place])]
        self._pending.append((first, second, score if scored else None))
        if len(self._pending) >= FLUSH_ANSWERS or time.monotonic() - self._last >= FLUSH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        self._last = time.monotonic()
        if self._pending:
            image, other, score = zip(*self._pending, strict=True)
            self._store.add(self._key, image, other, score)
            self._pending = []


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
