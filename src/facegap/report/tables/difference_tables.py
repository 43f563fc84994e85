"""The tables of differences: between cohorts, between models, and between the models' gaps."""

from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.report.tables.layout import Cell, Table, caption, heads, plain
from facegap.report.text.formatting import UNRESOLVED
from facegap.report.text.names import names_of
from facegap.report.text.phrases import (
    amount_parts,
    capital,
    claim,
    end_texts,
    ends_short,
    metric_words,
    p_words,
    size_text,
)
from facegap.report.text.shown_differences import compared, kinds_of, level_of, told

_KINDS = {
    "cohorts": ("Cohorts compared, model by model", ("Model", "Cohorts", "First cohort", "Second cohort")),
    "models": ("Models compared, cohort by cohort", ("Models", "Cohort", "First model", "Second model")),
    "gaps": (
        "Gaps compared: is one model more even than another?",
        ("Models", "Cohorts", "Gap of first model", "Gap of second model"),
    ),
}
_FOUND = ("Difference", "Would have found", "In words")


@dataclass(frozen=True)
class MetricBlock:
    """The differences in one number: what it is, how many are told, out of all in its table."""

    title: str
    told: int
    table: Table


@dataclass(frozen=True)
class DifferenceTables:
    """All differences of one kind."""

    title: str
    blocks: tuple[MetricBlock, ...]


def comparisons(evaluation: Evaluation) -> list[DifferenceTables]:
    """Return every difference in the order of the page; none where nothing was compared."""
    made, models = [], evaluation.models["model"].to_list()
    for kind, images in kinds_of(evaluation):
        groups: dict[tuple[str, str], list[dict]] = {}
        for row in sorted(compared(evaluation, kind, images), key=lambda row: models.index(row["model_a"])):
            groups.setdefault((row["metric"], row["at"]), []).append(row)
        blocks = tuple(_block(evaluation, kind, images, place, rows) for place, rows in groups.items())
        made.append(DifferenceTables(_KINDS[kind][0], blocks))
    return made


def _block(evaluation: Evaluation, kind: str, images: str, place: tuple[str, str], rows: list[dict]) -> MetricBlock:
    level, short = level_of(evaluation), names_of(evaluation)
    columns = (*_KINDS[kind][1], *_FOUND)
    title = capital(metric_words(*place))
    table = Table(f"{title}. {caption(images)}", columns, tuple(_row(row, kind, level, short) for row in rows))
    return MetricBlock(title, sum(told(row, level) for row in rows), table)


def _row(row: dict, kind: str, level: float, short: dict[str, str]) -> tuple[Cell, ...]:
    first, second = map(plain, end_texts(row))
    if row["value"] is None:
        found = Cell(UNRESOLVED, why=row["method"], tone="muted")
    else:
        text, interval = amount_parts(row)
        found = Cell(text, tuple(filter(None, (interval, p_words(row)))), why=row["method"])
    text = claim(row, level)
    named = text.startswith((row["model_a"], row["model_b"]))
    words = Cell(text if named else capital(text), tone="" if told(row, level) else "muted", prose=True)
    return *heads(*ends_short(row, short)), first, second, found, plain(size_text(row)), words
