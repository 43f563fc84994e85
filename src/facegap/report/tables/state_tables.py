"""The small tables of the decision: a line per cohort, the two rates, and whether each keeps its limit."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from facegap.data.evaluation import Evaluation
from facegap.report.text.decisions import (
    as_row,
    headline,
    no_common,
    state_name,
    steps_text,
    threshold_title,
)
from facegap.report.text.formatting import ABSENT, interval_text, limit_text, value_text
from facegap.report.text.language import _, capital, paragraph
from facegap.report.text.names import cohort_name
from facegap.report.text.phrases import metric_name

if TYPE_CHECKING:
    from facegap.jobs.decision import AtThreshold, Card, HeldRate

RATES = ("fmr", "fnmr")

TONES = {"holds": "good", "fails": "bad", "can't tell": "weak"}
"""How a state looks; its word says it too."""


@dataclass(frozen=True)
class State:
    """Whether a limit holds: its word and tone, and the rate that it is about with its interval.

    `why` says how the interval came about, or why there is none.
    """

    state: str
    tone: str
    rate: str = ""
    interval: str = ""
    why: str = ""


@dataclass(frozen=True)
class StateTable:
    """What a model does at a threshold: the state of all, and a line per cohort.

    `columns`: the titles of the rates, each with its limit. `rows`: a cohort with the state of each rate. `note`: why
    there are none.
    """

    title: str
    state: State | None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[State | None, ...]], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class DecisionCard:
    """A card as it is shown: the model, the decision in a sentence, what to do next, and its tables."""

    model: str
    headline: str
    steps: str
    tables: tuple[StateTable, ...]

    @property
    def said(self) -> str:
        """The decision and the next steps."""
        return paragraph([self.headline, *filter(None, [self.steps])])


def decision_cards(evaluation: Evaluation) -> list[DecisionCard]:
    """Return a card for each model."""
    return [
        DecisionCard(one.model, capital(headline(one)), steps_text(one), tuple(_tables(evaluation, one)))
        for one in evaluation.cards()
    ]


def _tables(evaluation: Evaluation, card: "Card") -> list[StateTable]:
    tables = [_table(evaluation, one) for one in card.at]
    if card.at and card.at_which("common") is None:
        place = int(card.at[0].which == "shipped")
        tables.insert(place, StateTable(_("Best common threshold"), None, note=no_common()))
    return tables


def _table(evaluation: Evaluation, at: "AtThreshold") -> StateTable:
    cohorts = list(dict.fromkeys(one.cohort for one in at.held))
    rates = [rate for rate in RATES if any(one.rate == rate for one in at.held)]
    columns = tuple(
        _("{rate} ≤ {limit}", rate=metric_name(rate), limit=limit_text(evaluation.limits.of(rate))) for rate in rates
    )
    rows = tuple((cohort, tuple(_state(at.of(cohort, rate)) for rate in rates)) for cohort in cohorts)
    title, state = (
        threshold_title(at, evaluation.limits, cohorts=len(cohorts)),
        State(state_name(at), TONES[at.verdict]),
    )
    if all(one.measured.value is None for one in at.held):
        return StateTable(title, state, note=capital(str(at.held[0].measured.method)))
    return StateTable(title, state, columns, rows)


def _state(one: "HeldRate | None") -> State | None:
    if one is None:
        return None
    row = as_row(one)
    return State(state_name(one), TONES[one.verdict], value_text(row), interval_text(row), str(one.measured.method))


def state_lines(evaluation: Evaluation) -> tuple[list[str], list[list[str]]]:
    """Return the titles and the lines of one table for a terminal: a line per model, threshold and cohort.

    What a line has in common with the one before is not said again.
    """
    titles = [_("Model"), _("Threshold"), _("Cohort")]
    titles += [
        _("{rate} ≤ {limit}", rate=metric_name(rate), limit=limit_text(evaluation.limits.of(rate))) for rate in RATES
    ]
    lines, before = [], ("", "")
    for card in evaluation.cards():
        for at in card.at:
            cohorts = list(dict.fromkeys(one.cohort for one in at.held))
            title = threshold_title(at, evaluation.limits, cohorts=len(cohorts))
            for cohort in cohorts:
                new = card.model != before[0]
                names = [card.model if new else "", title if new or title != before[1] else ""]
                before = card.model, title
                lines.append([*names, cohort_name(cohort), *(_line(at.of(cohort, rate)) for rate in RATES)])
    return titles, lines


def _line(one: "HeldRate | None") -> str:
    return ABSENT if one is None else _("{state}: {rate}", state=state_name(one), rate=value_text(as_row(one)))
