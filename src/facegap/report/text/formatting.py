"""How a number of an evaluation is written: the same in the page and on the command line."""

from collections.abc import Callable
from math import floor, log10

from facegap.metrics.registry import Unit, metric
from facegap.report.text.language import _

ABSENT = "–"
"""An en dash reads as "nothing here"."""
_NOTHING = 1e-6


def unresolved() -> str:
    """Return what stands where the data hold too few comparisons for a number."""
    return _("not resolvable")


def metric_text(row: dict | None) -> str:
    """Return one row of `Evaluation.metrics` as text, with its interval where it has one.

    An absent row is a dash, a null value is `not resolvable`: its `method` says why.

    >>> metric_text({"metric": "auc", "value": 0.942, "low": 0.915, "high": 0.961})
    '0.942 [0.915, 0.961]'
    """
    return " ".join(filter(None, (value_text(row), interval_text(row))))


def value_text(row: dict | None) -> str:
    """Return what `metric_text` says before the interval."""
    if row is None:
        return ABSENT
    return unresolved() if row["value"] is None else _WRITERS[metric(row["metric"]).unit](row["value"])


def interval_text(row: dict | None) -> str:
    """Return the interval of a row in brackets, a dash for a bound that is unknown, or nothing without interval."""
    if row is None or row["value"] is None or metric(row["metric"]).unit is Unit.COUNT:
        return ""
    return bracketed(row["low"], row["high"], percent_bound if in_percent(row) else decimal_bound)


def in_percent(row: dict) -> bool:
    """Return whether a row is about a rate, which is written in percent; two of them differ by points."""
    return metric(row["metric"]).unit is Unit.PERCENT


def bracketed(low: float | None, high: float | None, write: Callable[[float], str]) -> str:
    """Return two bounds in brackets, a dash for one that is unknown, or nothing where both are.

    >>> bracketed(None, 0.961, decimal)
    '[–, 0.961]'
    """
    if low is None and high is None:
        return ""
    return f"[{', '.join(ABSENT if bound is None else write(bound) for bound in (low, high))}]"


def percent_bound(rate: float) -> str:
    """Return an end of an interval in percent, with the two digits that it is worth: `2.1 %`, `84.1 %`, `99.96 %`."""
    share = 100 * rate
    if share < _NOTHING:
        return "0 %"
    if 100 - share < _NOTHING:
        return "100 %"
    digits = max(1 - floor(log10(share)), -floor(log10(100 - share)), 1)
    return f"{share:.{digits}f} %"


def decimal_bound(value: float) -> str:
    """Return an end of an interval as `decimal` does, but as 0 or 1 where it is there for all that counts."""
    return decimal(float(round(value)) if abs(value - round(value)) < _NOTHING else value)


def count(value: float) -> str:
    """Return a count with thousands separated: `44,850`."""
    return f"{int(value):,}"


def decimal(value: float) -> str:
    """Return three decimals, and more where fewer would hide how near 0 or 1 it is: `0.942`, `0.99982`, `3.41`.

    Exactly 0 and 1 have four, so that they don't look like counts.
    """
    if value in (0.0, 1.0):
        return f"{value:.4f}"
    if abs(value) > 1:
        return f"{value:.2f}"
    edge = min(abs(value), abs(1 - value))
    return f"{value:.{max(3, 1 - floor(log10(edge)))}f}"


def percent(rate: float) -> str:
    """Return a rate from 0 to 1 in percent with three significant digits: `93.1 %`, `0.0123 %`, `99.97 %`."""
    share = 100 * rate
    if share <= 0 or share >= 100:
        return f"{share:.0f} %"
    significant, short_of_all = 2 - floor(log10(share)), -floor(log10(100 - share))
    return f"{share:.{max(significant, short_of_all)}f} %"


_WRITERS: dict[Unit, Callable[[float], str]] = {
    Unit.COUNT: count,
    Unit.PEOPLE: lambda value: f"{value:,.0f}" if value >= 10 else f"{value:.1f}",
    Unit.TINY: lambda value: f"{value:.1g}",
    Unit.PERCENT: percent,
    Unit.DECIMAL: decimal,
}


def threshold_text(threshold: float | None) -> str:
    """Return a threshold with four significant digits: `0.6`, `0.3512`."""
    return ABSENT if threshold is None else f"{threshold:.4g}"


def fmr_text(fmr: float) -> str:
    """Return a round false match rate: `0.01`, `1e-5`."""
    return f"{fmr:g}".replace("e-0", "e-")


def limit_text(rate: float) -> str:
    """Return a rate that somebody chose, in percent: `0.1 %`, `5 %`."""
    return f"{100 * rate:g} %"


def share_of(part: int | None, total: int | None) -> str:
    """Return what stands behind a rate, `12 of 44,850`, or nothing where it is unknown."""
    return "" if part is None or total is None else _("{part} of {total}", part=count(part), total=count(total))


def level_text(level: float) -> str:
    """Return a confidence level in percent: `95 %`."""
    return f"{100 * level:g} %"


def doubt_text(level: float) -> str:
    """Return below which p-value a difference is claimed at a confidence level: `0.05`."""
    return f"{1 - level:.2g}"


def p_text(p: float) -> str:
    """Return a p-value as `= 0.006`, `= 0.34` or `< 0.001`."""
    if p < 0.001:
        return "< 0.001"
    return f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def digits_for(half_width: float, *, least: int) -> int:
    """Return how many decimals show two digits of what a number is uncertain by, `least` or more, 6 at most."""
    return least if half_width <= 0 else min(6, max(least, 1 - floor(log10(half_width))))


def signed(value: float, digits: int, *, plus: bool = False) -> str:
    """Return a number with a real minus sign, or a plus if wanted: `−0.041`, `+0.041`; nothing before a zero."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{'−' if value < 0 else '+' if plus else ''}{text}"
