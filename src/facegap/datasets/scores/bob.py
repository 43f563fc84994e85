"""The score files of bob (bob.bio.base): four or five columns, without a header."""

from pathlib import Path

import polars as pl

from facegap.datasets.part import ReadScores
from facegap.datasets.scores.batches import first_line, lines
from facegap.datasets.scores.collector import Collector
from facegap.errors import InputError

FOUR = ("claimed", "real", "probe", "score")
FIVE = ("claimed", "model", "real", "probe", "score")
"""Claimed identity, label of the reference (in five columns), real identity, label of the probe, score."""


def is_bob(path: Path) -> bool:
    """Return whether the first line of a text file has four or five columns, the last one a number.

    `Name i Name j` is a line of a list of pairs.
    """
    fields = first_line(path).split()
    if len(fields) not in (len(FOUR), len(FIVE)) or not is_number(fields[-1]):
        return False
    return [is_number(field) for field in fields] != [False, True, False, True]


def is_number(text: str) -> bool:
    """Return whether a text is a number, `nan` included."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_bob(path: Path) -> ReadScores:
    """Return the scores of a file of bob; in four columns each claimed identity has one reference.

    Raises:
        InputError: a line has other columns than the first one, or no score.
    """
    names = FIVE if len(first_line(path).split()) == len(FIVE) else FOUR
    collector = Collector(path, subjects=True, same=False)
    row = 0
    for batch in lines(path):
        fields = batch.str.replace_all(r"\s+", " ").str.split(" ")
        wrong = (fields.list.len() != len(names)).arg_true()
        if len(wrong):
            at = int(wrong[0])
            raise InputError(
                "{path}, row {row}: found {line!r}, expected {n_names} columns",
                path=path,
                row=row + at + 1,
                line=batch[at],
                n_names=len(names),
            )
        frame = pl.DataFrame({name: fields.list.get(k) for k, name in enumerate(names)})
        score = frame["score"].cast(pl.Float64, strict=False)
        if score.null_count():
            at = int(score.is_null().arg_true()[0])
            raise InputError(
                "{path}, row {row}: the score is {score!r}, expected a number",
                path=path,
                row=row + at + 1,
                score=frame["score"][at],
            )
        reference = "model" if "model" in names else pl.concat_str([pl.lit("reference of "), "claimed"])
        collector.add(
            frame.select(path_a=reference, path_b="probe", subject_a="claimed", subject_b="real", score=score)
        )
        row += len(batch)
    return collector.read(f"scores in {len(names)} columns, as bob writes them")
