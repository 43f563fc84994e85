"""Asking a black box for the scores of comparisons: each once, a few at once, and no more than is allowed."""

import math
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import polars as pl

from facegap.errors import ModelError
from facegap.jobs.calling import LARGEST, Calls, Wanted, answers_of
from facegap.models import PairModel
from facegap.run.progress import Progress, silent
from facegap.store import ScoreStore

HOPELESS = 20
"""When so many comparisons have failed and none has a score, nothing will."""

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
    score, unscored, failed, calls = score.copy(), 0, 0, Calls(model)
    store.open(model.key)
    some = bool(np.isfinite(score).any())
    with _Kept(store, model.key, wanted, known=some) as kept, closing(answers_of(calls, wanted, asked)) as answers:
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
