"""`facegap table`: the numbers of a report as the table of a paper."""

from pathlib import Path
from typing import Annotated

import typer

from facegap.cli import options
from facegap.cli.as_json import Json, print_json

VERSION = 1
"""Schema version of what `--json` prints."""

FORMATS = ("latex", "markdown", "csv", "html")


def table(
    report: Annotated[Path, typer.Argument(help="A report's folder, or its evaluation.json or evaluation.parquet.")],
    *,
    format_: Annotated[str, typer.Option("--format", help="latex, markdown, csv or html.")] = "markdown",
    metric: Annotated[
        list[str] | None,
        typer.Option(help="A column, e.g. auc or fnmr@fmr=1e-4; may be given several times, or parted by commas."),
    ] = None,
    cohort: Annotated[list[str] | None, typer.Option(help="A cohort, all by default.")] = None,
    model: Annotated[list[str] | None, typer.Option("--model", "-m", help="A model, all by default.")] = None,
    intervals: Annotated[bool, typer.Option("--intervals/--no-intervals", help="Show intervals, or none.")] = True,
    json: Json = False,
) -> None:
    """Print a line per model and cohort of a report, with the numbers that you choose, for a paper or a page."""
    from facegap.data.report_files import read_report
    from facegap.report.tables.formats import FORMATS as WRITERS
    from facegap.report.tables.published import published

    options.one_of("--format", format_, FORMATS)
    evaluation = read_report(report, estimates=False)
    found = published(
        evaluation,
        options.split_names(metric),
        models=model or (),
        cohorts=cohort or (),
        intervals=intervals,
    )
    if json:
        print_json(VERSION, {"name": evaluation.name, "rows": found.rows})
    else:
        typer.echo(WRITERS[format_](found), nl=False)
