"""A list of comparisons, official or one's own: only these pairs are scored."""

from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.manifest import Finding
from facegap.data.source import Pairs
from facegap.datasets.lfw import is_lfw, read_lfw
from facegap.datasets.part import InputPart
from facegap.datasets.sheet import PARQUET, Sheet, read_sheet, read_text
from facegap.datasets.table import require_any_image
from facegap.errors import InputError
from facegap.run.text import clean, counted, natural

YES = frozenset({"1", "true", "yes"})
NO = frozenset({"0", "false", "no"})
COLUMNS = ("path_a", "path_b", "same", "subject_a", "subject_b", "fold")


def read_pairs(path: Path, images: Path) -> InputPart:
    """Return the images of a list of comparisons, each once, and the comparisons.

    The list has LFW's format, or is a table of `path_a`, `path_b` and `same`, with `subject_a` and `subject_b` and
    with `fold` if there are any. Without subjects, images joined by a chain of `same` comparisons are one subject.
    Images that are absent keep their rows. Relative paths start at the folder `images`.

    Raises:
        InputError: a line is malformed, or not one of the images exists.
    """
    passed_over: tuple[Finding, ...] = ()
    text, note = ("", "") if path.suffix.lower() in PARQUET else read_text(path)
    if is_lfw(text):
        comparisons = read_lfw(path, text, images)
    else:
        sheet = read_sheet(path)
        comparisons, note, passed_over = _read_columns(sheet, images), sheet.note, _passed_over(sheet)
    paths = pl.concat([comparisons["path_a"], comparisons["path_b"].alias("path_a")]).unique().sort().alias("path")
    require_any_image(path, paths, images)

    row = {image: number for number, image in enumerate(paths)}
    a = np.array([row[image] for image in comparisons["path_a"]], dtype=np.int64)
    b = np.array([row[image] for image in comparisons["path_b"]], dtype=np.int64)
    same = comparisons["same"].to_numpy()
    if "subject_a" in comparisons.columns:
        subjects = _given_subjects(path, comparisons, paths)
    else:
        roots = connected(len(paths), a[same], b[same])
        subjects = [clean(paths[root].removeprefix(f"{images}/")) for root in roots]

    pairs = Pairs(a, b, same, comparisons["fold"].to_numpy())
    folds = f" in {pairs.folds} folds" if pairs.folds > 1 else ""
    how = f"list of pairs, {same.sum()} genuine and {(~same).sum()} impostor{folds}"
    frame = pl.DataFrame([paths, pl.Series("subject", subjects, dtype=pl.String)])
    return InputPart(frame, "pairs", how, note, (*passed_over, *_contradictions(path, frame, pairs)), pairs)


def connected(size: int, a: np.ndarray, b: np.ndarray) -> list[int]:
    """Return for each of `size` items the smallest item that links `a[k]`-`b[k]` connect it with."""
    parent = list(range(size))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = item = parent[parent[item]]
        return item

    for first, second in zip(a.tolist(), b.tolist(), strict=True):
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return [root(item) for item in range(size)]


def _read_columns(sheet: Sheet, images: Path) -> pl.DataFrame:
    """Return the comparisons of a table, checked and cleaned."""
    names = {name: sheet.column([name]) for name in COLUMNS}
    present = {name: column for name, column in names.items() if column}
    if not {"path_a", "path_b", "same"} <= set(present) or (("subject_a" in present) != ("subject_b" in present)):
        raise InputError(
            f"{sheet.path} has the columns {', '.join(sheet.frame.columns)}: a list of pairs needs `path_a`, `path_b` "
            "and `same`, and may have both `subject_a` and `subject_b`, and `fold`"
        )
    texts = {
        name: [value or "" for value in sheet.frame[column].cast(pl.String, strict=False)]
        for name, column in present.items()
    }
    columns = {
        name: [value and str(images / value) for value in values]
        if name.startswith("path")
        else list(map(clean, values))
        for name, values in texts.items()
    }
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        record = dict(zip(columns, values, strict=True))
        empty = [name for name, value in record.items() if not value]
        if empty:
            raise InputError(f"{sheet.where(number)}: the {empty[0]} is empty; every pair needs one")
        if record["same"].lower() not in YES | NO:
            raise InputError(f"{sheet.where(number)}: same is {record['same']!r}, expected 1 or 0, true or false")
        if record["path_a"] == record["path_b"]:
            raise InputError(f"{sheet.where(number)}: {record['path_a']} is compared with itself; remove the line")
    folds = columns.pop("fold", [""] * sheet.frame.height)
    order = {fold: code for code, fold in enumerate(sorted(set(folds), key=natural))}
    return pl.DataFrame(columns).with_columns(
        pl.Series("same", [value.lower() in YES for value in columns["same"]]),
        pl.Series("fold", [order[fold] for fold in folds], dtype=pl.Int64),
    )


def _passed_over(sheet: Sheet) -> tuple[Finding, ...]:
    """Return a finding on the columns that say nothing of which images are compared."""
    names = [name for name in sheet.frame.columns if name.lower() not in COLUMNS]
    if not names:
        return ()
    scores = f"; models are run on the images: --model NAME={sheet.path} measures its scores beside them"
    added = scores if sheet.column(["score"]) else ""
    return (Finding("ignored", f"{sheet.path}: passed over the columns {', '.join(names)}{added}"),)


def _given_subjects(path: Path, comparisons: pl.DataFrame, paths: pl.Series) -> list[str]:
    a = comparisons.select(path="path_a", subject="subject_a")
    b = comparisons.select(path="path_b", subject="subject_b")
    labels = pl.concat([a, b]).unique().sort("path", "subject")
    twice = labels.filter(pl.col("path").is_duplicated())
    if twice.height:
        image, first = twice.row(0)
        raise InputError(f"{path}: {image} is of {first!r} in one pair and {twice['subject'][1]!r} in another: mend it")
    return labels["subject"].to_list()


def _contradictions(path: Path, frame: pl.DataFrame, pairs: Pairs) -> tuple[Finding, ...]:
    subjects = frame["subject"].to_numpy()
    wrong = (subjects[pairs.a] == subjects[pairs.b]) != pairs.same
    if not wrong.any():
        return ()
    rows = np.unique([pairs.a[wrong], pairs.b[wrong]])
    message = (
        f"{path}: found {counted(int(wrong.sum()), 'pair')} at odds with the subjects, `same` between two subjects or "
        "not `same` within one: mend the labels"
    )
    return (Finding("label-conflict", message, tuple(frame["path"][rows].to_list())),)
