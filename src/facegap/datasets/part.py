"""What every way in gives back: one input as it was read, before it has cohorts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.finding import Finding, FindingCode
from facegap.data.input_summary import InputCode
from facegap.data.score_list import ScoreList
from facegap.data.source import Pairs
from facegap.data.statement import Statement
from facegap.data.templates import MEDIA, TEMPLATE, Templates
from facegap.datasets.images import FoundImages

NOTHING: Mapping[str, Mapping[tuple[str, ...], str]] = {}
"""No attributes."""


@dataclass(frozen=True)
class ReadScores:
    """The scores of one file.

    `frame` has the columns `path` and `subject`, then the attributes, a row per image; it has no rows where it is not
    known which images were compared. `scores` number the images by their rows. `answered`: (N,) bool, images with at
    least one score. `comparator`: their direction, or None where it is not stated and has to be told from the scores.
    """

    frame: pl.DataFrame
    scores: ScoreList
    answered: np.ndarray
    how: Statement
    comparator: Comparator | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class InputPart:
    """The N images of one input.

    `frame` has the columns `path` and `subject`, then the attributes, all of them text and cleaned, in any order of
    rows. `layout` is as in `Source`; `how` says how the input was understood and `notes` what is remarkable about
    it, if anything. `pairs` refers to rows of `frame`; `vectors` is (N, D) float32. `scores` number
    the images by their rows; there are no rows where it is not known which images were compared.
    """

    frame: pl.DataFrame
    layout: str
    how: Statement
    notes: tuple[Statement, ...] = ()
    findings: tuple[Finding, ...] = ()
    pairs: Pairs | None = None
    vectors: np.ndarray | None = None
    scores: ReadScores | None = None

    @property
    def attributes(self) -> list[str]:
        """The names of the attribute columns."""
        return [name for name in self.frame.columns if name not in ("path", "subject", TEMPLATE, MEDIA)]

    @property
    def found(self) -> tuple[Statement, ...]:
        """What was found."""
        if not self.frame.height:
            return (Statement.of(InputCode.NO_IMAGES),) if self.scores is None else (self.how, *self.notes)
        of = Templates.among(self.frame)
        amount = Statement.of(
            InputCode.IMAGES if self.vectors is None else InputCode.EMBEDDINGS,
            images=self.frame.height,
            templates=None if of.trivial else len(of.first),
            subjects=self.frame["subject"].n_unique(),
        )
        attributes = [Statement.of(InputCode.ATTRIBUTES, attributes=self.attributes)] if self.attributes else []
        return self.how, amount, *attributes, *self.notes

    def kept(self, number: int, most: int) -> Statement:
        """Return how many of its rows are kept where a subject has at most so many."""
        code = InputCode.IMAGES_KEPT if self.vectors is None else InputCode.EMBEDDINGS_KEPT
        return Statement.of(code, kept=number, most=most)


def part_of_folder(
    found: FoundImages,
    subjects: Mapping[tuple[str, ...], str],
    *,
    layout: str,
    how: Statement,
    elsewhere: FindingCode,
    nameless: FindingCode,
    attributes: Mapping[str, Mapping[tuple[str, ...], str]] = NOTHING,
    unsure: Sequence[Finding] = (),
) -> InputPart:
    """Return the images of a folder whose `subjects` are known, and report the others.

    `elsewhere` says which images are missing from `subjects`, `nameless` which have a blank subject there.
    `attributes`: of each attribute its value for every image, "" where it has none. `unsure`: why the subjects may be
    others.
    """
    passed_over = {
        elsewhere: [found.path(image) for image in found.images if image not in subjects],
        nameless: [found.path(image) for image, subject in subjects.items() if not subject],
    }
    findings = tuple(
        Finding.of(which, paths, place=str(found.root), images=len(paths))
        for which, paths in passed_over.items()
        if paths
    )
    kept = {image: subject for image, subject in subjects.items() if subject}
    columns = {"path": [found.path(image) for image in kept], "subject": list(kept.values())}
    columns |= {name: [values[image] or None for image in kept] for name, values in attributes.items()}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return InputPart(frame, layout, how, findings=(*found.findings, *findings, *unsure))
