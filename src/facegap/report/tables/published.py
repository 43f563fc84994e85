"""The table of a paper: a line per model and cohort, a column per number."""

from collections.abc import Sequence
from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError, Phrase
from facegap.metrics.registry import whole_of
from facegap.report.text.formatting import metric_text, value_text
from facegap.report.text.language import _
from facegap.report.text.phrases import metric_words, place_words
from facegap.report.text.summary import Cells, metric_cells

USUAL = ("fta", "fmr@shipped", "fnmr@shipped", "fnmr@fmr=0.001", "eer", "auc")
"""The numbers of a table where none are asked for."""


@dataclass(frozen=True)
class Published:
    """A table: the titles of its columns, its lines as texts, and the same as numbers.

    `rows`: a dict a line, with `model`, `cohort` and for each number its value and bounds, null where unknown.
    """

    titles: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    rows: tuple[dict, ...]
    named: int = 2
    """How many columns name a line."""


def published(
    evaluation: Evaluation,
    numbers: Sequence[str] = (),
    *,
    models: Sequence[str] = (),
    cohorts: Sequence[str] = (),
    intervals: bool = True,
) -> Published:
    """Return the table of an evaluation.

    `numbers`: metrics as rules write them, e.g. `auc` or `fnmr@fmr=1e-4`; by default the usual ones that there are.
    `models`, `cohorts`: all by default.

    Raises:
        InputError: the evaluation holds no such number, model or cohort.
    """
    cells = metric_cells(evaluation, "own")
    places = [_place(cells, number) for number in numbers] or [
        found for number in USUAL if (found := _found(cells, *_split(number))) is not None
    ]
    of_models = _named(Phrase("model"), models, evaluation.models["model"].to_list())
    of_cohorts = _named(Phrase("cohort"), cohorts, evaluation.cohorts["cohort"].to_list())
    write = metric_text if intervals else value_text
    lines, rows = [], []
    for model in of_models:
        for cohort in of_cohorts:
            found = [_cell(cells, model, cohort, *place) for place in places]
            lines.append((model, place_words(cohort), *(write(one) for one in found)))
            rows.append({"model": model, "cohort": cohort, **_numbers(places, found)})
    titles = (_("Model"), _("Cohort"), *(metric_words(*place) for place in places))
    return Published(titles, tuple(lines), tuple(rows))


def _named(what: Phrase, asked: Sequence[str], known: list[str]) -> list[str]:
    if unknown := [name for name in asked if name not in known]:
        raise InputError(
            "there is no {what} {name!r}: there are {known}", what=what, name=unknown[0], known=", ".join(known)
        )
    return list(asked) or known


def _split(number: str) -> tuple[str, str]:
    """Return the metric and the operating point of `fnmr@fmr=1e-4`, numbers written as in the table of metrics."""
    name, _at, at = number.partition("@")
    before, rate, value = at.rpartition("fmr=")
    try:
        return name.strip(), f"{before}{rate}{float(value):g}" if rate else at.strip()
    except ValueError:
        return name.strip(), at.strip()


def _place(cells: Cells, number: str) -> tuple[str, str]:
    found = _found(cells, *_split(number))
    if found is None:
        name, _ = _split(number)
        points = dict.fromkeys(at for _, _, metric, at in cells if metric in _sources(name))
        if points:
            there = ", ".join(f"{name}@{at}" if at else name for at in points)
            raise InputError(
                "{name} is not measured there ({number}): there are {there}", name=name, number=number, there=there
            )
        known = sorted({key[2] for key in cells})
        raise InputError("no number is called {name!r}: there are {known}", name=name, known=", ".join(known))
    return found


def _found(cells: Cells, name: str, at: str) -> tuple[str, str] | None:
    """Return a number that is measured; without an operating point it has none, or is at the shipped threshold."""
    known = {(metric, point) for _, _, metric, point in cells}
    tried = [(name, at)] if at else [(name, ""), (name, "shipped")]
    return next((one for one in tried if any((source, one[1]) in known for source in _sources(name))), None)


def _sources(name: str) -> list[str]:
    """Return the metrics that give a number: FNMR at a false match rate is what TAR lacks to 1."""
    whole = whole_of(name)
    return [name] if whole is None else [name, whole.name]


def _cell(cells: Cells, model: str, cohort: str, name: str, at: str) -> dict | None:
    if (row := cells.get((model, cohort, name, at))) is not None:
        return row
    whole = whole_of(name)
    row = whole and cells.get((model, cohort, whole.name, at))
    if not row:
        return None
    value, low, high = (None if row[key] is None else 1 - row[key] for key in ("value", "high", "low"))
    return {**row, "metric": name, "value": value, "low": low, "high": high}


def _numbers(places: Sequence[tuple[str, str]], found: Sequence[dict | None]) -> dict[str, float | None]:
    """Return value and bounds of each number, as columns."""
    columns = {}
    for (name, at), row in zip(places, found, strict=True):
        key = f"{name}@{at}" if at else name
        columns |= {f"{key}{ending}": row and row[part] for part, ending in _PARTS.items()}
    return columns


_PARTS = {"value": "", "low": " low", "high": " high"}
