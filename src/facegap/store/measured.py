"""A content-addressed store of what was measured of images, beside their embeddings and in parts like theirs."""

from pathlib import Path

import polars as pl

from facegap.store.folders import MEASURES
from facegap.store.part_files import Damaged, read_table
from facegap.store.parts import EmbeddingStore
from facegap.store.records import SCHEMA, check_rows


class MeasureStore(EmbeddingStore):
    """The store of measures below one folder: the vector of a record holds their values, NaN for those it has not."""

    kind = MEASURES

    def _read(self, path: Path, *, dimension: int | None = None) -> pl.DataFrame:
        table = read_table(path, SCHEMA)
        check_rows(table)
        lengths = set(table["vector"].list.len().drop_nulls().to_list())
        if lengths - ({dimension} if dimension else set(list(lengths)[:1])):
            raise Damaged(f"it holds {', '.join(map(str, sorted(lengths)))} measures of an image")
        return table
