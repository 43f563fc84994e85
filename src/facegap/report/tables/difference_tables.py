"""The differences between cohorts, between models, and between the models' gaps: states in a matrix, then tables."""

from collections.abc import Iterable
from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.report.tables.layout import Cell, Table, heads, plain, titled
from facegap.report.text.formatting import unresolved
from facegap.report.text.language import _, capital, in_a_row, ngettext
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
        (N_("Model"), N_("Cohorts"), N_("Number"), N_("First cohort"), N_("Second cohort")),
    ),
    "models": (
        N_("Models compared, cohort by cohort"),
        (N_("Models"), N_("Cohort"), N_("Number"), N_("First model"), N_("Second model")),
    ),
    "gaps": (
        N_("Gaps compared: is one model more even than another?"),
        (N_("Models"), N_("Cohorts"), N_("Number"), N_("Gap of first model"), N_("Gap of second model")),
    ),
}
_FOUND = (N_("Difference"), N_("Minimum detectable"), N_("In words"))


@dataclass(frozen=True)
class State:
    """How many numbers of two ends were tested, how many differ significantly, and which; `ends` as the tables say."""

    significant: int
    tested: int
    which: str
    ends: tuple[str, str]


@dataclass(frozen=True)
class States:
    """A matrix of states: a row is its name and its states, None where there is nothing to compare."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[State | None, ...]], ...]


@dataclass(frozen=True)
class DifferenceTables:
    """All differences of one kind: how many tests they are, as a sentence; states; the significant ones; the others."""

    kind: str
    title: str
    tests: str
    states: tuple[States, ...]
    significant: Table
    others: Table


def comparisons(evaluation: Evaluation) -> list[DifferenceTables]:
    """Return every difference in the order of the page; none where nothing was compared."""
    return [_of_kind(evaluation, kind, images) for kind, images in kinds_of(evaluation)]


def _of_kind(evaluation: Evaluation, kind: str, images: str) -> DifferenceTables:
    models, level, short = evaluation.models["model"].to_list(), level_of(evaluation), names_of(evaluation)
    rows = sorted(compared(evaluation, kind, images), key=lambda row: models.index(row["model_a"]))
    sure = sorted((row for row in rows if significant(row, level)), key=lambda row: row["p_holm"])
    others = [row for row in rows if not significant(row, level)]
    tested = sum(row["p_holm"] is not None for row in rows)
    title = _(_KINDS[kind][0])
    tests = ngettext(
        "{n} test, which Holm's adjustment counts; {significant} significant.",
        "{n} tests, all of which Holm's adjustment counts; {significant} significant.",
        tested,
        n=tested,
        significant=len(sure),
    )
    columns = tuple(map(_, (*_KINDS[kind][1], *_FOUND)))
    captions = _("Significant differences"), _("Differences that are not significant, or were not tested")
    tables = (
        Table(titled(caption, images), columns, tuple(_row(row, level, short) for row in those), filters=(0, 1, 2))
        for caption, those in zip(captions, (sure, others), strict=True)
    )
    states = _between_cohorts(rows, level, short) if kind == "cohorts" else _between_models(rows, level, short, title)
    return DifferenceTables(kind, title, tests, tuple(states), *tables)


def _between_cohorts(rows: list[dict], level: float, short: dict[str, str]) -> Iterable[States]:
    """Yield the cohorts against each other, a matrix a model; each two stand once, below the diagonal."""
    for model in dict.fromkeys(row["model_a"] for row in rows):
        found: dict[tuple[str, str], list[dict]] = {}
        for row in (row for row in rows if row["model_a"] == model):
            found.setdefault((row["cohort_a"], row["cohort_b"]), []).append(row)
        names = list(dict.fromkeys(name for ends in found for name in ends))
        lines = tuple(
            (short[name], tuple(_state(found.get((other, name), []), level, short) for other in names[:-1]))
            for name in names[1:]
        )
        yield States(short[model], tuple(short[name] for name in names[:-1]), lines)


def _between_models(rows: list[dict], level: float, short: dict[str, str], title: str) -> Iterable[States]:
    """Yield a row for each cohort, or two of them, and a column for each two models."""
    found: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        found.setdefault(ends_short(row, short), []).append(row)
    models, places = (tuple(dict.fromkeys(ends[k] for ends in found)) for k in (0, 1))
    lines = ((place, tuple(_state(found.get((both, place), []), level, short) for both in models)) for place in places)
    yield States(title, models, tuple(lines))


def _state(rows: list[dict], level: float, short: dict[str, str]) -> State | None:
    if not rows:
        return None
    sure = [metric_words(row["metric"], row["at"]) for row in rows if significant(row, level)]
    tested = sum(row["p_holm"] is not None for row in rows)
    return State(len(sure), tested, in_a_row(sure), ends_short(rows[0], short))


def _row(row: dict, level: float, short: dict[str, str]) -> tuple[Cell, ...]:
    first, second = map(plain, end_texts(row))
    if row["value"] is None:
        found = Cell(unresolved(), why=method_text(row), tone="muted")
    else:
        text, interval = amount_parts(row)
        found = Cell(text, tuple(filter(None, (interval, p_words(row)))), why=method_text(row))
    sure = significant(row, level)
    said = claim(row, level) if sure else _("not significant") if row["p_holm"] is not None else _("not tested")
    words = Cell(said, tone="" if sure else "muted", prose=sure)
    number = Cell(capital(metric_words(row["metric"], row["at"])), prose=True)
    return *heads(*ends_short(row, short)), number, first, second, found, plain(size_text(row)), words
