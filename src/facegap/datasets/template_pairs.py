"""Lists of pairs of templates, and of the images that make up each: those of IJB, or tables."""

import io
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.data.source import Pairs
from facegap.data.templates import MEDIA, TEMPLATE
from facegap.datasets.images import is_image
from facegap.datasets.pairs import connected, contradictions
from facegap.datasets.part import InputPart
from facegap.datasets.sheet import PARQUET, PATH, SUBJECT, TEMPLATES, Sheet, read_sheet, read_text
from facegap.datasets.sides import NO, SAME, YES
from facegap.datasets.table import absent_images, with_templates
from facegap.errors import InputError, nphrase
from facegap.run.text import first_few, one_line

SIDES = (
    ("template_a", "template_1", "template1", "tid_a", "tid_1", "tid1", "enroll_template_id"),
    ("template_b", "template_2", "template2", "tid_b", "tid_2", "tid2", "verif_template_id"),
)


def read_template_pairs(path: Path, templates: Path, images: Path) -> InputPart:
    """Return the images of the templates of a list, and the comparisons, which refer to the first image of each.

    `path` says `tid1 tid2 label` in each line, or is a table of `template_a`, `template_b` and `same`. `templates` says
    `path tid mid` or `path tid`, or is a table of `path`, `template` and, if they are known, `media`, `subject` and
    attributes. Without subjects, templates joined by genuine comparisons are one subject, which is said.

    Raises:
        InputError: a line is malformed, a template has no images, or not one of the images exists.
    """
    frame = _images(templates)
    comparisons = _comparisons(path)
    names = pl.concat([comparisons["a"], comparisons["b"]]).unique(maintain_order=True)
    known = frame[TEMPLATE].unique(maintain_order=True)
    if missing := names.filter(~names.is_in(known.implode())).to_list():
        raise InputError(
            "{templates} has no image of {missing} of {path}: {names}; give the file that goes with the list",
            templates=templates,
            missing=nphrase("{n} template", "{n} templates", len(missing)),
            path=path,
            names=first_few(missing),
        )
    listed = frame[TEMPLATE].is_in(names.implode())
    findings = []
    if not listed.all():
        findings.append(Finding.of(FindingCode.IN_NO_PAIR, place=str(templates), images=int((~listed).sum())))
    frame = frame.filter(listed)
    paths = pl.Series("path", [str(images / image) for image in frame["path"]], dtype=pl.String)
    findings += absent_images(templates, paths, images)
    frame = frame.with_columns(paths)

    code = frame[TEMPLATE].rank("dense").to_numpy().astype(np.int64) - 1
    first = np.unique(code, return_index=True)[1].astype(np.int64)
    codes = pl.DataFrame({"name": frame[TEMPLATE].gather(first), "code": np.arange(len(first))})
    a, b = (
        comparisons.select(name=side).join(codes, on="name", how="left", maintain_order="left")["code"].to_numpy()
        for side in ("a", "b")
    )
    same = comparisons["same"].to_numpy()
    if "subject" not in frame.columns:
        root = np.array(connected(len(first), a[same], b[same]))
        subjects = [f"{TEMPLATE} {name}" for name in codes["name"].gather(root[code])]
        frame = frame.with_columns(pl.Series("subject", subjects, dtype=pl.String))
        findings.append(Finding.of(FindingCode.GUESSED_FROM_TEMPLATES, place=str(path), subjects=len(set(subjects))))
    pairs = Pairs(first[a], first[b], same, np.zeros(len(a), np.int64))
    how = f"list of pairs of templates, {same.sum()} genuine and {(~same).sum()} impostor"
    frame = frame.select("path", "subject", pl.exclude("path", "subject"))
    return InputPart(frame, "pairs", how, "", (*findings, *contradictions(path, frame, pairs)), pairs)


def _images(path: Path) -> pl.DataFrame:
    """Return `path`, `template` and what else is known of the images, as text."""
    headless = "" if path.suffix.lower() in PARQUET else read_text(path)[0]
    fields = headless.partition("\n")[0].replace(",", " ").split()
    if not fields or not is_image(fields[0]):
        sheet = read_sheet(path)
        if sheet.column(PATH) is None or sheet.column(TEMPLATES[TEMPLATE]) is None:
            raise InputError(
                "{path} has the columns {columns}: expected `path` and `template`, or lines of an image, its "
                "template and its medium",
                path=path,
                columns=", ".join(sheet.frame.columns),
            )
        return _columns(sheet)
    names = ["path", TEMPLATE, MEDIA][: len(fields)]
    if not len(names) == len(fields) > 1:
        raise InputError(
            "{path}, line 1: found {n_fields} fields, expected an image, its template and its medium",
            path=path,
            n_fields=len(fields),
        )
    return _split(path, headless, names)


def _columns(sheet: Sheet) -> pl.DataFrame:
    """Return the columns of a table of images as text, under our own names."""
    ours = {sheet.column(PATH): "path", sheet.column(SUBJECT): "subject"}
    frame = sheet.frame.rename({column: name for column, name in ours.items() if column is not None})
    frame = with_templates(Sheet(sheet.path, frame))
    plain = frame.select(pl.exclude(pl.Binary, pl.List, pl.Struct, pl.Array).cast(pl.String).str.strip_chars())
    empty = plain.select(pl.any_horizontal(pl.col("path", TEMPLATE).fill_null("") == "")).to_series().arg_true()
    if len(empty):
        raise InputError(
            "{where}: the path or the template is empty; every image needs both", where=sheet.where(empty[0])
        )
    return plain


def _comparisons(path: Path) -> pl.DataFrame:
    """Return the comparisons: `a` and `b`, names of templates, and `same`."""
    text = "" if path.suffix.lower() in PARQUET else read_text(path)[0]
    fields = text.partition("\n")[0].replace(",", " ").split()
    if len(fields) == 3 and fields[2] in ("1", "0", "-1"):
        frame = _split(path, text, ["a", "b", "same"])
    else:
        sheet = read_sheet(path)
        columns = [sheet.column(names) for names in (*SIDES, SAME)]
        if None in columns:
            raise InputError(
                "{path} has the columns {columns}: expected `template_a`, `template_b` and `same`, or lines of two "
                "templates and 1 or 0",
                path=path,
                columns=", ".join(sheet.frame.columns),
            )
        texts = [sheet.frame[str(column)].cast(pl.String).str.strip_chars() for column in columns]
        frame = pl.DataFrame([one.alias(name) for one, name in zip(texts, ("a", "b", "same"), strict=True)])
    flag = frame["same"].str.to_lowercase().str.replace(r"\.0$", "")
    wrong = (~flag.is_in([*YES, *NO]) | (frame["a"] == frame["b"])).fill_null(True).arg_true()
    if len(wrong):
        a, b, same = frame.row(wrong[0])
        raise InputError(
            "{path}, pair {number}: found {a}, {b}, {same}; expected two templates and 1 or 0",
            path=path,
            number=wrong[0] + 1,
            a=a,
            b=b,
            same=same,
        )
    return frame.with_columns(same=flag.is_in(list(YES)))


def _split(path: Path, text: str, names: list[str]) -> pl.DataFrame:
    """Return the lines of a text without a header as columns of text; IJB's lists have millions of lines."""
    separator = next(mark for mark in ("\t", ",", " ") if mark in text.partition("\n")[0])
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode()), has_header=False, separator=separator, infer_schema=False, quote_char=None
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(
            "{path}: {reason}; expected {n_names} fields in every line",
            path=path,
            reason=one_line(error),
            n_names=len(names),
        ) from None
    if frame.width != len(names) or frame.null_count().sum_horizontal()[0]:
        raise InputError(
            "{path}: found lines with other than {n_names} fields, as the first line has", path=path, n_names=len(names)
        )
    return frame.rename(dict(zip(frame.columns, names, strict=True))).with_columns(pl.all().str.strip_chars())
