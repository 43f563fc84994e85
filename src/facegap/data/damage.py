"""What a file that is damaged, or was written by something else, can look like, and how it is noticed."""

from collections.abc import Mapping

import msgspec
import polars as pl

from facegap.data.comparator import Comparator

DAMAGE = (
    *(AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError),
    *(msgspec.MsgspecError, pl.exceptions.PolarsError, pl.exceptions.PanicException),
)
"""What reading such a file can raise."""

KEYS = frozenset(
    {
        *("model", "images", "probe_cohort", "gallery_cohort", "metric", "at", "cohort", "kind", "scale", "measure"),
        *("model_a", "cohort_a", "model_b", "cohort_b", "curve", "method", "code"),
    }
)
"""Columns of an evaluation in which something stands in every row."""


def refuse_damage(provenance: Mapping[str, str], tables: Mapping[str, pl.DataFrame]) -> None:
    """Refuse an evaluation whose rows have no names, or without models and cohorts that differ.

    Raises:
        ValueError: it is damaged; the message says where.
    """
    if not 0 < float(provenance.get("level", "0.95")) < 1:
        raise ValueError(f"its level is {provenance['level']!r}")
    for name, table in tables.items():
        for column in KEYS.intersection(table.columns):
            if table[column].null_count():
                raise ValueError(f"a row of {name} has no {column}")
    for table, column in (("models", "model"), ("cohorts", "cohort")):
        names = tables[table][column]
        if names.is_empty() or names.is_duplicated().any():
            raise ValueError(f"its {table} are {names.to_list()}")
    if unknown := set(tables["models"]["comparator"].drop_nulls()) - set(Comparator):
        raise ValueError(f"nothing is compared by {unknown.pop()!r}")
