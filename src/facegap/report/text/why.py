"""Why cohorts differ, in words: how much of a gap goes with what was measured of the images; never what caused it."""

from facegap.data.evaluation import Evaluation
from facegap.measures import NORM
from facegap.metrics.explaining import Unexplained
from facegap.metrics.explaining.reasons import LEAST_SUBJECTS, MOST_MISSING
from facegap.metrics.influence import HIGH_AUC
from facegap.metrics.registry import Unit, metric
from facegap.report.text.formatting import digits_for, signed
from facegap.report.text.language import _, listed
from facegap.report.text.measure_names import measure_name
from facegap.report.text.phrases import metric_words
from facegap.run.text import N_
from facegap.stats import FEW_ERRORS

NAMED = 2
"""So many measures a sentence names."""

APART = 0.1
"""Standardised difference below which two cohorts count as alike in a measure (Austin, 2009)."""

_MANNERS = {
    "eye_distance": (N_("smaller faces"), N_("larger faces")),
    "sharpness": (N_("blurrier faces"), N_("sharper faces")),
    "brightness": (N_("darker faces"), N_("brighter faces")),
    "contrast": (N_("less contrast"), N_("more contrast")),
    "over_exposed": (N_("less over-exposure"), N_("more over-exposure")),
    "under_exposed": (N_("less under-exposure"), N_("more under-exposure")),
    "colourfulness": (N_("less colour"), N_("more colour")),
    "jpeg_quality": (N_("stronger compression"), N_("weaker compression")),
    "detector_score": (N_("faces that are harder to find"), N_("faces that are easier to find")),
    "outside": (N_("faces less cut off"), N_("faces more cut off")),
    "faces": (N_("fewer faces in an image"), N_("more faces in an image")),
    "yaw": (
        N_("heads turned further to the left"),
        N_("heads turned further to the right"),
    ),
    "pitch": (N_("heads held higher"), N_("heads held lower")),
    "roll": (N_("heads tilted further anticlockwise"), N_("heads tilted further clockwise")),
}

_SPREADS = {
    "yaw": (N_("heads turned less far to either side"), N_("heads turned further to either side")),
    "pitch": (N_("heads less far up or down"), N_("heads further up or down")),
    "roll": (N_("heads tilted less to either side"), N_("heads tilted more to either side")),
}

_REASONS = {
    Unexplained.MISSING: N_("more than {missing} % of a cohort's images have no number in it"),
    Unexplained.CONSTANT: N_("it is the same for all images, or nearly so"),
    Unexplained.NO_OVERLAP: N_("the cohorts do not overlap in it: one has hardly any images like the other's"),
    Unexplained.NO_MEASURES: N_("nothing was measured that both cohorts can be compared in"),
    Unexplained.FEW_SUBJECTS: N_("fewer than {subjects} subjects of a cohort have two images"),
    Unexplained.FEW_EFFECTIVE: N_("after weighting fewer than {subjects} subjects would speak for the cohort"),
    Unexplained.FEW_ERRORS: N_("fewer than {errors} errors, or right decisions, in all"),
    Unexplained.TOO_HIGH: N_("both AUCs are above {auc}, and hang on few comparisons"),
    Unexplained.NO_SPREAD: N_("subjects do not differ in it, or too few do"),
}


def reason_words(reason: str) -> str:
    """Return why something cannot be told, a clause."""
    if reason not in set(Unexplained):
        return reason
    limits = {"subjects": LEAST_SUBJECTS, "errors": FEW_ERRORS, "auc": f"{HIGH_AUC:g}"}
    limits["missing"] = f"{100 * MOST_MISSING:g}"
    return _(_REASONS[Unexplained(reason)], **limits)


def manner(name: str, difference: float, *, spread: bool = False) -> str:
    """Return how a cohort's images differ in a measure, or in its `spread`, from the reference's: `smaller faces`."""
    if spread and name in _SPREADS:
        return _(_SPREADS[name][difference > 0])
    if spread:
        less = _("{measure} that varies less", measure=measure_name(name))
        return _("{measure} that varies more", measure=measure_name(name)) if difference > 0 else less
    if name in _MANNERS:
        return _(_MANNERS[name][difference > 0])
    lower, higher = _("lower {measure}", measure=measure_name(name)), _("higher {measure}", measure=measure_name(name))
    return higher if difference > 0 else lower


def amount(row: dict, part: str, *, sign: int = 1, interval: bool = True) -> str:
    """Return a part of a gap with its interval, `sign` times: `0.046 [0.020, 0.071]`, rates in points."""
    shown, ends = value_and_interval(row, part, sign=sign)
    return f"{shown} {ends}" if ends and interval else shown


def value_and_interval(row: dict, part: str, *, sign: int = 1) -> tuple[str, str]:
    """Return the two texts of `amount`, "" for what there is not."""
    value, low, high = (row.get(f"{part}{end}") for end in ("", "_low", "_high"))
    if value is None:
        return "", ""
    points = metric(row["metric"]).unit is Unit.PERCENT
    scale = sign * (100 if points else 1)
    ends = [] if low is None or high is None else sorted((low * scale, high * scale))
    digits = digits_for((ends[1] - ends[0]) / 2 if ends else abs(value * scale) / 10, least=1 if points else 3)
    shown = signed(value * scale, digits)
    shown = _("{number} points", number=shown) if points else shown
    return shown, f"[{', '.join(signed(end, digits) for end in ends)}]" if ends else ""


def why_sentences(evaluation: Evaluation) -> list[str]:
    """Return sentences for each cohort and its reference: in what their images cannot be compared, and their gap.

    One number a model and cohort speaks: the first that differs for certain, else the first that can be told.
    """
    sentences = []
    gaps = evaluation.explanation.gaps
    if evaluation.explanation and not gaps.height:
        return [_("There is no gap to take apart: only one cohort has images that can be compared.")]
    for key in gaps.select("model", "cohort", "reference").unique(maintain_order=True).iter_rows(named=True):
        balance = evaluation.explanation.balance.filter(**key, reason=str(Unexplained.NO_OVERLAP))
        if apart := [name for name in balance["measure"] if name != NORM.name]:
            sentences.append(_apart(key, apart))
        rows = gaps.filter(**key).to_dicts()
        first = rows[0]["measures"]  # all measures together come first
        together = [row for row in rows[: len({_number(row) for row in rows})] if row["measures"] == first]
        told = [row for row in together if not row["reason"]]
        if told:
            row = next((row for row in told if _differs(row)), told[0])
            sentences.append(_said(row, _manners(evaluation, row, rows)))
        elif together:
            sentences.append(_untold(together[0]))
    return sentences


def _apart(key: dict, measures: list[str]) -> str:
    return _(
        "{model}: the images of {cohort} and {reference} are so different in {measures} that hardly any are alike: "
        "what goes with that is not known, and stands among what does not go with the measures.",
        **key,
        measures=listed([measure_name(name) for name in measures]),
    )


def _differs(row: dict, part: str = "total") -> bool:
    """Return whether a part of the gap, or all of it, is told from none by its interval."""
    low, high = row[f"{part}_low"], row[f"{part}_high"]
    return low is not None and not low <= 0 <= high


def _number(row: dict) -> tuple[str, str]:
    return row["metric"], row["at"]


def _said(row: dict, manners: str) -> str:
    sign = -1 if row["total"] < 0 else 1
    values = {
        "model": row["model"],
        "gap": amount(row, "total", sign=sign, interval=False),
        "metric": metric_words(row["metric"], row["at"]),
        "cohort": row["cohort"],
        "reference": row["reference"],
        "part": amount(row, "with_measures", sign=sign),
        "rest": amount(row, "rest", sign=sign),
        "manners": manners,
    }
    if not _differs(row):
        whole = {**values, "interval": amount(row, "total")}
        return _(
            "{model}: no significant gap between {cohort} and {reference} in the numbers below that can be told. "
            "{metric}, {cohort} less {reference}: {interval}.",
            **whole,
        )
    if sign < 0:
        return _(
            "{model}: of the {gap} by which {metric} is lower on {cohort} than on {reference}, {part} goes with "
            "{manners}; {rest} does not.",
            **values,
        )
    return _(
        "{model}: of the {gap} by which {metric} is higher on {cohort} than on {reference}, {part} goes with "
        "{manners}; {rest} does not.",
        **values,
    )


def _manners(evaluation: Evaluation, row: dict, rows: list[dict]) -> str:
    """Return what a part goes with: all that was measured, and in what the images differ that goes with most by itself.

    Nothing is named where a part cannot be told from none, of all measures together or of the one, and no measure that
    is not among those taken together. Heads turned to both sides differ in their spread, not in their mean.
    """
    if not _differs(row, "with_measures"):
        return _("what was measured of the images")
    key = {name: row[name] for name in ("model", "cohort", "reference")}
    balance = evaluation.explanation.balance.filter(**key)
    before = {one["measure"]: _largest(one) for one in balance.iter_rows(named=True)}
    alone = [
        (abs(one["with_measures"]), one["measures"][0])
        for one in rows
        if len(one["measures"]) == 1 and one["measures"][0] in row["measures"] and _number(one) == _number(row)
        and one["with_measures"] is not None and one["with_measures"] * row["with_measures"] > 0
        and _differs(one, "with_measures") and abs(before[one["measures"][0]][0]) >= APART
    ]  # fmt: skip
    names = [name for _size, name in sorted(alone, reverse=True)[:NAMED]]
    if not names:
        return _("what was measured of the images")
    manners = [manner(name, difference, spread=spread) for name in names for difference, spread in [before[name]]]
    return _("what was measured of the images, above all {manners}", manners=listed(manners))


def _largest(balance: dict) -> tuple[float, bool]:
    """Return the larger difference before weighting, of the means or of the spreads, and whether it is the latter."""
    mean, spread = balance["before"] or 0.0, balance["before_spread"] or 0.0
    return (spread, True) if abs(spread) > abs(mean) else (mean, False)


def _untold(row: dict) -> str:
    return _(
        "{model}: it is not known how much of the gap in {metric} between {cohort} and {reference} goes with the "
        "images: {reason}.",
        model=row["model"],
        metric=metric_words(row["metric"], row["at"]),
        cohort=row["cohort"],
        reference=row["reference"],
        reason=reason_words(row["reason"]),
    )
