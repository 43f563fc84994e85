"""`facegap check`: whether a finished report keeps rules, for pipelines that must stop on a gap."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from facegap.cli import options
from facegap.cli.as_json import Json, print_json
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal
from facegap.cli.groups import LimitOptions

if TYPE_CHECKING:
    from facegap.data.evaluation import Evaluation
    from facegap.jobs.check import Judgement

VERSION = 1
"""Schema version of what `--json` prints."""

STYLES = {"holds": "green", "fails": "bold red", "can't tell": "yellow"}


def check(
    report: Annotated[Path, typer.Argument(help="A report's folder, or its evaluation.json or evaluation.parquet.")],
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            "-r",
            help="""What must hold, e.g. 'auc[young] >= 0.97'; may be given several times; else the report's limits.""",
        ),
    ] = None,
    *,
    limits: LimitOptions,
    against: Annotated[
        Path | None,
        typer.Option(help="An earlier report: the old model of each claim, e.g. not_worse, is then one of it."),
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write the verdicts to this file, as JUnit XML.")] = None,
    allow_undecided: Annotated[
        bool, typer.Option("--allow-undecided", help="Pass where the data can't tell whether a rule holds.")
    ] = False,
    anonymous: options.Anonymous = False,
    json: Json = False,
) -> None:
    """Judge rules, or else the limits, by the intervals of a report; the exit code is 1 unless all of them hold."""
    from facegap.cli.outputs import JUNIT, reserved
    from facegap.data.report_files import read_report
    from facegap.jobs.check import check as judge
    from facegap.jobs.check import junit_xml, limit_rules
    from facegap.report.text.judgements import measured_text
    from facegap.report.text.notices import notice_text
    from facegap.run.files import written_whole

    with reserved(*([(junit, JUNIT)] if junit else []), given=[report, against], option="--junit"):
        evaluation = read_report(report, anonymous=anonymous, estimates=against is not None)
        if limits.limit:
            evaluation = replace(evaluation, limits=limits.limits())
        earlier = None if against is None else read_report(against, anonymous=anonymous)
        judgements = judge(evaluation, rule or limit_rules(evaluation), against=earlier)
        shown = [measured_text(one) for one in judgements]
        if junit is not None:
            xml = junit_xml(judgements, shown, allow_undecided=allow_undecided, properties=_about(evaluation))
            with written_whole(junit) as (draft,):
                draft.write_bytes(xml)
    stopping = [one for one in judgements if one.stops(allow_undecided=allow_undecided)]
    if json:
        rules = [_plain(one, text) for one, text in zip(judgements, shown, strict=True)]
        print_json(VERSION, {**_about(evaluation), "passed": not stopping, "rules": rules})
    else:
        console = Terminal()
        if notice := notice_text(evaluation):
            console.print(f"{notice}\n", style="yellow")
        _show(console, evaluation, judgements, shown)
    raise typer.Exit(1 if stopping else 0)


def judged(console: Terminal, evaluation: "Evaluation", rules: list[str]) -> bool:
    """Print what comes of rules, and return whether one stops a pipeline."""
    from facegap.jobs.check import check as judge
    from facegap.report.text.judgements import measured_text

    judgements = judge(evaluation, rules)
    console.print()
    _show(console, evaluation, judgements, [measured_text(one) for one in judgements])
    return any(one.stops(allow_undecided=False) for one in judgements)


def _show(console: Terminal, evaluation: "Evaluation", judgements: "list[Judgement]", shown: list[str]) -> None:
    from facegap.report.text.judgements import rules_text
    from facegap.report.text.shown_differences import level_of

    console.print(_table(judgements, shown))
    console.print(f"\n{rules_text(judgements, level_of(evaluation))}", style="bold")


def _plain(one: "Judgement", text: str) -> dict:
    """Return a judgement as it is printed for scripts: codes and numbers, and the words that a person would see."""
    found = one.measured
    return {
        "rule": one.rule,
        "verdict": one.verdict,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "scale": found.scale,
        "limit": one.limit,
        "cohort": one.where,
        "reason": one.because.code,
        "measured": text,
        "why": one.reason,
    }


def _about(evaluation: "Evaluation") -> dict[str, str]:
    """Return what was judged and how, for whoever reads the XML alone."""
    said = {key: evaluation.provenance[key] for key in ("intervals", "level") if key in evaluation.provenance}
    return {"evaluation": evaluation.name, **said, **({"notice": evaluation.notice} if evaluation.notice else {})}


def _table(judgements: "list[Judgement]", shown: list[str]) -> Columns:
    from facegap.report.text.judgements import verdict_name
    from facegap.report.text.language import _

    table = Columns()
    table.add_column(_("Rule"), overflow="fold")
    table.add_column(_("Measured"), overflow="fold")
    table.add_column(_("Verdict"), no_wrap=True)
    table.add_column(_("Why"), overflow="fold")
    for one, text in zip(judgements, shown, strict=True):
        table.add_row(one.rule, text, Text(verdict_name(one.verdict), STYLES[one.verdict]), one.reason)
    return table
