"""Differences in plain words: which end is worse, by how much, and what these data cannot tell."""

from facegap.data.manifest import POOLED
from facegap.metrics.operating_points import OperatingPoint, kind_of
from facegap.metrics.registry import metric
from facegap.report.text.formatting import ABSENT, bracketed, decimal, digits_for, in_percent, p_text, percent, signed
from facegap.report.text.shown_differences import in_order, told

_FAR = 1000


def metric_words(name: str, at: str) -> str:
    """Return what is measured: `AUC`, `FNMR at FMR 0.001`, `FMR at the shipped threshold`."""
    label = metric(name).label or name
    if not at:
        return label
    return f"best {label}" if at.startswith("best-") else f"{label} {at_words(at)}"


def at_words(at: str) -> str:
    """Return an operating point in words: `at FMR 0.001`, `at the shipped threshold`."""
    cohort, _, fmr = at.rpartition("@fmr=")
    if cohort:
        return f"at the threshold for FMR {fmr} {'over all cohorts' if cohort == POOLED else f'in {cohort}'}"
    return f"at FMR {at.removeprefix('fmr=')}" if at.startswith("fmr=") else f"at the {at} threshold"


def at_short(at: str) -> str:
    """Return an operating point for a narrow column: `shipped`, `general, FMR ≤ 0.001`."""
    cohort, _, fmr = at.rpartition("@fmr=")
    return f"{cohort}, FMR ≤ {fmr}" if cohort else at


def ends_short(row: dict, short: dict[str, str]) -> tuple[str, str]:
    """Return the models and the cohorts that a row is about, each once, for narrow columns."""
    models, cohorts = (dict.fromkeys(short[row[f"{end}_{side}"]] for side in "ab") for end in ("model", "cohort"))
    return " / ".join(models), " / ".join(cohorts)


def claim(row: dict, level: float) -> str:
    """Return in words which end is better or worse, that no difference can be told, or was tested; no numbers."""
    if row["value"] is None or row["p_holm"] is None:
        return f"not tested between {_about(row)}"
    if not told(row, level):
        return f"no difference can be told between {_about(row)}"
    row = in_order(row)
    if row["kind"] == "models":
        # Each model's own threshold trades one error for the other: fewer of one kind is not better.
        act = metric(row["metric"]).act
        traded = act and kind_of(row["at"]) is not OperatingPoint.FMR
        wins = f"{act} less often" if traded else "is better"
        return f"{row['model_a']} {wins} than {row['model_b']} on {place_words(row['cohort_a'])}"
    if row["kind"] == "cohorts":
        return f"{row['model_a']} is worse on {place_words(row['cohort_a'])} than on {place_words(row['cohort_b'])}"
    cohorts = f"between {place_words(row['cohort_a'])} and {place_words(row['cohort_b'])}"
    if row["value_a"] * row["value_b"] < 0:
        return f"the gap {cohorts} goes one way with {row['model_a']} and the other with {row['model_b']}"
    return f"the gap {cohorts} is smaller with {row['model_a']} than with {row['model_b']}"


def sentence(row: dict, level: float) -> str:
    """Return a tested difference as a full sentence with its numbers, without the full stop."""
    found = told(row, level)
    seen = in_order(row) if found else row
    if found and row["scale"] == "ratio":
        worse, better = (place_words(seen[f"cohort_{side}"]) for side in "ab")
        return (
            f"{seen['model_a']} {metric(row['metric']).act} {amount(seen)} as often on {worse} as on {better} "
            f"{at_words(row['at'])}, {p_words(row)}"
        )
    missed = "" if found or row["detectable"] is None else f"; {would_have_found(row)}"
    return f"{claim(row, level)}: {numbers(seen)}{missed}"


def numbers(row: dict) -> str:
    """Return what is compared with its numbers: `AUC 0.914 against 0.979, −0.065 [−0.090, −0.040], p < 0.001`."""
    best = row["at"].startswith("best-")
    name = f"{'gap in ' if row['kind'] == 'gaps' else ''}{metric_words(row['metric'], row['at'] if best else '')}"
    where = f" {at_words(row['at'])}" if row["at"] and not best else ""
    return f"{name} {' against '.join(end_texts(row))}{where}, {amount(row)}, {p_words(row)}"


def amount(row: dict) -> str:
    """Return the value of a difference with its interval: `−0.041 [−0.070, −0.012]`, `3.1 times [1.2, 8.0]`."""
    return " ".join(filter(None, amount_parts(row)))


def amount_parts(row: dict) -> tuple[str, str]:
    """Return the value of a difference and its interval apart; rates differ by percentage points."""
    value, low, high = row["value"], row["low"], row["high"]
    if value is None:
        return ABSENT, ""
    if row["scale"] == "ratio":
        return f"{times(value)} times", bracketed(low, high, times)
    scale, least = (100, 1) if in_percent(row) else (1, 3)
    half = value if low is None or high is None else (high - low) / 2
    digits = digits_for(abs(scale * half), least=least)
    text = signed(scale * value, digits, plus=True)
    interval = bracketed(low, high, lambda bound: signed(scale * bound, digits))
    return (f"{text} points" if scale == 100 else text), interval


def size_text(row: dict) -> str:
    """Return the difference that would have been found, as a number of its own kind, or a dash."""
    found = row["detectable"]
    if found is None:
        return ABSENT
    if row["scale"] == "ratio":
        return f"{times(found)} times"
    return f"{100 * found:.2g} points" if in_percent(row) else f"{found:.2g}"


def would_have_found(row: dict) -> str:
    """Return how large a difference had to be for these data to show it."""
    return f"these data would have found {size_text(row)} with 80 % power"


def end_texts(row: dict) -> tuple[str, str]:
    """Return the two values that are compared; those of a gap are themselves differences, with their signs."""
    if row["kind"] == "gaps":
        first, second = ({**row, "value": row[f"value_{side}"], "scale": "difference"} for side in "ab")
        return amount_parts(first)[0], amount_parts(second)[0]
    write = percent if in_percent(row) else decimal
    first, second = (ABSENT if row[f"value_{side}"] is None else write(row[f"value_{side}"]) for side in "ab")
    return first, second


def times(factor: float) -> str:
    """Return a factor with two digits, three near 1, and only the order beyond 1000: `3.1`, `1.14`, `120`."""
    if not 1 / _FAR < factor < _FAR:
        return f"> {_FAR}" if factor > 1 else f"< {1 / _FAR:g}"
    return f"{factor:.{0 if factor >= 10 else 1 if factor >= 2 else 2}f}" if factor >= 0.1 else f"{factor:.2g}"


def p_words(row: dict) -> str:
    """Return the p-value of no difference that decides: the one adjusted after Holm."""
    return "not tested" if row["p_holm"] is None else f"p {p_text(row['p_holm'])}"


def place_words(cohort: str) -> str:
    """Return a cohort as a place: that of all of them has a name of its own."""
    return "all cohorts together" if cohort == POOLED else cohort


def capital(text: str) -> str:
    """Return text with a capital first letter."""
    return text[:1].upper() + text[1:]


def listed(names: list[str]) -> str:
    """Return names as an enumeration: `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _about(row: dict) -> str:
    cohorts = f"{place_words(row['cohort_a'])} and {place_words(row['cohort_b'])}"
    if row["kind"] == "cohorts":
        return f"{cohorts} with {row['model_a']}"
    models = f"{row['model_a']} and {row['model_b']}"
    return (
        f"{models} on {place_words(row['cohort_a'])}"
        if row["kind"] == "models"
        else f"{models} in the gap of {cohorts}"
    )
