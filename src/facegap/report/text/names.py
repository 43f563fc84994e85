"""Names of models and cohorts, which are any text, made fit for a legend and for a file name."""

import re
import unicodedata

from facegap.data.evaluation import Evaluation

LEGEND_LENGTH = 30
_PART_LENGTH = 24


def short_names(names: list[str]) -> dict[str, str]:
    """Return each name, long ones with their middle left out; names that would look the same stay whole."""
    short = {name: _ellipsis(name) for name in names}
    seen = list(short.values())
    return {name: text if seen.count(text) == 1 else name for name, text in short.items()}


def names_of(evaluation: Evaluation) -> dict[str, str]:
    """Return the names of all models and cohorts, long ones shortened."""
    return short_names([*evaluation.models["model"], *evaluation.cohorts["cohort"]])


def file_stem(taken: set[str], *parts: str) -> str:
    """Return a file name without suffix that is not yet among `taken`, and add it there.

    Letters and digits of any script stay; whatever else becomes a hyphen. Upper and lower case count as the same.
    """
    stem = "-".join(_slug(part) for part in parts)
    number, unique = 1, stem
    while unique.casefold() in taken:
        number += 1
        unique = f"{stem}-{number}"
    taken.add(unique.casefold())
    return unique


def _ellipsis(name: str) -> str:
    if len(name) <= LEGEND_LENGTH:
        return name
    half = (LEGEND_LENGTH - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _slug(text: str) -> str:
    kept = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text)).strip("-")
    return kept[:_PART_LENGTH].strip("-") or "unnamed"
