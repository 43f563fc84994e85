"""What each subject does to the numbers of a report, so that a later report can be compared with it."""

import io
from pathlib import Path

import polars as pl

from facegap.data.damage import DAMAGE
from facegap.errors import InputError

VERSION = "1"
"""Schema version of the file."""

NAMES, NUMBERS = pl.List(pl.String), pl.List(pl.Float32)

ESTIMATE_SCHEMA = pl.Schema(
    {
        "model": pl.String,
        "images": pl.String,
        "cohort": pl.String,
        "used": pl.String,
        "metric": pl.String,
        "at": pl.String,
        "value": pl.Float64,
        "bias": pl.Float64,
        "errors": pl.Int64,
        "participants": pl.Int64,
        "square": pl.Float64,
        "scale": pl.String,
        "most": pl.Float64,
        "compared": pl.String,
        "unclaimed": pl.String,
        "counts": pl.List(pl.Float64),
        "subject": NAMES,
        "moved": NUMBERS,
        "own": NUMBERS,
        "shared": NUMBERS,
    }
)
"""One number of one model and cohort a row, with a list entry for each of its subjects.

`used`: a sha256 of which images took part. `subject`: names, or codes in an anonymous report. `moved`: by how much the
number is higher without the subject. `own`, `shared`, `errors`, `participants`, `bias`, `scale`, `compared`,
`unclaimed`: as in `facegap.stats.Estimate`, scales by their names; `most`: the upper end of `scale`. `square`: the sum
of squares over pairs of subjects, null where it is not known. `counts`: TP, FP, G and I, where the number is a function
of them.
"""


def write_estimates(estimates: pl.DataFrame, path: Path) -> None:
    """Write the table as Parquet. Numbers of subjects are float32: they make intervals, not values."""
    content = io.BytesIO()  # a full disk is an OSError of Python's, but not of polars'
    estimates.write_parquet(content, metadata={"facegap_estimates": VERSION})
    path.write_bytes(content.getvalue())


def read_estimates(path: Path) -> pl.DataFrame:
    """Return the table that `write_estimates` wrote.

    Raises:
        InputError: the file is damaged, or a newer facegap's.
    """
    try:
        content = path.read_bytes()
        version = pl.read_parquet_metadata(io.BytesIO(content)).get("facegap_estimates", "")
        found = pl.read_parquet(io.BytesIO(content))
        if int(version) > int(VERSION):
            raise InputError(
                "{path}: made by a newer facegap (schema {version}): update facegap", path=path, version=version
            )
        return found.select(pl.col(name).cast(kind) for name, kind in ESTIMATE_SCHEMA.items())
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({reason}): write the report again", path=path, reason=error.strerror
        ) from None
    except DAMAGE as error:
        raise InputError(
            "{path} is damaged ({reason}): write the report again", path=path, reason=" ".join(str(error).split())
        ) from None
