"""What facegap itself leaves in a folder that it is pointed at: its reports and stores are nobody's photos."""

import re
from collections.abc import Iterable

MARK, TABLE, CHARTS, PAGE = "evaluation.json", "evaluation.parquet", "charts", "index.html"
ESTIMATES, STUDY = "estimates.parquet", "study.toml"
OWNED = (MARK, TABLE, ESTIMATES, STUDY, CHARTS, PAGE)
"""All that a report puts in its folder, in the order in which it is replaced; `MARK` says that a folder is a report."""

VERSIONED = re.compile(r"(?:crops-|measures-|scores-|sums-)?v(\d+)")
"""The name of a store's folder of one kind and schema version."""

KEY = re.compile(r"[0-9a-f]{64}")
"""The name of the folder of one key below it."""


def own(names: Iterable[str], folder: str) -> set[str]:
    """Return which of the `names` in a folder are facegap's own; `folder` is its name."""
    names = set(names)
    keys = {name for name in names if KEY.fullmatch(name)} if VERSIONED.fullmatch(folder) else set()
    return keys | (names.intersection(OWNED) if {MARK, TABLE} <= names else set())
