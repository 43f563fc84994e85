"""A list of images with their subjects and no header, as CelebA's: `000001.jpg 2880`."""

from pathlib import Path

import polars as pl

from facegap.data.statement import Statement
from facegap.datasets.plain_pairs import TWO
from facegap.datasets.sheet import Sheet


def is_identity_list(text: str) -> bool:
    """Return whether each line is an image and the number of its subject.

    Two lines a pair look alike, but their numbers are 1 and 0 only, or equal in both lines and somewhere 0.
    """
    found = [TWO.fullmatch(line.strip()) for line in text.splitlines() if line.strip()]
    numbers = [int(one["flag"]) for one in found if one]
    pairwise = set(numbers) <= {0, 1} or (0 in numbers and numbers[::2] == numbers[1::2])
    return len(numbers) == len(found) > 0 and not pairwise


def identity_sheet(path: Path, text: str, note: Statement | None) -> Sheet:
    """Return the list as a table of `path` and `subject`."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    fields = [(found["a"], found["flag"]) for _, line in lines if (found := TWO.fullmatch(line))]
    frame = pl.DataFrame(fields, schema={"path": pl.String, "subject": pl.String}, orient="row")
    return Sheet(path, frame, tuple(number for number, _ in lines), note)
