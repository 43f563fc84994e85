"""Reading a finished report from its folder."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facegap.data.own_files import ESTIMATES, MARK, TABLE
from facegap.errors import InputError
from facegap.run.files import current
from facegap.run.places import is_file, is_folder

if TYPE_CHECKING:
    from facegap.data.evaluation import Evaluation

NAMES = (MARK, TABLE)

NAMELESS = "a report"
"""The name of a report that may not be named."""


def is_report(path: Path) -> bool:
    """Return whether a path is a report's folder, or one of the files in it that hold its numbers."""
    return path.name in NAMES or any(is_file(current(path, name)) for name in NAMES)


def read_report(report: str | Path, *, anonymous: bool = False, estimates: bool = True) -> "Evaluation":
    """Return the evaluation in a report's folder, or in one of its files, with what its subjects do beside it.

    `anonymous`: without its name, which is made of the names of folders unless the user gave others. `estimates`:
    whether what its subjects do is read too; only a comparison with another report needs it.

    Raises:
        InputError: there is none.
    """
    from facegap.data.estimate_table import read_estimates
    from facegap.data.evaluation import Evaluation

    report = Path(report)
    folder, file = report.parent, current(report.parent, report.name)
    if is_folder(report):
        folder, file = report, next((file for name in NAMES if is_file(file := current(report, name))), report)
        if file == report:
            raise InputError(
                "{report} holds no {names}: give the folder that `facegap evaluate --out` wrote",
                report=report,
                names=NAMES[0],
            )
    try:
        parquet = file.suffix == ".parquet"
        found = Evaluation.from_parquet(file) if parquet else Evaluation.from_json(file.read_bytes())
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({reason}): give a report's folder", path=file, reason=error.strerror
        ) from None
    except InputError as error:
        raise InputError("{path}: {reason}", path=file, reason=error) from None
    if estimates and is_file(beside := current(folder, ESTIMATES)):
        found = replace(found, estimates=read_estimates(beside))
    return replace(found, name=NAMELESS) if anonymous else found
