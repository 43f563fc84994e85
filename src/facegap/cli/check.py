"""`facegap check`: whether a finished report keeps rules, for pipelines that must stop on a gap."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from facegap.cli import options
from facegap.cli.console import Terminal

if TYPE_CHECKING:
    from facegap.data.evaluation import Evaluation
    from facegap.jobs.check import Judgement

STYLES = {"holds": "green", "fails": "bold red", "can't tell": "yellow"}


def check(
    report: Annotated[Path, typer.Argument(help="A report's folder, or its evaluation.json or evaluation.parquet.")],
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", "-r", help="""What must hold, e.g. 'auc[young] >= 0.97'; may be given several times."""),
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write the verdicts to this file, as JUnit XML.")] = None,
    allow_undecided: Annotated[
        bool, typer.Option("--allow-undecided", help="Pass where the data can't tell whether a rule holds.")
    ] = False,
    anonymous: options.Anonymous = False,
) -> None:
    """Judge rules by the intervals of a report; the exit code is 1 unless all of them hold."""
    from facegap.cli.outputs import JUNIT, reserved
    from facegap.cli.reports import read_report
    from facegap.jobs.check import check as judge
    from facegap.jobs.check import junit_xml
    from facegap.run.files import written_whole

    with reserved(*([(junit, JUNIT)] if junit else []), given=[report], option="--junit"):
        evaluation = read_report(report, anonymous=anonymous)
        judgements = judge(evaluation, rule or [])
        shown = [measured_text(one) for one in judgements]
        if junit is not None:
            xml = junit_xml(judgements, shown, allow_undecided=allow_undecided, properties=_about(evaluation))
            with written_whole(junit) as (draft,):
                draft.write_bytes(xml)
    console = Terminal()
    if evaluation.notice:
        console.print(f"{evaluation.notice}\n", style="yellow")
    console.print(_table(judgements, shown))
    stopping = [one for one in judgements if one.stops(allow_undecided=allow_undecided)]
    console.print(f"\n{_summary(judgements, evaluation)}", style="bold")
    raise typer.Exit(1 if stopping else 0)


def measured_text(judgement: "Judgement") -> str:
    """Return what was measured in the unit that rules are written in, so that it can be held against the limit."""
    from facegap.report.text.formatting import UNRESOLVED, bracketed, count, decimal, decimal_bound, digits_for, signed

    found, limit = judgement.measured, judgement.limit
    if found.value is None:
        text = UNRESOLVED
    elif found.scale == "count":
        text = count(found.value)
    elif found.scale == "plain":
        text = f"{decimal(found.value)} {bracketed(found.low, found.high, lambda b: _apart(b, limit, decimal_bound))}"
    else:
        half = found.value if found.low is None or found.high is None else (found.high - found.low) / 2
        digits = digits_for(abs(half), least=3)
        interval = bracketed(found.low, found.high, lambda b: _apart(b, limit, lambda x: signed(x, digits)))
        text = f"{signed(found.value, digits, plus=found.scale == 'difference')} {interval}"
    return f"{text.rstrip()}{f' on {judgement.where}' if judgement.where else ''}"


def _apart(bound: float, limit: float, write: Callable[[float], str]) -> str:
    """Return a bound with as many digits as it takes to see on which side of the limit it lies."""
    from facegap.report.text.formatting import signed

    text = write(bound)
    for digits in range(4, 10):
        if abs(bound) == abs(limit) or abs(float(text.replace("−", "-"))) != abs(limit):
            break
        text = signed(bound, digits)
    return text


def _about(evaluation: "Evaluation") -> dict[str, str]:
    """Return what was judged and how, for whoever reads the XML alone."""
    said = {key: evaluation.provenance[key] for key in ("intervals", "level") if key in evaluation.provenance}
    return {"evaluation": evaluation.name, **said, **({"notice": evaluation.notice} if evaluation.notice else {})}


def _table(judgements: "list[Judgement]", shown: list[str]) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("Rule", overflow="fold")
    table.add_column("Measured", overflow="fold")
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Why", overflow="fold")
    for one, text in zip(judgements, shown, strict=True):
        table.add_row(one.rule, text, Text(one.verdict, STYLES[one.verdict]), one.reason)
    return table


def _summary(judgements: "list[Judgement]", evaluation: "Evaluation") -> str:
    """Return how many rules got which verdict, and by which intervals."""
    verdicts = [str(one.verdict) for one in judgements]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in STYLES if verdict in verdicts)
    rules = f"{len(judgements)} rule{'s' if len(judgements) > 1 else ''}"
    level = f"{100 * float(evaluation.provenance.get('level', '0.95')):g} %"
    return f"{rules}: {counts}; judged by the {level} interval, not by the value."
