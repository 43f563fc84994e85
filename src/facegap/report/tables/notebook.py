"""What a notebook shows of an evaluation: a card a model, with whether it keeps the limits, and its numbers."""

from dataclasses import replace
from html import escape

from facegap.data.evaluation import Evaluation
from facegap.report.tables.formats import html
from facegap.report.tables.published import published
from facegap.report.tables.state_tables import DecisionCard, State, StateTable, decision_cards
from facegap.report.text.decisions import limits_text
from facegap.report.text.formatting import ABSENT
from facegap.report.text.language import _
from facegap.report.text.notices import notice_text
from facegap.report.text.verdict import verdicts

_CARD = "border:1px solid #8888;border-radius:6px;padding:.5em 1em;margin:.5em 0;max-width:70em"


def cards(evaluation: Evaluation) -> str:
    """Return HTML that needs nothing else: the notice, each model's decision and numbers by cohort, the verdicts."""
    notice = notice_text(evaluation)
    said = [f"<p><b>{escape(notice)}</b></p>"] if notice else []
    said.append(f"<p>{escape(limits_text(evaluation.limits))}</p>")
    said += [
        f'<div style="{_CARD}">{_decision(one)}{_numbers(evaluation, one.model)}</div>'
        for one in decision_cards(evaluation)
    ]
    sentences = "".join(f"<p>{escape(str(one))}</p>" for one in verdicts(evaluation))
    return f"<div>{''.join(said)}{sentences}</div>"


def _decision(card: DecisionCard) -> str:
    """Return the decision about a model and what it rests on."""
    parts = [f"<p><b>{escape(card.model)}</b></p><p>{escape(card.headline)} {escape(card.steps)}</p>"]
    return "".join([*parts, *map(_table, card.tables)])


def _table(table: StateTable) -> str:
    title = table.title if table.state is None else _("{about}: {text}", about=table.title, text=table.state.state)
    if not table.rows:
        return f"<p>{escape(title)}. {escape(table.note)}</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in (_("Cohort"), *table.columns))
    rows = "".join(
        f"<tr><th>{escape(cohort)}</th>{''.join(f'<td>{escape(_cell(one))}</td>' for one in states)}</tr>"
        for cohort, states in table.rows
    )
    return f"<table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(one: State | None) -> str:
    if one is None:
        return ABSENT
    return " ".join(filter(None, [_("{state}: {rate}", state=one.state, rate=one.rate), one.interval]))


def _numbers(evaluation: Evaluation, model: str) -> str:
    table = published(evaluation, models=[model])
    lines = tuple(line[1:] for line in table.lines)
    return html(replace(table, titles=table.titles[1:], lines=lines, named=1))
