"""The reference of an evaluation's tables, made from the columns that facegap writes."""

from collections.abc import Mapping

from polars.datatypes import DataType, DataTypeClass

from facegap.data.evaluation_tables import TABLES
from facegap.data.explanation import TABLES as EXPLANATION
from sitemaker.table_words import COLUMNS, TABLES_SAY

TYPES = {"String": "text", "Int64": "whole number", "Float64": "number", "List(String)": "list of texts"}


def tables() -> str:
    """Return, in Markdown, each table with its columns.

    Raises:
        KeyError: a table or a column has no words in `table_words`.
    """
    return "\n".join(
        [
            *(_table(name, schema) for name, schema in TABLES.items()),
            "\n## Tables of `--explain`\n\nThey lie under `explanation`, and are empty where nobody asked for them.\n",
            *(_table(f"explanation.{name}", schema, level="###") for name, schema in EXPLANATION.items()),
        ]
    )


def _table(name: str, schema: Mapping[str, DataType | DataTypeClass], level: str = "##") -> str:
    rows = [f"| `{column}` | {TYPES[str(kind)]} | {_words(name, column)} |" for column, kind in schema.items()]
    return "\n".join(
        [f"\n{level} `{name}`\n", TABLES_SAY[name], "\n| column | holds | what |\n|---|---|---|", *rows, ""]
    )


def _words(table: str, column: str) -> str:
    return COLUMNS.get(f"{table}.{column}") or COLUMNS[column]
