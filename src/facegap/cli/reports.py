"""Reading a finished report from the command line."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facegap.errors import InputError
from facegap.run.files import current
from facegap.run.places import is_file, is_folder

if TYPE_CHECKING:
    from facegap.data.evaluation import Evaluation

NAMES = ("evaluation.json", "evaluation.parquet")

NAMELESS = "a report"
"""The name of a report that may not be named."""


def is_report(path: Path) -> bool:
    """Return whether a path is a report's folder, or one of the files in it that hold its numbers."""
    return path.name in NAMES or any(is_file(current(path, name)) for name in NAMES)


def read_report(report: Path, *, anonymous: bool = False) -> "Evaluation":
    """Return the evaluation in a report's folder, or in one of its files, without its name if it is to be anonymous:
    that is made of the names of folders unless the user gave others.

    Raises:
        InputError: there is none.
    """
    from facegap.data.evaluation import Evaluation

    file = current(report.parent, report.name)
    if is_folder(report):
        file = next((file for name in NAMES if is_file(file := current(report, name))), report)
        if file == report:
            raise InputError(f"{report} holds no {NAMES[0]}: give the folder that `facegap evaluate --out` wrote")
    try:
        parquet = file.suffix == ".parquet"
        found = Evaluation.from_parquet(file) if parquet else Evaluation.from_json(file.read_bytes())
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give a report's folder") from None
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    return replace(found, name=NAMELESS) if anonymous else found
