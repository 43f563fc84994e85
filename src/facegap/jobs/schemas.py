"""JSON Schemas of the files that facegap writes, made from the very types that write them.

`python -m facegap.jobs.schemas FOLDER` writes them, one file each.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from facegap.data import evaluation
from facegap.data.evaluation import Said
from facegap.data.evaluation_tables import ADDED, TABLES, VALUES
from facegap.data.explanation import ADDED as ADDED_TO_EXPLANATION
from facegap.data.explanation import TABLES as EXPLANATION
from facegap.data.formats import KEY
from facegap.jobs.audit import AUDIT_SCHEMA
from facegap.jobs.calibrate import Calibration, calibration
from facegap.jobs.lookalike import LOOKALIKE_SCHEMA
from facegap.jobs.split import SPLIT_SCHEMA
from facegap.jobs.split import VERSION as SPLIT_VERSION
from facegap.jobs.verify import Verification
from facegap.jobs.verify.verifying import VERSION as VERIFICATION_VERSION

_OBJECT = {"type": ["object", "null"]}
"""The schema of the names and numbers that belong to a code."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each kind of file, by its name.

    Those of CSV files are of one row, as a CSV reader with types gives it: numbers are numbers, and what is empty is
    null. None refuses further keys.
    """
    return {
        "evaluation": _headed(
            "evaluation.json, and the key `facegap` in the metadata of evaluation.parquet", _evaluation()
        ),
        "calibration": _headed("The file of `facegap calibrate`", _calibration()),
        "verification": _headed("What `facegap verify --json` prints", _verification()),
        "split": _headed("A row of the .split.csv beside a model", _row(SPLIT_SCHEMA, {KEY: {"const": SPLIT_VERSION}})),
        "audit": _headed("A row of the list of `facegap audit`", _row(AUDIT_SCHEMA)),
        "lookalikes": _headed("A row of the list of `facegap lookalikes`", _row(LOOKALIKE_SCHEMA)),
    }


def write_schemas(folder: Path) -> None:
    """Write the schemas to a folder, as `NAME.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = msgspec.json.format(msgspec.json.encode(schema), indent=1) + b"\n"
        (folder / f"{name}.json").write_bytes(text)


def _headed(title: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": title, **schema}


def _evaluation() -> dict[str, Any]:
    parts = msgspec.json.schema(Said)["$defs"]
    said = parts.pop("Said")
    tables = {name: _table(name, schema) for name, schema in TABLES.items()}
    properties = {KEY: _version(evaluation.VERSION), **said["properties"], **tables}
    return {
        "type": "object",
        "properties": {**properties, "explanation": _explanation()},
        "required": [*said["required"], *tables],
        "$defs": parts,
    }


def _explanation() -> dict[str, Any]:
    """Return the schema of what is there only where `--explain` was given."""
    tables = {name: _table(name, schema) for name, schema in EXPLANATION.items()}
    return {"type": "object", "properties": tables, "required": [*tables]}


def _calibration() -> dict[str, Any]:
    made = msgspec.json.schema(Calibration)
    one = made["$defs"]["Calibration"]
    known = {name: schema for name, schema in one["properties"].items() if name != "unknown"}
    one["properties"] = {KEY: _version(calibration.VERSION), **known}
    return made


def _verification() -> dict[str, Any]:
    made = msgspec.json.schema(Verification)
    made["$defs"]["Verification"]["properties"][KEY] = _version(VERIFICATION_VERSION)
    return made


def _version(newest: int) -> dict[str, Any]:
    """Return the schema of a version, which files of facegap 0.1.0 lack."""
    return {"type": "integer", "minimum": 0, "maximum": newest}


def _table(name: str, schema: pl.Schema) -> dict[str, Any]:
    cells = {column: _OBJECT if (name, column) in VALUES else _cell(dtype) for column, dtype in schema.items()}
    columns = {column: {"type": "array", "items": cell} for column, cell in cells.items()}
    required = [column for column in columns if (name, column) not in ADDED | ADDED_TO_EXPLANATION]
    return {"type": "object", "properties": columns, "required": required}


def _row(schema: pl.Schema, known: dict[str, Any] | None = None) -> dict[str, Any]:
    columns = {column: _cell(dtype) for column, dtype in schema.items()} | (known or {})
    return {"type": "object", "properties": columns, "required": list(columns)}


def _cell(dtype: Any) -> dict[str, Any]:
    """Return the schema of one value of a column, which may be absent."""
    if isinstance(dtype, pl.List):
        return {"type": ["array", "null"], "items": _cell(dtype.inner)}
    words = ((pl.String, "string"), (pl.Float64, "number"), (pl.Int64, "integer"))
    return {"type": [next(word for kind, word in words if dtype == kind), "null"]}


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
