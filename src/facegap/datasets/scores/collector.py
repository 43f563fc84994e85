"""Comparisons as they come in, batch by batch: which images they are of, and their scores."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from facegap.data.finding import Finding, FindingCode
from facegap.data.score_list import ScoreList
from facegap.datasets.part import ReadScores
from facegap.errors import InputError

CHECKED = 1 << 22
"""Up to so many comparisons are checked for being listed twice, which takes all of them in memory."""


MANY = 4
"""More different labels than so many times the images show that some columns do not say what an image is."""


class Collector:
    """Takes up the comparisons of one file.

    `attributes`: the names of what is said of each image. A batch has the columns `path_a`, `path_b` (text), `score`
    (Float64, null or not finite where there is none), `same` (Boolean) unless the subjects say it, and, as far as they
    are known, `subject_a` and `subject_b`, and for each attribute X the columns `X_a` and `X_b` (text).
    """

    def __init__(self, path: Path, *, subjects: bool, same: bool, attributes: Sequence[str] = ()) -> None:
        self.path, self.subjects, self.same, self.attributes = path, subjects, same, list(attributes)
        self.scores = ScoreList()
        self._rows = pl.DataFrame(schema={"path": pl.String, "row": pl.Int64})
        columns = ["path", *(["subject"] if subjects else []), *self.attributes]
        self._labels = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        self._genuine: list[np.ndarray] = []
        self._answered = np.zeros(0, bool)
        self._dropped: list[str] = []
        self._itself = self._missing = self._merged = self._at_odds = 0

    def add(self, batch: pl.DataFrame) -> None:
        """Add comparisons; one of an image with itself is left out, and counted."""
        itself = batch["path_a"] == batch["path_b"]
        self._itself += int(itself.sum())
        batch = batch.filter(~itself)
        self._add_images(batch)
        a, b = (self._numbered(batch[side]) for side in ("path_a", "path_b"))
        score, same = self._single(batch["score"]), self._genuine_ones(batch)
        made = ~np.isnan(score)
        self._missing += int((~made).sum())
        for side in (a, b):
            self._answered[side[made]] = True
        if not self.subjects:
            self._genuine.append(np.unique(a[same] << 32 | b[same]))
        self.scores.add(a, b, score, same)

    def read(self, how: str, findings: Sequence[Finding] = ()) -> ReadScores:
        """Return all that was taken up.

        Raises:
            InputError: an image belongs to two subjects, or there is no comparison.
        """
        if not len(self.scores):
            raise InputError("{path} holds no comparison of two images: give a line per comparison", path=self.path)
        frame = self._frame()
        twice = self._without_repeats() if len(self.scores) <= CHECKED else 0
        numbers = {
            FindingCode.COMPARED_WITH_ITSELF: self._itself,
            FindingCode.COMPARISONS_TWICE: twice,
            FindingCode.WITHOUT_SCORE: self._missing,
            FindingCode.SCORES_AT_ODDS: self._at_odds,
            FindingCode.ROUNDED: self._merged,
        }
        place = str(self.path)
        found = [Finding.of(code, place=place, comparisons=number) for code, number in numbers.items() if number]
        if self._dropped:
            found.append(Finding.of(FindingCode.ONE_COLUMN_FOR_BOTH, place=place, columns=self._dropped))
        if not self.subjects:
            found.append(Finding.of(FindingCode.GUESSED_FROM_SCORES, place=place))
        return ReadScores(frame, self.scores, self._answered, how, findings=(*findings, *found))

    def _add_images(self, batch: pl.DataFrame) -> None:
        sides = []
        for side in "ab":
            columns = {"path": f"path_{side}", "subject": f"subject_{side}" if self.subjects else None}
            columns |= {name: f"{name}_{side}" for name in self.attributes}
            sides.append(batch.select(**{name: column for name, column in columns.items() if column}))
        labels = pl.concat(sides).unique(maintain_order=True)
        new = labels.select("path").unique(maintain_order=True).join(self._rows, on="path", how="anti")
        first = self._rows.height
        self._rows = pl.concat([self._rows, new.with_columns(row=pl.int_range(first, first + new.height))])
        self._answered = np.r_[self._answered, np.zeros(new.height, bool)]
        self._labels = pl.concat([self._labels, labels]).unique(maintain_order=True)
        if self._labels.height > MANY * self._rows.height:
            self._drop_attributes()

    def _drop_attributes(self) -> None:
        """Leave out the attributes that say different things of one image."""
        values = self._labels.group_by("path").agg(pl.col(self.attributes).n_unique())
        dropped = [name for name in self.attributes if (values[name].max() or 0) > 1]
        self.attributes = [name for name in self.attributes if name not in dropped]
        self._labels = self._labels.drop(dropped).unique(maintain_order=True)
        self._dropped += dropped

    def _numbered(self, paths: pl.Series) -> np.ndarray:
        found = paths.to_frame("path").join(self._rows, on="path", how="left", maintain_order="left")
        return found["row"].to_numpy()

    def _single(self, scores: pl.Series) -> np.ndarray:
        """Return (P,) float32 scores, NaN where there is none."""
        exact = scores.to_numpy().astype(np.float64)
        with np.errstate(over="ignore"):
            single = exact.astype(np.float32)
        single[~np.isfinite(single)] = np.nan
        given = pl.Series(exact[np.isfinite(single)])
        self._merged += given.n_unique() - given.cast(pl.Float32).n_unique()
        return single

    def _genuine_ones(self, batch: pl.DataFrame) -> np.ndarray:
        if not self.subjects:
            return batch["same"].to_numpy()
        equal = (batch["subject_a"] == batch["subject_b"]).to_numpy()
        if not self.same:
            return equal
        same = batch["same"].to_numpy()
        self._at_odds += int((same != equal).sum())
        return same

    def _frame(self) -> pl.DataFrame:
        """Return the images with their labels."""
        self._drop_attributes()
        labels = self._labels
        if self.subjects and (twice := labels.filter(pl.col("path").is_duplicated()).sort("path", "subject")).height:
            image, first = twice.select("path", "subject").row(0)
            other = twice["subject"][1]
            raise InputError(
                "{path}: {image} is of {first!r} in one comparison and {other!r} in another: mend it",
                path=self.path,
                image=image,
                first=first,
                other=other,
            )
        frame = self._rows.select("path").join(labels, on="path", how="left", maintain_order="left")
        if not self.subjects:
            frame = frame.with_columns(subject=pl.Series(self._linked(), dtype=pl.String))
        return frame.select("path", "subject", pl.exclude("path", "subject"))

    def _linked(self) -> list[str]:
        """Return for each image the first one that genuine comparisons link it with."""
        n = self._rows.height
        a, b = np.divmod(np.concatenate(self._genuine), 1 << 32)
        _, group = connected_components(coo_array((np.ones(len(a), bool), (a, b)), shape=(n, n)), directed=False)
        _, first = np.unique(group, return_index=True)
        return self._rows["path"].gather(first[group]).to_list()

    def _without_repeats(self) -> int:
        """Leave out comparisons that are listed again with the same score, and return how many there were."""
        records = np.concatenate(list(self.scores.records()))
        low, high = np.minimum(records["a"], records["b"]), np.maximum(records["a"], records["b"])
        pair, score = low.astype(np.int64) << 32 | high, np.ascontiguousarray(records["score"]).view(np.int32)
        order = np.lexsort((score, pair))
        again = np.zeros(len(records), bool)
        again[order[1:]] = (np.diff(pair[order]) == 0) & (np.diff(score[order]) == 0)
        if again.any():
            self.scores = ScoreList()
            self.scores.add(*(records[name][~again] for name in ("a", "b", "score", "same")))
        return int(again.sum())
