"""Who is in which image, and in which cohort: the table whose rows every other array follows."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from facegap.errors import InputError

POOLED = "all"
"""The name under which every image of a study is reported together; no cohort may carry it."""


@dataclass(frozen=True)
class InputSummary:
    """One input as it was read: the name it was given, where it lies and how it was understood.

    `layout` is one of `prefix`, `folders`, `cohort-folders`, `subject-from`, `table`, `pairs`, `embeddings`, `scores`;
    `summary` says in one line what was found.
    """

    name: str
    path: str
    layout: str
    summary: str


@dataclass(frozen=True)
class Finding:
    """Something in the data that a person should look at; facegap reports it and never mends it.

    `kind` is one of `duplicate` (the same bytes twice, the same row of a table twice), `label-conflict` (the same bytes
    or path under two subjects), `single-image` (subjects with one image), `empty-cohort`, `no-genuine`, `no-impostor`,
    `unsure-subjects` (names or folders may mean other people), `several-forms` (one id written in several ways),
    `equal-names` (equal names in two inputs, kept apart), `guessed-subjects` (genuine pairs alone tell the subjects),
    `uneven-subjects` (one subject makes much of the genuine comparisons), `shared-subject` (one subject in two
    cohorts), `different-inputs` (cohorts come from different inputs), `not-resolvable` (a threshold that the data
    cannot give), `template-failures` (images failed inside templates), `per-subject` (a rate is another where each
    subject counts once), `guessed-contract`, `unit-scale`, `normalised-twice`, `zero-embeddings`,
    `constant-embeddings`, `no-spread` (a network is probably not fed what it wants) and `ignored` (files passed over
    while reading). `paths` are the images concerned, if any.
    """

    kind: str
    message: str
    paths: tuple[str, ...] = ()


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
            raise InputError(f"a cohort is called {POOLED!r}, which facegap keeps for all images together: rename it")

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
