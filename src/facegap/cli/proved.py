"""What a person sees of a proof."""

from typing import TYPE_CHECKING

from facegap.cli.console import Terminal

if TYPE_CHECKING:
    from facegap.jobs.proof import Proof


def show_proof(console: Terminal, proof: "Proof") -> None:
    """Print what was found on unseen subjects before and after, and the verdict."""
    from facegap.cli.terminal import print_summary
    from facegap.jobs.proof import Result
    from facegap.report.text.notices import notice_text
    from facegap.report.text.summary import summary_rows
    from facegap.report.text.verdict import verdicts

    console.print()
    console.print(notice_text(proof.evaluation), style="yellow")
    console.print()
    print_summary(console, summary_rows(proof.evaluation))
    *found, verdict = proof.sentences
    *of_each_model, _of_both = map(str, verdicts(proof.evaluation))
    for sentence in (*of_each_model, "", *found):
        console.print(sentence)
    console.print(verdict, style="bold green" if proof.result is Result.GAIN else "bold yellow")
