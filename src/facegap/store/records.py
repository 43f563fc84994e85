"""What a model made of one image, and the table that a part keeps of many."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from facegap.data.embeddings import Outcome
from facegap.data.statement import Statement, text_of, values_of
from facegap.store.part_files import Damaged

SCHEMA = pl.Schema(
    {
        "image": pl.String,
        "outcome": pl.UInt8,
        "detail": pl.String,
        "box": pl.List(pl.Float32),
        "vector": pl.List(pl.Float32),
    }
)
DETAIL_VALUES = "detail_values"
"""The names and numbers of the code `detail`, as JSON. Parts that an older facegap wrote lack this column; what they
have for `detail` is a sentence, which is shown as it is."""

SHA256 = "^[0-9a-f]{64}$"


@dataclass(frozen=True)
class Record:
    """What a model made of one image: `image` is the sha256 of its bytes, `vector` (D,) float32 or None on failure."""

    image: str
    outcome: int
    detail: Statement | None
    box: tuple[float, float, float, float] | None
    vector: np.ndarray | None


def table_of(records: Collection[Record]) -> pl.DataFrame:
    """Return records as a table with the columns of `SCHEMA`."""
    return pl.DataFrame(
        {
            "image": [r.image for r in records],
            "outcome": [r.outcome for r in records],
            **detail_columns([r.detail for r in records]),
            "box": [r.box for r in records],
            "vector": [None if r.vector is None else r.vector.tolist() for r in records],
        },
        schema={**SCHEMA, DETAIL_VALUES: pl.String},
    )


def records_of(table: pl.DataFrame) -> list[Record]:
    """Return the rows of a table as records."""
    return [
        Record(
            image=row["image"],
            outcome=row["outcome"],
            detail=detail_of(row),
            box=None if row["box"] is None else tuple(row["box"]),
            vector=None if row["vector"] is None else np.array(row["vector"], np.float32),
        )
        for row in table.iter_rows(named=True)
    ]


def detail_columns(details: Sequence[Statement | None]) -> dict[str, list[str | None]]:
    """Return reasons as the columns that say them."""
    return {
        "detail": [detail.code if detail else "" for detail in details],
        DETAIL_VALUES: [text_of(detail.values) if detail else None for detail in details],
    }


def detail_of(row: Mapping[str, Any]) -> Statement | None:
    """Return the reason that a row gives, None where it gives none."""
    if not row["detail"]:
        return None
    return Statement(row["detail"], tuple(values_of(row.get(DETAIL_VALUES)).items()))


def check_rows(table: pl.DataFrame) -> None:
    """Check the columns that embeddings and crops share.

    Raises:
        Damaged: an image has no sha256, an outcome is unknown, or a reason says nothing.
    """
    _every(table, pl.col("image").str.contains(SHA256), "an image has no sha256")
    _every(table, pl.col("outcome").is_in([int(outcome) for outcome in Outcome]), "an outcome is unknown")
    _every(table, pl.col("detail").is_not_null(), "a reason is missing")
    if DETAIL_VALUES in table.columns:
        _check_values(table[DETAIL_VALUES])


def check_records(table: pl.DataFrame, *, dimension: int | None = None) -> None:
    """Check that every row says what a record may say; `dimension`: of all vectors, where it is known.

    Raises:
        Damaged: one does not.
    """
    check_rows(table)
    vector, box = pl.col("vector"), pl.col("box")
    usable = pl.col("outcome") == Outcome.OK
    _every(table, usable == vector.is_not_null(), "an image without a failure has no embedding, or one with has")
    finite = vector.list.eval(pl.element().is_finite().fill_null(False)).list.all()
    _every(table, vector.is_null() | finite, "an embedding holds values that are not finite")
    lengths = table["vector"].list.len().drop_nulls().unique().to_list()
    if len(lengths) > 1 or (dimension is not None and any(length != dimension for length in lengths)):
        raise Damaged(f"its embeddings have {', '.join(map(str, sorted(lengths)))} numbers")
    whole = (box.list.len() == 4) & box.list.eval(pl.element().is_not_null()).list.all()
    _every(table, box.is_null() | whole, "a box does not have four sides")


def _check_values(column: pl.Series) -> None:
    try:
        for text in column.cast(pl.String).drop_nulls().unique():
            values_of(text)
    except (pl.exceptions.PolarsError, ValueError):
        raise Damaged("the names and numbers of a reason are no JSON object") from None


def _every(table: pl.DataFrame, holds: pl.Expr, reason: str) -> None:
    if not table.select(holds.fill_null(False).all()).item():
        raise Damaged(reason)
