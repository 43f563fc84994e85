"""A table of comparisons: `path_a`, `path_b` and `same` or subjects, with what is said of the two sides beside them."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.datasets.located import Located
from facegap.datasets.sheet import Sheet
from facegap.datasets.sides import NO, PATHS, SAME, SUBJECTS, YES, attributes_of_sides
from facegap.errors import InputError
from facegap.run.text import clean, natural

FOLD = ("fold", "folds", "split")
ALIASES = {
    "path_a": PATHS[0], "path_b": PATHS[1], "same": SAME, "subject_a": SUBJECTS[0], "subject_b": SUBJECTS[1],
    "fold": FOLD,
}  # fmt: skip


def _present(sheet: Sheet) -> dict[str, str]:
    """Return the column of the sheet that each of our own is."""
    names = {name: sheet.column(aliases) for name, aliases in ALIASES.items()}
    return {name: column for name, column in names.items() if column}


def read_pair_columns(sheet: Sheet, images: Path) -> pl.DataFrame:
    """Return the comparisons of a table, checked and cleaned.

    They have the columns `path_a`, `path_b`, `same`, `fold` (from 0), `subject_a` and `subject_b` where these are
    given, and every other column X of the table as text, under the name `attribute X`.

    Raises:
        InputError: a column or a value is missing or makes no sense.
    """
    present = _present(sheet)
    subjects = {"subject_a", "subject_b"} & set(present)
    if not {"path_a", "path_b"} <= set(present) or len(subjects) == 1 or not ("same" in present or subjects):
        raise InputError(
            "{path} has the columns {columns}: a list of pairs needs `path_a`, `path_b` and `same`, and may have "
            "both `subject_a` and `subject_b`, and `fold`",
            path=sheet.path,
            columns=", ".join(sheet.frame.columns),
        )
    texts = {
        name: [value or "" for value in sheet.frame[column].cast(pl.String, strict=False)]
        for name, column in present.items()
    }
    located = Located(images)
    columns = {
        name: [value and located.path(value) for value in values]
        if name.startswith("path")
        else list(map(clean, values))
        for name, values in texts.items()
    }
    if "same" in columns:
        columns["same"] = [value.lower().removesuffix(".0") for value in columns["same"]]
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        record = dict(zip(columns, values, strict=True))
        empty = [name for name, value in record.items() if not value]
        if empty:
            raise InputError(
                "{where}: the {name} is empty; every pair needs one", where=sheet.where(number), name=empty[0]
            )
        if "same" in record and record["same"] not in YES | NO:
            raise InputError(
                "{where}: same is {same!r}, expected 1 or 0, true or false",
                where=sheet.where(number),
                same=record["same"],
            )
        if record["path_a"] == record["path_b"]:
            raise InputError(
                "{where}: {path_a} is compared with itself; remove the line",
                where=sheet.where(number),
                path_a=record["path_a"],
            )
    folds = columns.pop("fold", [""] * sheet.frame.height)
    order = {fold: code for code, fold in enumerate(sorted(set(folds), key=natural))}
    equal = [a == b for a, b in zip(columns.get("subject_a", []), columns.get("subject_b", []), strict=True)]
    same = [value in YES for value in columns.pop("same")] if "same" in columns else equal
    return pl.DataFrame(columns).with_columns(
        pl.Series("same", same),
        pl.Series("fold", [order[fold] for fold in folds], dtype=pl.Int64),
        *(
            sheet.frame[name].cast(pl.String, strict=False).str.normalize("NFC").str.strip_chars().replace("", None)
            .alias(f"attribute {name}")
            for name in _others(sheet)
        ),
    )  # fmt: skip


def sheet_attributes(sheet: Sheet) -> dict[str, tuple[str, str]]:
    """Return the columns that say something of the images of the first and of the second side, by attribute."""
    return attributes_of_sides(_others(sheet))


def with_attributes(
    path: Path, frame: pl.DataFrame, comparisons: pl.DataFrame, said: Mapping[str, tuple[str, str]]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the images with what comparisons say of them, and a finding on what is no attribute of an image.

    `frame`: `path` and `subject`, a row per image. `said`: of each attribute the columns of both sides.
    """
    passed_over = []
    for name, both in said.items():
        sides = [
            comparisons.select(path=f"path_{side}", value=f"attribute {column}")
            for side, column in zip("ab", both, strict=True)
        ]
        values = pl.concat(sides).drop_nulls().unique()
        if name in ("path", "subject") or values["path"].is_duplicated().any():
            passed_over += sorted(set(both))
        elif values.height:
            frame = frame.join(values.rename({"value": name}), on="path", how="left", maintain_order="left")
    if not passed_over:
        return frame, []
    scores = "score" in map(str.lower, passed_over)
    code = FindingCode.SCORES_BESIDE_PAIRS if scores else FindingCode.CONTRADICTORY_COLUMNS
    return frame, [Finding.of(code, place=str(path), columns=passed_over)]


def _others(sheet: Sheet) -> list[str]:
    used = set(_present(sheet).values())
    return [name for name in sheet.frame.columns if name not in used and not sheet.frame[name].dtype.is_nested()]
