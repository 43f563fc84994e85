"""`facegap explain`: why cohorts of a report differ, where its images are still there."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from facegap.cli import groups
from facegap.cli.shared import FLAGS
from facegap.errors import InputError


def explain(
    ctx: typer.Context,
    report: Annotated[Path, typer.Argument(help="Folder of a report that `facegap evaluate` wrote.")],
    *,
    running: groups.RunningOptions,
) -> None:
    """Measure the images of a report, and say how much of each gap between its cohorts goes with that.

    The report is made anew with the section "Why", by the command that made it; its embeddings come from the store:
    `--store` says which.
    """
    from facegap.data.report_files import read_report

    evaluation = read_report(report)
    arguments = [one for one in shlex.split(evaluation.provenance.get("command", ""))[1:] if one not in FLAGS]
    if arguments[:1] != ["evaluate"]:
        raise InputError(
            "{report} does not say by which command it was made: run facegap evaluate again, with --explain",
            report=report,
        )
    evaluate = ctx.find_root().command.commands["evaluate"]  # pyright: ignore[reportAttributeAccessIssue]
    same = evaluation.provenance["data sha256"]
    with evaluate.make_context("evaluate", arguments[1:]) as context:
        context.params |= {"explain": True, "out": report, "same_data": same, **vars(running)}
        evaluate.invoke(context)
