"""What errors quote of inputs, contracts and failures: errors are in English, whatever the language."""

from facegap.data.statement import Statement
from facegap.report.text.contracts import CONTRACTS
from facegap.report.text.failures import FAILURES
from facegap.report.text.inputs import INPUTS
from facegap.report.text.language import SOURCE, in_language
from facegap.report.text.sentences import worded


def said(statement: Statement) -> str:
    """Return a statement in the current language."""
    return worded(statement, INPUTS | CONTRACTS | FAILURES)


def in_english(said: Statement | None) -> str:
    """Return what is said, in English, "" where nothing is said."""
    if said is None:
        return ""
    with in_language(SOURCE):
        return worded(said, INPUTS | CONTRACTS | FAILURES)
