"""What a table of the page is made of."""

from dataclasses import dataclass

from facegap.report.text.formatting import ABSENT, interval_text, value_text
from facegap.report.text.language import _, paragraph
from facegap.report.text.methods import method_text
from facegap.report.text.names import cohort_name
from facegap.report.text.summary import set_words


@dataclass(frozen=True)
class Cell:
    """One cell: its text, smaller `notes` under it, `why` as a tip, and a `tone`.

    A tone is `bad`, `weak`, `muted`, `heat0` to `heat5`, or "". `prose` is text that wraps.
    """

    text: str
    notes: tuple[str, ...] = ()
    why: str = ""
    tone: str = ""
    prose: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose first `heads` columns name the row; `reasons` says why cells hold no number.

    `filters`: the columns by whose values a reader can choose rows.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 2
    reasons: tuple[str, ...] = ()
    filters: tuple[int, ...] = ()


def caption(images: str) -> str:
    """Return over which images the numbers of a table are."""
    if images == "own":
        return _("Own images: {which}", which=set_words(images))
    return _("Common images: {which}", which=set_words(images))


def titled(title: str, images: str) -> str:
    """Return a title before the words that say over which images the numbers of a table are."""
    return paragraph([_("{title}.", title=title), caption(images)])


def heads(model: str, cohort: str) -> tuple[Cell, Cell]:
    """Return the two cells that name a row."""
    return Cell(model), Cell(cohort_name(cohort))


def plain(text: str) -> Cell:
    """Return a cell of text, muted where it says that there is no number."""
    return Cell(text, tone="muted" if text == ABSENT else "")


def number(row: dict | None, *notes: str, tone: str = "") -> Cell:
    """Return a row of `metrics` as a cell: the value, under it the interval and then what else is worth a note."""
    if row is None or row["value"] is None:
        return Cell(value_text(row), why=method_text(row), tone="muted")
    return Cell(value_text(row), tuple(filter(None, (interval_text(row), *notes))), tone=tone)
