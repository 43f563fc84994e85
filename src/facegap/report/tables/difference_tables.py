"""The tables of differences: between cohorts, between models, and between the models' gaps."""

from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.report.tables.layout import Cell, Table, heads, plain, titled
from facegap.report.text.formatting import unresolved
from facegap.report.text.language import _, capital
from facegap.report.text.methods import method_text
from facegap.report.text.names import names_of
from facegap.report.text.phrases import (
    amount_parts,
    claim,
    end_texts,
    ends_short,
    metric_words,
    p_words,
    size_text,
)
from facegap.report.text.shown_differences import compared, kinds_of, level_of, significant
from facegap.run.text import N_

_KINDS = {
    "cohorts": (
        N_("Cohorts compared, model by model"),
        (N_("Model"), N_("Cohorts"), N_("First cohort"), N_("Second cohort")),
    ),
    "models": (
        N_("Models compared, cohort by cohort"),
        (N_("Models"), N_("Cohort"), N_("First model"), N_("Second model")),
    ),
    "gaps": (
        N_("Gaps compared: is one model more even than another?"),
        (N_("Models"), N_("Cohorts"), N_("Gap of first model"), N_("Gap of second model")),
    ),
}
_FOUND = (N_("Difference"), N_("Minimum detectable"), N_("In words"))


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
        made.append(DifferenceTables(_(_KINDS[kind][0]), blocks))
    return made


def _block(evaluation: Evaluation, kind: str, images: str, place: tuple[str, str], rows: list[dict]) -> MetricBlock:
    level, short = level_of(evaluation), names_of(evaluation)
    columns = tuple(map(_, (*_KINDS[kind][1], *_FOUND)))
    title = capital(metric_words(*place))
    table = Table(titled(title, images), columns, tuple(_row(row, level, short) for row in rows))
    return MetricBlock(title, sum(significant(row, level) for row in rows), table)


def _row(row: dict, level: float, short: dict[str, str]) -> tuple[Cell, ...]:
    first, second = map(plain, end_texts(row))
    if row["value"] is None:
        found = Cell(unresolved(), why=method_text(row), tone="muted")
    else:
        text, interval = amount_parts(row)
        found = Cell(text, tuple(filter(None, (interval, p_words(row)))), why=method_text(row))
    words = Cell(claim(row, level), tone="" if significant(row, level) else "muted", prose=True)
    return *heads(*ends_short(row, short)), first, second, found, plain(size_text(row)), words
