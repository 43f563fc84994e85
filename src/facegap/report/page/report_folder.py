"""Which folder may be that of a report."""

from pathlib import Path

from facegap.data.own_files import MARK, OWNED
from facegap.errors import InputError
from facegap.run.places import check_output_folder, exists


def check_report_folder(out: Path) -> None:
    """Refuse a place that cannot hold a report; to be asked before any work is done.

    Raises:
        InputError: it is a file, cannot be written, or holds files of these names that are no report.
    """
    check_output_folder(out)
    taken = [name for name in OWNED if exists(out / name)]
    if taken and MARK not in taken:
        raise InputError(
            "{out} holds {taken} but no facegap report: name another folder for the report, it would be replaced",
            out=out,
            taken=taken[0],
        )
