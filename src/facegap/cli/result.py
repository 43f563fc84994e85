"""What the terminal shows of a study: the numbers, what to look at, and where the report is."""

from pathlib import Path
from typing import TYPE_CHECKING

from facegap.cli.console import Terminal
from facegap.errors import Phrase, nphrase

if TYPE_CHECKING:
    from facegap.data.evaluation import Evaluation
    from facegap.report.text.findings import ShownFinding

SHOWN_FINDINGS = 12
SHOWN_NAMES = 3
SHOWN_DIFFERENCES = 6


def show(console: Terminal, evaluation: "Evaluation", page: str) -> None:
    """Print what was found and where the report is."""
    from facegap.cli.terminal import print_cards, print_summary
    from facegap.report.tables.limits import unseen_sentence
    from facegap.report.text.decided import difference_lines
    from facegap.report.text.findings import shown_findings
    from facegap.report.text.language import _, ngettext
    from facegap.report.text.notices import notice_text
    from facegap.report.text.summary import image_sets, summary_rows
    from facegap.report.text.verdict import verdicts
    from facegap.report.text.why import why_sentences

    console.print()
    if notice := notice_text(evaluation):
        console.print(notice, style="yellow")
        console.print()
    print_cards(console, evaluation)
    print_summary(console, summary_rows(evaluation))
    sentences = [str(one) for one in verdicts(evaluation)]
    for sentence in sentences:
        console.print(sentence)
    for line in difference_lines(evaluation, " ".join(sentences), most=SHOWN_DIFFERENCES):
        console.print(line)
    for sentence in why_sentences(evaluation):
        console.print(sentence)
    if unseen := unseen_sentence(evaluation):
        console.print(unseen)
    for row in evaluation.metrics.iter_rows(named=True):
        if row["metric"] == "fold_accuracy":
            console.print(_folds(row, several=len(image_sets(evaluation)) > 1))
    findings = [_finding(one) for one in shown_findings(evaluation)]
    if findings:
        console.print("\n" + _("To look at:"), style="bold")
    for message in findings[:SHOWN_FINDINGS]:
        console.print(f"- {message}")
    if len(findings) > SHOWN_FINDINGS:
        more = len(findings) - SHOWN_FINDINGS
        console.print("- " + ngettext("and {n} more, in the report", "and {n} more, in the report", more, n=more))
    failed = evaluation.failures.group_by("model", "outcome", maintain_order=True).len()
    for row in failed.iter_rows(named=True):
        console.print(_failed(row))
    console.print("\n" + _("Report: {page}", page=page), style="bold", soft_wrap=True)


def _folds(row: dict, *, several: bool) -> str:
    """Return the accuracy over the folds of an official list; `several`: there are two sets of images."""
    from facegap.report.text.language import _
    from facegap.report.text.methods import method_text
    from facegap.report.text.summary import set_words

    named = {"model": row["model"], "accuracy": f"{row['value']:.4f}", "method": method_text(row)}
    if not several:
        return _("{model}: accuracy {accuracy} over {method}", **named)
    return _("{model} ({which}): accuracy {accuracy} over {method}", which=set_words(row["images"]), **named)


def _failed(row: dict) -> str:
    """Return how many images failed at a model in one way."""
    from facegap.report.text.language import _
    from facegap.report.text.names import outcome_name

    return _(
        "{model}: {n} images: {outcome} (listed in the report)",
        model=row["model"],
        n=row["len"],
        outcome=outcome_name(row["outcome"]),
    )


def nothing_measured(evaluation: "Evaluation") -> list[Phrase]:
    """Return why no model made a comparison, for each the commonest reason; none where one did."""
    from collections import Counter

    import polars as pl

    made = evaluation.metrics.filter(pl.col("metric").is_in(["genuine", "impostor"]))["value"]
    if (made > 0).any():
        return []
    failed = evaluation.failures.group_by("model", maintain_order=True).agg(pl.col("outcome"))
    said = []
    for model, outcomes in failed.iter_rows():
        outcome, number = Counter(outcomes).most_common(1)[0]
        said.append(
            nphrase(
                "{model} got no embedding of {n} image, {number} of them: {outcome}",
                "{model} got no embedding of {n} images, {number} of them: {outcome}",
                len(outcomes),
                model=model,
                number=number,
                outcome=Phrase(outcome),
            )
        )
    return said or [Phrase("there is no comparison")]


def _finding(found: "ShownFinding") -> str:
    """Return a finding in one line, with the names of its first images."""
    from facegap.report.text.language import _, shortened

    names = [Path(path).name for path in found.paths]
    if not names:
        return found.text
    return _("{finding} ({names})", finding=found.text, names=shortened(names, SHOWN_NAMES))
