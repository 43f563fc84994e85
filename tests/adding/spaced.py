"""Scores in lines of two images with their subjects: `a.png@Aoi b.png@Emi 0.25`."""

from pathlib import Path

import polars as pl

from facegap.data.statement import Statement
from facegap.datasets.part import ReadScores
from facegap.datasets.scores.batches import first_line, lines
from facegap.datasets.scores.collector import Collector


def is_spaced(path: Path) -> bool:
    """Return whether the first line has two fields with an `@` and a third one."""
    fields = first_line(path).split()
    return ["@" in field for field in fields] == [True, True, False]


def read_spaced(path: Path) -> ReadScores:
    """Return the scores."""
    collector = Collector(path, subjects=True, same=False)
    for batch in lines(path):
        fields = batch.str.split(" ")
        sides = [fields.list.get(side).str.split("@") for side in (0, 1)]
        collector.add(
            pl.DataFrame(
                {
                    **{f"path_{name}": side.list.get(0) for name, side in zip("ab", sides, strict=True)},
                    **{f"subject_{name}": side.list.get(1) for name, side in zip("ab", sides, strict=True)},
                    "score": fields.list.get(2).cast(pl.Float64),
                }
            )
        )
    return collector.read(Statement("lines of two images and a score"))
