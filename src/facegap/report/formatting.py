"""How a number of an evaluation is written: the same in the page and on the command line."""

from math import floor, log10

ABSENT = "–"
"""An en dash reads as "nothing here"."""
UNRESOLVED = "not resolvable"
PERCENT = frozenset({"fta", "eer", "fmr", "fnmr", "genuine_share"})
COUNTS = frozenset({"images", "subjects", "genuine", "impostor"})


def metric_text(row: dict | None) -> str:
    """Return one row of `Evaluation.metrics` as text, with its interval where it has one.

    An absent row is a dash, a null value is `not resolvable`: its `method` says why.

    >>> metric_text({"metric": "auc", "value": 0.942, "low": 0.915, "high": 0.961})
    '0.942 [0.915, 0.961]'
    """
    if row is None:
        return ABSENT
    metric, value, low, high = row["metric"], row["value"], row["low"], row["high"]
    if value is None:
        return UNRESOLVED
    if metric in COUNTS:
        return count(value)
    if metric == "auc_bound":
        return f"{value:.1g}"
    write = percent if metric in PERCENT else decimal
    if low is None or high is None:
        return write(value)
    return f"{write(value)} [{write(low)}, {write(high)}]"


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


def threshold_text(threshold: float | None) -> str:
    """Return a threshold with four significant digits: `0.6`, `0.3512`."""
    return ABSENT if threshold is None else f"{threshold:.4g}"


def share_of(part: int | None, total: int | None) -> str:
    """Return what stands behind a rate, `12 of 44,850`, or nothing where it is unknown."""
    return "" if part is None or total is None else f"{count(part)} of {count(total)}"
