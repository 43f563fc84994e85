"""Who is in which image, and in which cohort: the table whose rows every other array follows."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from facegap.data.finding import Finding
from facegap.data.input_summary import InputSummary
from facegap.errors import InputError

POOLED = "all"
"""The name under which every image of a study is reported together; no cohort may carry it."""


@dataclass(frozen=True)
class Manifest:
    """N images and what is known of them; row i of every other array is row i of `frame`.

    `frame` has the columns `path` (str, absolute or relative to the working directory), `subject` (str, NFC) and
    `cohort` (str, NFC), then any attribute columns, sorted by subject, cohort and path. `cohorts` are the cohort names
    in the order they are reported in; one may be empty. `origin` says of each cohort which of `sources` it comes from,
    and is empty where that is not known. `name` names the study. Where the input brought no photos, `path` only labels
    the rows; see `data.source`. In an `anonymous` manifest `path` and `subject` are codes: `files` then says where the
    images lie, and `people`, (N,) int32, keeps the order that the subjects had by their names, so all numbers stay.
    """

    frame: pl.DataFrame
    cohorts: tuple[str, ...]
    name: str
    sources: tuple[InputSummary, ...] = ()
    findings: tuple[Finding, ...] = ()
    origin: tuple[int, ...] = ()
    files: tuple[str, ...] = ()
    people: np.ndarray | None = None

    def __post_init__(self) -> None:
        if POOLED in self.cohorts:
            raise InputError(
                "a cohort is called {pooled!r}, which facegap keeps for all images together: rename it", pooled=POOLED
            )

    def __len__(self) -> int:
        return self.frame.height

    @property
    def paths(self) -> list[str]:
        """(N,) paths that the images are read from."""
        return list(self.files) or self.frame["path"].to_list()

    @property
    def places(self) -> pl.Series:
        """(N,) paths that the images are read from, as a column: no object for each of them."""
        return pl.Series(self.files, dtype=pl.String) if self.files else self.frame["path"]

    @property
    def anonymous(self) -> bool:
        """Whether codes stand for subjects and images."""
        return bool(self.files)

    @property
    def subjects(self) -> list[str]:
        """(N,) subject names."""
        return self.frame["subject"].to_list()

    @cached_property
    def subject_codes(self) -> np.ndarray:
        """(N,) int32: equal codes mean the same subject."""
        if self.people is not None:
            return self.people
        return _codes(self.frame["subject"], self.frame["subject"].unique().sort())

    @cached_property
    def cohort_codes(self) -> np.ndarray:
        """(N,) int32 index into `cohorts`."""
        return _codes(self.frame["cohort"], pl.Series(self.cohorts, dtype=pl.String))

    def with_findings(self, *findings: Finding) -> "Manifest":
        """Return the manifest with further findings."""
        return replace(self, findings=(*self.findings, *findings))


def _codes(names: pl.Series, categories: pl.Series) -> np.ndarray:
    """Return for each name its place, int32, among all that there are."""
    return names.cast(pl.Enum(categories)).to_physical().cast(pl.Int32).to_numpy()
