"""Differences in plain words: which end is worse, by how much, and what these data cannot tell."""

from facegap.data.manifest import POOLED
from facegap.metrics.operating_points import OperatingPoint, kind_of, parse_at
from facegap.metrics.registry import metric
from facegap.report.text.formatting import ABSENT, bracketed, decimal, digits_for, in_percent, p_text, percent, signed
from facegap.report.text.language import _
from facegap.report.text.names import cohort_name
from facegap.report.text.shown_differences import in_order, significant
from facegap.run.text import N_

_NOT_TESTED = {
    "cohorts": N_("Not tested between {first} and {second} with {model}"),
    "models": N_("Not tested between {model} and {other} on {first}"),
    "gaps": N_("Not tested between {model} and {other} in the gap of {first} and {second}"),
}
_NOT_SIGNIFICANT = {
    "cohorts": N_("No significant difference between {first} and {second} with {model}"),
    "models": N_("No significant difference between {model} and {other} on {first}"),
    "gaps": N_("No significant difference between {model} and {other} in the gap of {first} and {second}"),
}
_FAR = 1000


def metric_name(name: str) -> str:
    """Return what a metric is called in sentences."""
    label = metric(name).label
    return _(label) if label else name


def metric_words(name: str, at: str) -> str:
    """Return what is measured: `AUC`, `FMR at the shipped threshold`."""
    label = metric_name(name)
    if not at:
        return label
    if parse_at(at).metric:
        return _("best {metric}", metric=label)
    return _("{metric} {at}", metric=label, at=at_words(at))


def at_words(at: str) -> str:
    """Return an operating point in words: `at the shipped threshold`."""
    found = parse_at(at)
    if found.cohort == POOLED:
        return _("at the threshold for FMR {fmr} over all cohorts", fmr=found.fmr)
    if found.cohort:
        return _("at the threshold for FMR {fmr} in {cohort}", fmr=found.fmr, cohort=found.cohort)
    if found.kind is OperatingPoint.FMR:
        return _("at each cohort's own threshold for FMR {fmr}", fmr=found.fmr)
    return (
        _("at the shipped threshold") if found.kind is OperatingPoint.SHIPPED else _("at the {name} threshold", name=at)
    )


def threshold_words(at: str) -> str:
    """Return an operating point that was chosen on a cohort: `The threshold for FMR 0.001 in general`."""
    found = parse_at(at)
    if found.cohort == POOLED:
        return _("The threshold for FMR {fmr} over all cohorts", fmr=found.fmr)
    return _("The threshold for FMR {fmr} in {cohort}", fmr=found.fmr, cohort=found.cohort)


def at_short(at: str) -> str:
    """Return an operating point for a narrow column: `shipped`, `general, FMR ≤ 0.001`."""
    found = parse_at(at)
    if found.cohort:
        return _("{cohort}, FMR ≤ {fmr}", cohort=cohort_name(found.cohort), fmr=found.fmr)
    return _("shipped") if found.kind is OperatingPoint.SHIPPED else at


def ends_short(row: dict, short: dict[str, str]) -> tuple[str, str]:
    """Return the models and the cohorts that a row is about, each once, for narrow columns."""
    models, cohorts = (dict.fromkeys(short[row[f"{end}_{side}"]] for side in "ab") for end in ("model", "cohort"))
    return " / ".join(models), " / ".join(cohorts)


def claim(row: dict, level: float) -> str:
    """Return in words which end is better or worse, that no difference is significant, or was tested; no numbers."""
    if row["value"] is None or row["p_holm"] is None:
        return _(_NOT_TESTED[row["kind"]], **_ends(row))
    if not significant(row, level):
        return _(_NOT_SIGNIFICANT[row["kind"]], **_ends(row))
    row = in_order(row)
    if row["kind"] == "models":
        # Each model's own threshold trades one error for the other: fewer of one kind is not better.
        act = metric(row["metric"]).act
        ends = {"model": row["model_a"], "other": row["model_b"], "place": place_words(row["cohort_a"])}
        if act and kind_of(row["at"]) is not OperatingPoint.FMR:
            return _("{model} {act} less often than {other} on {place}", act=_(act), **ends)
        return _("{model} is better than {other} on {place}", **ends)
    if row["kind"] == "cohorts":
        return _("{model} is worse on {first} than on {second}", **_ends(row))
    if row["value_a"] * row["value_b"] < 0:
        return _(
            "The gap between {first} and {second} goes one way with {model} and the other with {other}", **_ends(row)
        )
    return _("The gap between {first} and {second} is smaller with {model} than with {other}", **_ends(row))


def sentence(row: dict, level: float) -> str:
    """Return a significant difference as a full sentence with its numbers, without the full stop."""
    row = in_order(row)
    if row["scale"] == "ratio":
        return _("{model} {act} {amount} as often on {worse} as on {better} {at}, {p}", **as_often(row))
    if row["kind"] != "gaps":
        return _("{claim}: {numbers}", claim=claim(row, level), numbers=numbers(row))
    said = (
        N_("the gap between {first} and {second} goes one way with {model} and the other with {other}: {numbers}")
        if row["value_a"] * row["value_b"] < 0
        else N_("the gap between {first} and {second} is smaller with {model} than with {other}: {numbers}")
    )
    return _(said, **_ends(row), numbers=numbers(row))


def as_often(row: dict) -> dict[str, str]:
    """Return what a sentence says of a ratio between cohorts, the worse one first, by the names of its places."""
    worse, better = (place_words(row[f"cohort_{side}"]) for side in "ab")
    named = {"model": row["model_a"], "act": _(metric(row["metric"]).act), "worse": worse, "better": better}
    return {**named, "amount": amount(row), "at": at_words(row["at"]), "p": p_words(row)}


def numbers(row: dict) -> str:
    """Return what is compared with its numbers: `AUC 0.914 against 0.979, −0.065 [−0.090, −0.040], p < 0.001`."""
    best = bool(parse_at(row["at"]).metric)
    where = at_words(row["at"]) if row["at"] and not best else ""
    first, second = end_texts(row)
    named = {"metric": metric_words(row["metric"], row["at"] if best else ""), "first": first, "second": second}
    found = {**named, "at": where, "amount": amount(row), "p": p_words(row)}
    if row["kind"] == "gaps":
        if where:
            return _("gap in {metric} {first} against {second} {at}, {amount}, {p}", **found)
        return _("gap in {metric} {first} against {second}, {amount}, {p}", **found)
    if where:
        return _("{metric} {first} against {second} {at}, {amount}, {p}", **found)
    return _("{metric} {first} against {second}, {amount}, {p}", **found)


def amount(row: dict) -> str:
    """Return the value of a difference with its interval: `−0.041 [−0.070, −0.012]`, `3.1 times [1.2, 8.0]`."""
    return " ".join(filter(None, amount_parts(row)))


def amount_parts(row: dict) -> tuple[str, str]:
    """Return the value of a difference and its interval apart; rates differ by percentage points."""
    value, low, high = row["value"], row["low"], row["high"]
    if value is None:
        return ABSENT, ""
    if row["scale"] == "ratio":
        return _("{factor} times", factor=times(value)), bracketed(low, high, times)
    scale, least = (100, 1) if in_percent(row) else (1, 3)
    half = value if low is None or high is None else (high - low) / 2
    digits = digits_for(abs(scale * half), least=least)
    text = signed(scale * value, digits, plus=True)
    interval = bracketed(low, high, lambda bound: signed(scale * bound, digits))
    return (_("{number} points", number=text) if scale == 100 else text), interval


def size_text(row: dict) -> str:
    """Return the difference that would have been found, as a number of its own kind, or a dash."""
    found = row["detectable"]
    if found is None:
        return ABSENT
    if row["scale"] == "ratio":
        return _("{factor} times", factor=times(found))
    if not in_percent(row):
        return f"{found:.2g}"
    points = f"{100 * found:.2g}"
    return _("{number} points", number=points)


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
    return _("not tested") if row["p_holm"] is None else _("p {value}", value=p_text(row["p_holm"]))


def place_words(cohort: str) -> str:
    """Return a cohort as a place: that of all of them has a name of its own."""
    return _("all cohorts together") if cohort == POOLED else cohort


def _ends(row: dict) -> dict[str, str]:
    first, second = (place_words(row[f"cohort_{side}"]) for side in "ab")
    return {"first": first, "second": second, "model": row["model_a"], "other": row["model_b"]}
