"""A table with a row per image: CSV, TSV or Parquet with `path`, `subject` and any attributes."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.data.image_file import image_exists
from facegap.data.input_summary import InputCode
from facegap.data.statement import Statement
from facegap.data.templates import TEMPLATE
from facegap.data.text_column import mapped
from facegap.datasets.image_root import without_root
from facegap.datasets.located import Located, is_drive
from facegap.datasets.part import InputPart
from facegap.datasets.sheet import PATH, SUBJECT, TEMPLATES, Sheet
from facegap.errors import InputError, Phrase, nphrase
from facegap.run.remote import is_url
from facegap.run.text import SHOWN, one_line


def read_table(sheet: Sheet, images: Path) -> InputPart:
    """Return the images a table lists; relative paths start at the folder `images`.

    Two rows for the same image and subject (and template) count as one, and are reported. Images that are absent keep
    their rows.

    Raises:
        InputError: columns or labels are missing, or not one of the images exists.
    """
    frame, findings = labelled(sheet)
    located = Located(images)
    frame = frame.with_columns(mapped(located.path, frame["path"]))
    findings = (*findings, *found_images(sheet.path, frame["path"], images))
    keys = [name for name in ("path", "subject", TEMPLATE) if name in frame.columns]
    kept = frame.unique(keys, keep="first", maintain_order=True)
    if kept.height < frame.height:
        repeated = frame.filter(pl.struct(keys).is_duplicated())["path"].unique().sort().to_list()
        rows, shown = frame.height - kept.height, repeated[:SHOWN]
        said = {"place": str(sheet.path), "rows": rows, "images": len(repeated), "names": shown}
        findings = (*findings, Finding.of(FindingCode.ROWS_TWICE, repeated, **said))
    notes = tuple(note for note in (sheet.note, located.note) if note is not None)
    return InputPart(kept, "table", Statement.of(InputCode.TABLE), notes, findings)


def labelled(sheet: Sheet) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Return `path`, `subject` and the attributes of a sheet as clean text, and findings on columns that are none.

    Raises:
        InputError: a column is missing, or a row has no path or subject.
    """
    sheet = replace(sheet, frame=with_templates(sheet))
    path, subject = sheet.column(PATH), sheet.column(SUBJECT)
    if path is None or subject is None:
        raise InputError(
            "{path} has the columns {columns}: expected `path` (or {paths}) and `subject` (or {subjects})",
            path=sheet.path,
            columns=", ".join(sheet.frame.columns),
            paths=", ".join(PATH[1:]),
            subjects=", ".join(SUBJECT[1:]),
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
        raise InputError(
            "{path} has a column that is no text ({reason}): save it as text", path=sheet.path, reason=one_line(error)
        ) from None
    for name in ("path", "subject"):
        empty = (texts[name].is_null() | (texts[name] == "")).arg_true()
        if len(empty):
            raise InputError(
                "{where}: the {name} is empty; every image needs one", where=sheet.where(empty[0]), name=name
            )
    nested = [name for name in others if name not in attributes]
    passed_over = Finding.of(FindingCode.NESTED_COLUMNS, place=str(sheet.path), columns=nested)
    return texts, (passed_over,) if nested else ()


def with_templates(sheet: Sheet) -> pl.DataFrame:
    """Return the rows of a sheet with the columns that make templates under their usual names."""
    found = {sheet.column(aliases): name for name, aliases in TEMPLATES.items()}
    return sheet.frame.rename({column: name for column, name in found.items() if column is not None})


def found_images(source: Path, paths: pl.Series, images: Path) -> tuple[Finding, ...]:
    """Return a finding on images that stand at URLs which the list itself names, and one on images that are absent."""
    return (*_at_urls(source, paths, images), *_absent_images(source, paths, images))


def _at_urls(source: Path, paths: pl.Series, images: Path) -> tuple[Finding, ...]:
    """Return a finding on images that are read from elsewhere than the folder that was given."""
    start = f"{images}/"
    elsewhere = [path for path in paths if is_url(path) and not path.startswith(start)]
    if not elsewhere:
        return ()
    servers = sorted({"://".join(urlsplit(path)[:2]) for path in elsewhere})
    return (Finding.of(FindingCode.AT_URLS, elsewhere, place=str(source), images=len(elsewhere), servers=servers),)


def _absent_images(source: Path, paths: pl.Series, images: Path) -> tuple[Finding, ...]:
    """Return a finding on images that are not there, with the name that is most like the first of them.

    Raises:
        InputError: not one is there, which means that the paths start elsewhere.
    """
    absent = [path for path in paths if not image_exists(path)]
    if not absent:
        return ()
    named = without_root(absent[0], images)
    nearly = Located(images).nearly(named)
    if len(absent) < len(paths):
        said = {"place": str(source), "images": len(absent), "of": len(paths), "name": named, "nearly": nearly}
        return (Finding.of(FindingCode.ABSENT, absent, **said),)
    if is_drive(named):
        advice = Phrase("they are those of another computer: write them from the folder of the images on")
    elif nearly:
        advice = Phrase("{path} is most like it: mend the paths, or say where the images lie", path=nearly)
    else:
        advice = Phrase("relative paths start at {folder}: say where the images lie", folder=images)
    raise InputError(
        "{source}: not one of its {images} exists, {path} for one; {advice}",
        source=source,
        images=nphrase("{n} image", "{n} images", len(paths)),
        path=named,
        advice=advice,
    )


def _is_plain(dtype: pl.DataType) -> bool:
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object))


def _clean(column: pl.Series) -> pl.Series:
    return column.cast(pl.String).str.normalize("NFC").str.strip_chars()
