"""A forest as a picture that needs no script: SVG in the colours of the chart that takes its place."""

import unicodedata
from collections.abc import Callable, Iterator
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from markupsafe import escape

from facegap.report.charts.charts import LIMIT, PALETTE, lowest_decade
from facegap.run.visible import shown

if TYPE_CHECKING:
    from facegap.report.charts.figures.forest import Panel

_WIDTH, _ROW, _GAP, _AXIS, _RIGHT = 360, 13, 8, 20, 18
_LETTER, _LETTERS = 6.2, 19
"""Pixels of a half-wide letter, and how many of them a cohort's name has room for."""
_INK, _LINE, _FRAME = "#333333", "#ececec", "#d0d0d0"

Place = Callable[[float], float]


def still_forest(panel: "Panel") -> str:
    """Return a panel as an SVG element: points with their intervals, and the line of the limit."""
    rows = panel.rows.to_dicts()
    models, cohorts = (list(dict.fromkeys(row[name] for row in rows)) for name in ("model", "cohort"))
    left = _LETTER * min(_LETTERS, max(map(_letters, cohorts))) + 8
    height = len(cohorts) * (_ROW * len(models) + _GAP)
    ticks, place = _axis(panel, left)
    parts = [f'<path fill="none" stroke="{_FRAME}" d="M{left:.1f} .5H{_WIDTH - _RIGHT}V{height}H{left:.1f}Z"/>']
    for tick, text in ticks:
        parts.append(f'<path stroke="{_LINE}" d="M{place(tick):.1f} 1V{height - 1}"/>')
        parts.append(_text(text, place(tick), height + 15, "middle"))
    if panel.limit is not None:
        dashed = f'stroke="{LIMIT}" stroke-width="1.5" stroke-dasharray="4 3"'
        parts.append(f'<path {dashed} d="M{place(panel.limit):.1f} 0V{height}"/>')
    for k, cohort in enumerate(cohorts):
        middle = (k + 0.5) * height / len(cohorts)
        parts.append(_text(_cut(cohort), left - 6, middle + 4, "end"))
        for row in (row for row in rows if row["cohort"] == cohort):
            at = middle + (models.index(row["model"]) - (len(models) - 1) / 2) * _ROW
            parts.append(_bar(row, at, PALETTE[models.index(row["model"]) % len(PALETTE)], place))
    legend = list(_legend(models, left, height + _AXIS)) if len(models) > 1 else []
    tall = height + _AXIS + 18 * len(legend)
    return f'<svg class="still" viewBox="0 0 {_WIDTH} {tall}" font-size="12">{"".join(parts + legend)}</svg>'


def _axis(panel: "Panel", left: float) -> tuple[list[tuple[float, str]], Place]:
    """Return the numbers that an axis is labelled with, with their texts, and where a number lies on it."""
    numbers = [*panel.rows["value"], *panel.rows["low"], *panel.rows["high"], panel.limit]
    known = np.array([number for number in numbers if number is not None])
    if panel.log:
        lowest = lowest_decade(pl.Series(known))
        ticks = [10.0**e for e in range(lowest, 1)]
        ends, scale = (float(lowest), 0.0), lambda number: log10(max(number, 10.0**lowest))
    else:
        low, high = min(0.0, known.min()) if panel.percent else known.min(), known.max()
        step = _step((high - low) / 4)
        ticks = [step * k for k in range(floor(low / step), ceil(high / step) + 1)]
        ends, scale = (ticks[0], ticks[-1]), float
    width = _WIDTH - _RIGHT - left
    texts = [f"{100 * tick:.6g}%" if panel.percent or panel.log else f"{tick:.6g}" for tick in ticks]
    return list(
        zip(ticks, texts, strict=True)
    ), lambda number: left + width * (scale(number) - ends[0]) / (ends[1] - ends[0])


def _step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is at least so large."""
    if least <= 0:
        return 1.0
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _bar(row: dict, at: float, colour: str, place: Place) -> str:
    value = place(row["value"])
    low, high = (value if row[end] is None else place(row[end]) for end in ("low", "high"))
    line = f'<path stroke="{colour}" stroke-width="2" d="M{low:.1f} {at:.1f}H{high:.1f}"/>'
    return f'{line}<circle fill="{colour}" cx="{value:.1f}" cy="{at:.1f}" r="4"/>'


def _legend(models: list[str], left: float, top: float) -> Iterator[str]:
    for k, model in enumerate(models):
        at = top + 18 * k + 9
        yield f'<circle fill="{PALETTE[k % len(PALETTE)]}" cx="{left + 5:.1f}" cy="{at:.1f}" r="4"/>' + _text(
            model, left + 16, at + 4, "start"
        )


def _text(text: str, x: float, y: float, anchor: str) -> str:
    return f'<text fill="{_INK}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(shown(text))}</text>'


def _letters(text: str) -> int:
    """Return how many half-wide letters a text is as wide as."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in shown(text))


def _cut(text: str) -> str:
    """Return a text that has room before the axis."""
    if _letters(text) <= _LETTERS:
        return text
    while _letters(text) >= _LETTERS:
        text = text[:-1]
    return f"{text}…"
