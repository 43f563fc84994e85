"""A table with a row per image: CSV, TSV or Parquet with `path`, `subject` and any attributes."""

from pathlib import Path

import polars as pl

from facegap.data.manifest import Finding
from facegap.datasets.part import InputPart
from facegap.datasets.sheet import PATH, SUBJECT, Sheet
from facegap.errors import InputError
from facegap.run.places import exists, named_in
from facegap.run.text import counted, one_line, shortened


def read_table(sheet: Sheet, images: Path) -> InputPart:
    """Return the images a table lists; relative paths start at the folder `images`.

    Two rows for the same image and subject count as one, and are reported. Images that are absent keep their rows.

    Raises:
        InputError: columns or labels are missing, or not one of the images exists.
    """
    frame, findings = labelled(sheet)
    paths = [str(named_in(images, path)) for path in frame["path"]]
    frame = frame.with_columns(pl.Series("path", paths, dtype=pl.String))
    require_any_image(sheet.path, frame["path"], images)
    kept = frame.unique(["path", "subject"], keep="first", maintain_order=True)
    if kept.height < frame.height:
        repeated = frame.filter(pl.struct("path", "subject").is_duplicated())["path"].unique().sort().to_list()
        rows = counted(frame.height - kept.height, "row")
        message = f"{sheet.path}: dropped {rows} that list an image a second time: {shortened(repeated)}"
        findings = (*findings, Finding("duplicate", message, tuple(repeated)))
    return InputPart(kept, "table", "table", sheet.note, findings)


def labelled(sheet: Sheet) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Return `path`, `subject` and the attributes of a sheet as clean text, and findings on columns that are none.

    Raises:
        InputError: a column is missing, or a row has no path or subject.
    """
    path, subject = sheet.column(PATH), sheet.column(SUBJECT)
    if path is None or subject is None:
        raise InputError(
            f"{sheet.path} has the columns {', '.join(sheet.frame.columns)}: expected `path` (or {', '.join(PATH[1:])})"
            f" and `subject` (or {', '.join(SUBJECT[1:])})"
        )
    others = [name for name in sheet.frame.columns if name not in (path, subject)]
    attributes = [name for name in others if _is_plain(sheet.frame[name].dtype)]
    frame = sheet.frame.with_columns(pl.selectors.float().fill_nan(None))  # as text NaN would be one more person
    try:
        texts = pl.DataFrame(  # of series, as polars takes a name in `pl.col` for a pattern
            [
                frame[path].cast(pl.String).alias("path"),
                _clean(frame[subject]).alias("subject"),
                *(_clean(frame[name]).replace("", None) for name in attributes),
            ]
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{sheet.path} has a column that is no text ({one_line(error)}): save it as text") from None
    for name in ("path", "subject"):
        empty = (texts[name].is_null() | (texts[name] == "")).arg_true()
        if len(empty):
            raise InputError(f"{sheet.where(empty[0])}: the {name} is empty; every image needs one")
    nested = [name for name in others if name not in attributes]
    message = f"{sheet.path}: passed over the columns {', '.join(nested)}, which hold lists or bytes, not attributes"
    return texts, (Finding("ignored", message),) if nested else ()


def require_any_image(source: Path, paths: pl.Series, images: Path) -> None:
    """Raise InputError where not one image exists, which means that the paths start elsewhere."""
    if not any(map(exists, paths)):
        raise InputError(
            f"{source}: not one of its {counted(len(paths), 'image')} exists, {paths[0]} for one; "
            f"relative paths start at {images}: say where the images lie"
        )


def _is_plain(dtype: pl.DataType) -> bool:
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object))


def _clean(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).str.normalize("NFC").str.strip_chars()
