"""How an input was read, apart from words."""

from dataclasses import dataclass
from enum import StrEnum

from facegap.data.statement import Statement


class InputCode(StrEnum):
    """How an input was understood, and what is remarkable about it. `report.text.inputs` has the sentences."""

    PLACE = "place"
    # How it was understood.
    PREFIXES = "file-name-prefixes"
    SUBJECT_FOLDERS = "subject-folders"
    COHORT_FOLDERS = "cohort-folders"
    NAMES = "subjects-from-names"
    TABLE = "table-of-images"
    TABLE_IN_FILES = "table-in-files"
    SAVED = "saved-embeddings"
    PAIRS = "pairs"
    PAIRS_IN_FOLDS = "pairs-in-folds"
    TEMPLATE_PAIRS = "template-pairs"
    SCORE_TABLE = "score-table"
    SCORES_OF_BOB = "scores-of-bob"
    SCORE_MATRIX = "score-matrix"
    SCORES_IN_TWO_FILES = "scores-in-two-files"
    # How much there is.
    NO_IMAGES = "no-images"
    IMAGES = "images"
    EMBEDDINGS = "embeddings"
    # What else is to be said.
    ATTRIBUTES = "attributes"
    INSIDE = "inside-the-file"
    SHIFT_JIS = "shift-jis"
    UTF_16 = "utf-16"
    RESPELT = "respelt"
    IMAGES_KEPT = "images-kept"
    EMBEDDINGS_KEPT = "embeddings-kept"


@dataclass(frozen=True)
class InputSummary:
    """One input as it was read: the name it was given, where it lies and how it was understood.

    `layout` is what `--layout` calls it, e.g. `folders`, or `subject-from`; `found` says what was found there, how it
    was understood first. `label`: what the place is called, where that is not its path.
    """

    name: str
    path: str
    layout: str
    found: tuple[Statement, ...]
    label: str = ""

    @property
    def said(self) -> tuple[Statement, ...]:
        """Where it lies, and what was found."""
        return Statement.of(InputCode.PLACE, place=self.label or self.path), *self.found
