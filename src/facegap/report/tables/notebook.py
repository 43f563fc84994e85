"""What a notebook shows of an evaluation: a card a model, with a line per cohort."""

from dataclasses import replace
from html import escape

from facegap.data.evaluation import Evaluation
from facegap.report.tables.formats import html
from facegap.report.tables.published import published
from facegap.report.text.verdict import verdicts

_CARD = "border:1px solid #8888;border-radius:6px;padding:.5em 1em;margin:.5em 0;max-width:70em"


def cards(evaluation: Evaluation) -> str:
    """Return HTML that needs nothing else: the notice, each model with its numbers by cohort, the verdicts."""
    said = [f"<p><b>{escape(evaluation.notice)}</b></p>"] if evaluation.notice else []
    for model in evaluation.models["model"]:
        table = published(evaluation, models=[model])
        lines = tuple(line[1:] for line in table.lines)
        numbers = html(replace(table, titles=table.titles[1:], lines=lines, named=1))
        said.append(f'<div style="{_CARD}"><b>{escape(model)}</b>{numbers}</div>')
    sentences = "".join(f"<p>{escape(str(one))}</p>" for one in verdicts(evaluation))
    return f"<div>{''.join(said)}{sentences}</div>"
