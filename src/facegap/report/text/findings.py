"""What a person should look at, in words."""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.data.finding import Finding
from facegap.data.statement import Statement, values_of
from facegap.errors import InputError
from facegap.report.text.found_by_asking import FOUND_BY_ASKING
from facegap.report.text.found_by_models import FOUND_BY_MODELS
from facegap.report.text.found_in_inputs import FOUND_IN_INPUTS
from facegap.report.text.found_in_labels import FOUND_IN_LABELS
from facegap.report.text.language import SOURCE, in_language
from facegap.report.text.sentences import worded

FINDINGS = FOUND_IN_INPUTS | FOUND_IN_LABELS | FOUND_BY_ASKING | FOUND_BY_MODELS
"""The sentence of each `facegap.data.finding.FindingCode`."""


@dataclass(frozen=True)
class ShownFinding:
    """A finding as a reader sees it."""

    kind: str
    text: str
    paths: tuple[str, ...]


def finding_text(finding: Finding) -> str:
    """Return what was found."""
    return worded(finding.said, FINDINGS)


def finding_texts(findings: Iterable[Finding]) -> list[str]:
    """Return what was found, one after the other."""
    return [finding_text(one) for one in findings]


def shown_findings(evaluation: Evaluation) -> list[ShownFinding]:
    """Return what a person should look at, in the order of the evaluation."""
    return list(_shown(evaluation))


def _shown(evaluation: Evaluation) -> Iterator[ShownFinding]:
    for row in evaluation.findings.iter_rows(named=True):
        said = Statement(row["code"], tuple(values_of(row["values"]).items()))
        yield ShownFinding(row["kind"], worded(said, FINDINGS), tuple(row["paths"]))


def with_findings(error: InputError) -> InputError:
    """Return an error whose English also says what was found in the data; `error_text` says it in other languages."""
    told = copy(error)
    with in_language(SOURCE):
        told.args = ("; ".join([str(error), *finding_texts(error.findings)]),)
    return told
