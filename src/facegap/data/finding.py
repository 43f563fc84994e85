"""What a person should look at in the data: its kinds, and which findings there are of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from facegap.data.statement import Statement


class FindingCode(StrEnum):
    """What was found. `kind`: what it is about; several codes may share one.

    `report.text` has the sentence of each code, with the names of the values that it gives.
    """

    kind: str

    def __new__(cls, code: str, kind: str = "") -> "FindingCode":
        """Return a member; its kind is called like the code where nothing else is given."""
        member = str.__new__(cls, code)
        member._value_, member.kind = code, kind or code
        return member

    # Files that were passed over.
    NO_IMAGES = "no-images-by-suffix", "ignored"
    NAMES_NOT_UNICODE = "names-not-unicode", "ignored"
    CLOSED_FOLDERS = "closed-folders", "ignored"
    OUTSIDE_ARCHIVE = "outside-archive", "ignored"
    IN_FOLDER_ITSELF = "in-folder-itself", "ignored"
    IN_BLANK_SUBFOLDER = "in-blank-subfolder", "ignored"
    IN_SUBFOLDERS = "in-subfolders", "ignored"
    BLANK_PREFIX = "blank-prefix", "ignored"
    NAMES_THAT_DO_NOT_FIT = "names-that-do-not-fit", "ignored"
    EMPTY_SUBJECT = "empty-subject", "ignored"
    OUTSIDE_SUBJECT_FOLDERS = "outside-subject-folders", "ignored"
    IN_BLANK_FOLDER = "in-blank-folder", "ignored"
    # Columns, arrays and rows that were passed over.
    UNUSED_ARRAYS = "unused-arrays", "ignored"
    NESTED_COLUMNS = "nested-columns", "ignored"
    CONTRADICTORY_COLUMNS = "contradictory-columns", "ignored"
    SCORES_BESIDE_PAIRS = "scores-beside-pairs", "ignored"
    ONE_COLUMN_FOR_BOTH = "one-column-for-both", "ignored"
    FOLDS_OF_SCORES = "folds-of-scores", "ignored"
    COMPARED_WITH_ITSELF = "compared-with-itself", "ignored"
    ABSENT = "absent"
    AT_URLS = "at-urls", "remote-images"
    UNKNOWN_IMAGES = "unknown-images", "ignored"
    IN_NO_PAIR = "in-no-pair", "ignored"
    ROWS_TWICE = "rows-twice", "duplicate"
    COMPARISONS_TWICE = "comparisons-twice", "duplicate"
    # Who is who.
    FOLDERS_IN_SUBJECTS = "folders-in-subjects", "unsure-subjects"
    SEVERAL_PEOPLE_IN_FOLDERS = "several-people-in-folders", "unsure-subjects"
    UNSURE_PREFIX = "unsure-prefix", "unsure-subjects"
    COHORTS_OR_SUBJECTS = "cohorts-or-subjects", "unsure-subjects"
    FOLDERS_IN_COHORT_SUBJECTS = "folders-in-cohort-subjects", "unsure-subjects"
    SEVERAL_FORMS = "several-forms"
    EQUAL_NAMES = "equal-names"
    GUESSED_FROM_PAIRS = "guessed-from-pairs", "guessed-subjects"
    GUESSED_FROM_TEMPLATES = "guessed-from-templates", "guessed-subjects"
    GUESSED_FROM_SCORES = "guessed-from-scores", "guessed-subjects"
    UNKNOWN_SUBJECTS = "unknown-subjects"
    SHARED_SUBJECT = "shared-subject"
    SHARED_ACROSS = "shared-across", "shared-subject"
    # Labels that contradict each other or the files.
    ONE_IMAGE_OF_TWO = "one-image-of-two", "label-conflict"
    SAME_BYTES_OF_TWO = "same-bytes-of-two", "label-conflict"
    PAIRS_AT_ODDS = "pairs-at-odds", "label-conflict"
    SCORES_AT_ODDS = "scores-at-odds", "label-conflict"
    SAME_BYTES = "same-bytes", "duplicate"
    # What cannot be compared, or weighs too much.
    EMPTY_COHORT = "empty-cohort"
    SINGLE_IMAGE = "single-image"
    COHORT_WITHOUT_GENUINE = "cohort-without-genuine", "no-genuine"
    GENUINE_ELSEWHERE = "genuine-elsewhere", "no-genuine"
    COHORT_OF_ONE = "cohort-of-one", "no-impostor"
    PAIRS_WITHOUT_GENUINE = "pairs-without-genuine", "no-genuine"
    PAIRS_WITHOUT_IMPOSTOR = "pairs-without-impostor", "no-impostor"
    SCORES_WITHOUT_GENUINE = "scores-without-genuine", "no-genuine"
    SCORES_WITHOUT_IMPOSTOR = "scores-without-impostor", "no-impostor"
    UNEVEN_SUBJECTS = "uneven-subjects"
    DIFFERENT_INPUTS = "different-inputs"
    DRAWN_COMPARISONS = "drawn-comparisons"
    SUBJECTS_ALIKE = "subjects-alike"
    # Scores that were given.
    DIRECTION = "direction"
    ROUNDED = "rounded"
    ASYMMETRIC = "asymmetric"
    WITHOUT_SCORE = "without-score", "missing-score"
    MODEL_WITHOUT_SCORE = "model-without-score", "missing-score"
    UNANSWERED = "unanswered", "missing-score"
    SCALED_GREY = "scaled-grey"
    TEMPLATE_FAILURES = "template-failures"
    # A network that is probably not fed what it wants.
    GUESSED_CONTRACT = "guessed-contract"
    UNIT_SCALE = "unit-scale"
    NORMALISED_TWICE = "normalised-twice"
    ZERO_EMBEDDINGS = "zero-embeddings"
    CONSTANT_EMBEDDINGS = "constant-embeddings"
    NO_SPREAD = "no-spread"
    # Numbers that need a second look.
    NOT_RESOLVABLE = "not-resolvable"
    NOT_MEASURED = "not-measured"
    PER_SUBJECT = "per-subject"
    ONE_CARRIES = "one-carries"
    # What an anonymous report may say of what it must not quote.
    HIDDEN_IGNORED = "hidden-ignored", "ignored"
    HIDDEN_ABSENT = "hidden-absent", "absent"
    HIDDEN_AT_URLS = "hidden-at-urls", "remote-images"
    HIDDEN_DUPLICATE = "hidden-duplicate", "duplicate"
    HIDDEN_CONFLICT = "hidden-conflict", "label-conflict"
    HIDDEN_UNSURE = "hidden-unsure", "unsure-subjects"
    HIDDEN_FORMS = "hidden-forms", "several-forms"
    HIDDEN_NAMES = "hidden-names", "equal-names"
    HIDDEN_GUESSED = "hidden-guessed", "guessed-subjects"


@dataclass(frozen=True)
class Finding:
    """Something in the data that a person should look at; facegap reports it and never mends it.

    `kind`: what it is about, as in `FindingCode.kind`. `said`: what was found. `paths`: the images concerned, if any.
    """

    kind: str
    said: Statement
    paths: tuple[str, ...] = ()

    @classmethod
    def of(cls, code: FindingCode, paths: Iterable[str] = (), /, **values: object) -> "Finding":
        """Return a finding with the values that its sentence gives."""
        return cls(code.kind, Statement.of(code, **values), tuple(paths))
