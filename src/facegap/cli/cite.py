"""`facegap cite`: what to cite, as BibTeX."""

from pathlib import Path
from typing import Annotated

import typer


def cite(
    report: Annotated[
        Path | None, typer.Argument(help="A report: with it, all methods that it made use of are cited too.")
    ] = None,
) -> None:
    """Print BibTeX of facegap, and of the definitions and methods that a report made use of."""
    from facegap.data.report_files import read_report
    from facegap.report.text.citations import bibtex

    typer.echo(bibtex(None if report is None else read_report(report, estimates=False)), nl=False)
