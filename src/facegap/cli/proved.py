"""What a person sees of a proof."""

from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from facegap.proof import Proof


def show_proof(console: Console, proof: "Proof") -> None:
    """Print what was found on unseen subjects, and the verdict."""
    from facegap.cli.terminal import print_summary
    from facegap.proof import Result
    from facegap.report.summary import summary_rows

    console.print()
    console.print(proof.evaluation.notice, style="yellow", markup=False)
    console.print()
    print_summary(console, summary_rows(proof.evaluation))
    *found, verdict = proof.sentences
    for sentence in found:
        console.print(sentence, markup=False)
    console.print(verdict, style="bold green" if proof.result is Result.GAIN else "bold yellow", markup=False)
