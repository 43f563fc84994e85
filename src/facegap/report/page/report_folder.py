"""What a report's folder holds, and which folder may be one."""

from pathlib import Path

from facegap.errors import InputError
from facegap.run.places import check_output_folder, exists

MARK, TABLE, CHARTS, PAGE = "evaluation.json", "evaluation.parquet", "charts", "index.html"
OWNED = (MARK, TABLE, CHARTS, PAGE)
"""All that a report puts in its folder, in the order in which it is replaced; `MARK` says that a folder is a report."""


def check_report_folder(out: Path) -> None:
    """Refuse a place that cannot hold a report; to be asked before any work is done.

    Raises:
        InputError: it is a file, cannot be written, or holds files of these names that are no report.
    """
    check_output_folder(out)
    taken = [name for name in OWNED if exists(out / name)]
    if taken and MARK not in taken:
        raise InputError(
            f"{out} holds {taken[0]} but no facegap report: name another folder for the report, it would be replaced"
        )
