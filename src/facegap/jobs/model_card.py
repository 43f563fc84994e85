"""The card beside a model that was made here: what it is, what from, what was measured, and what it cannot claim."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from facegap.data.formats import KEY
from facegap.data.manifest import Manifest
from facegap.jobs.proof import Proof
from facegap.jobs.split import Role, Split
from facegap.jobs.study import Study
from facegap.jobs.suggestion import Suggestion
from facegap.report.text import cards
from facegap.report.text.formatting import level_text, metric_text
from facegap.report.text.language import _, in_current
from facegap.report.text.proofs import role_name
from facegap.report.text.shown_differences import level_of
from facegap.run.visible import in_one_line, shown

VERSION = 1
"""Schema version of a card: its sections and their order."""

SHOWN = {
    "AUC": ("auc", ""),
    "EER": ("eer", ""),
    "TAR@FMR=1e-2": ("tar", "fmr=0.01"),
    "TAR@FMR=1e-3": ("tar", "fmr=0.001"),
}
"""What the card shows of each model and cohort, by the title of its column, as in the summary of a report."""


@dataclass(frozen=True)
class LearningSource:
    """What a model was made from: N images, who of them has which role, and what was learnt.

    `note`: in one line, who was learnt from and who judges. `images`: how many were learnt from, and `data`, the
    sha256 over them and their labels. `study`: what was asked.
    """

    manifest: Manifest
    split: Split
    note: str
    images: int
    data: str
    study: Study


def model_card(
    name: str, source: LearningSource, proof: Proof, *, what: str, facts: Sequence[str], limits: Sequence[str] = ()
) -> str:
    """Return the card of the file `name` as Markdown; it names no person.

    `what`: says what it is, and for whom it was made. `facts`: about the file, a sentence each. `limits`:
    beyond those of every model.
    """
    cannot = [*filter(None, [in_current(source.study.notice)]), *cards.limits(others=proof.price is not None), *limits]
    command = source.study.shown_command
    made = f"    {command}\n\n" if command else ""
    data, results, limiting = _("Data"), _("Results"), _("Limits")
    return shown(
        f"# {name}\n\n{what}\n\n{made}{_bullets(facts)}\n## {data}\n\n{_data(source)}\n"
        f"## {results}\n\n{_results(proof)}\n{_bullets(proof.sentences)}\n## {limiting}\n\n{_bullets(cannot)}"
        f"\n<!-- facegap model card, {KEY} {VERSION} -->\n"
    )


def threshold_fact(suggested: Suggestion | None) -> str:
    """Return what threshold is suggested, by which rule, and whose comparisons decided it."""
    if suggested is None:
        return cards.no_threshold()
    return cards.threshold(suggested.threshold, suggested.rule, suggested.cohort)


def _bullets(lines: Sequence[str]) -> str:
    return "".join(f"- {in_one_line(line)}\n" for line in lines)


def _data(source: LearningSource) -> str:
    table = source.split.table(source.manifest)
    counts = table.group_by("cohort", "role").agg(pl.col("subject").n_unique(), images=pl.len())
    rows = []
    for cohort in source.manifest.cohorts:
        for role in Role:
            found = counts.filter(cohort=cohort, role=str(role))
            rows += (
                [(cohort, role_name(role), *map(str, found.select("subject", "images").row(0)))] if found.height else []
            )
    facts = [
        source.note,
        *cards.data(source.images, source.data),
    ]
    return f"{_table((_('Cohort'), _('Role'), _('Subjects'), _('Images')), rows)}\n{_bullets(facts)}"


def _results(proof: Proof) -> str:
    evaluation = proof.evaluation
    rows = []
    for cohort in (*proof.target, *proof.general):
        for model in (proof.old, proof.new):
            texts = [
                metric_text(evaluation.row(metric, model=model, cohort=cohort, at=at)) for metric, at in SHOWN.values()
            ]
            rows.append((cohort, model, *texts))
    head = cards.results(level_text(level_of(evaluation)))
    return f"{head}\n\n{_table((_('Cohort'), _('Model'), *map(_, SHOWN)), rows)}"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    cells = [[in_one_line(text).replace("|", "\\|") for text in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
