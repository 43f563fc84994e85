"""Pieces of a page of Markdown: tables, shares in percent, and rows found again in another study."""

from collections.abc import Sequence

import polars as pl

from studies import bounds
from studies.bounds import judged


def with_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what each is about in words, as column `quantity`."""
    names = pl.Series("quantity", [bounds.named(row) for row in rows.iter_rows(named=True)], dtype=pl.String)
    return rows.with_columns(names)


def key_of(row: dict) -> tuple:
    """Return what a row is about, the same in every study."""
    return tuple(row[name] for name in ("population", "contrast", "kind", "metric", "at", "scale", "level"))


def looked_up(found: pl.DataFrame, name: str) -> dict[tuple, float | None]:
    """Return a column of facegap's own rows by `key_of`."""
    return {key_of(row): row[name] for row in judged(found).iter_rows(named=True)}


def share_text(share: object) -> str:
    """Return a share in percent, or "" where there is none."""
    return f"{share * 100:.1f}" if isinstance(share, float) else ""


def bracketed(share: float | None) -> str:
    """Return the share of the method before as it stands behind another, or "" where there is none."""
    return "" if share is None else f" ({share_text(share)})"


def header(names: Sequence[object], left: int) -> list[str]:
    """Return the first two lines of a table; so many columns from the left hold words, the others numbers."""
    return [table_row(names), "|" + "---|" * left + "---:|" * (len(names) - left)]


def table_row(cells: Sequence[object]) -> str:
    """Return one line of a table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
