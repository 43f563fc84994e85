"""Who is in which image, and in which cohort: the table whose rows every other array follows."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from facegap.data.finding import Finding
from facegap.errors import InputError

POOLED = "all"
"""The name under which every image of a study is reported together; no cohort may carry it."""


@dataclass(frozen=True)
class InputSummary:
    """One input as it was read: the name it was given, where it lies and how it was understood.

    `layout` is what `--layout` calls it, e.g. `folders`, or `subject-from`; `found` says in one line what was found
    there. `label`: what the place is called, where that is not its path.
    """

    name: str
    path: str
    layout: str
    found: str
    label: str = ""

    @property
    def summary(self) -> str:
        """What was found, and where, in one line."""
        return f"{self.label or self.path}: {self.found}"


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
        return np.unique(self.frame["subject"].to_numpy(), return_inverse=True)[1].astype(np.int32)

    @cached_property
    def cohort_codes(self) -> np.ndarray:
        """(N,) int32 index into `cohorts`."""
        index = {name: code for code, name in enumerate(self.cohorts)}
        return np.array([index[name] for name in self.frame["cohort"]], dtype=np.int32)

    def with_findings(self, *findings: Finding) -> "Manifest":
        """Return the manifest with further findings."""
        return replace(self, findings=(*self.findings, *findings))
