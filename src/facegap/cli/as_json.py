"""Printing what a command found as JSON, for scripts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

Json = Annotated[bool, typer.Option("--json", help="Print what was found as JSON, for scripts.")]


def print_json(version: int, found: Any) -> None:
    """Print an object with its schema version, in ASCII as JSON writes other characters: no console lacks those."""
    from json import dumps

    import msgspec

    from facegap.data.formats import KEY

    plain = {KEY: version, **msgspec.to_builtins(found)}
    typer.echo(dumps(msgspec.json.decode(msgspec.json.encode(plain)), indent=1))


def rows_of(table: "pl.DataFrame") -> list[dict[str, Any]]:
    """Return a table of an evaluation as rows, with the names and numbers of codes as objects."""
    from facegap.data.statement import values_of

    rows = table.to_dicts()
    for row in rows:
        if row.get("method_values") is not None:
            row["method_values"] = values_of(row["method_values"])
    return rows
