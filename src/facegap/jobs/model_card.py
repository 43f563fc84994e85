"""The card beside a model that was made here: what it is, what from, what was measured, and what it cannot claim."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from facegap.data.manifest import Manifest
from facegap.jobs.proof import UNMEASURED, Proof
from facegap.jobs.split import Role, Split
from facegap.jobs.study import Study
from facegap.jobs.suggestion import Suggestion
from facegap.report.text.formatting import metric_text, threshold_text
from facegap.report.text.language import listed
from facegap.report.text.shown_differences import level_of

SHOWN = (
    ("auc", "", "AUC"),
    ("eer", "", "EER"),
    ("tar", "fmr=0.01", "TAR@FMR=1e-2"),
    ("tar", "fmr=0.001", "TAR@FMR=1e-3"),
)

LIMITS = (
    "It was learnt from the people counted above and judged on others of the same data. Other cameras, ages, poses or "
    "people are not covered: evaluate it on yours.",
    "Intervals are over subjects; each holds for what was measured here.",
)


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

    `what`: says what it is, the people it was made for follow. `facts`: about the file, a sentence each. `limits`:
    beyond those of every model.
    """
    cannot = [*filter(None, [source.study.notice]), *LIMITS, *limits]
    if proof.price is None:
        cannot.append(f"{UNMEASURED} Neither was how often the suggested threshold takes two of them for one person.")
    made = f"    {source.study.command}\n\n" if source.study.command else ""
    return (
        f"# {name}\n\n{what} {listed(list(proof.target))}.\n\n{made}{_bullets(facts)}\n## Data\n\n{_data(source)}\n"
        f"## Results\n\n{_results(proof)}\n{_bullets(proof.sentences)}\n## Limits\n\n{_bullets(cannot)}"
    )


def threshold_fact(suggested: Suggestion | None) -> str:
    """Return what threshold is suggested, by which rule, and whose comparisons decided it."""
    if suggested is None:
        return "suggested threshold: none, for there are too few impostor comparisons"
    threshold = threshold_text(suggested.threshold)
    return f"suggested threshold: {threshold}, for {suggested.rule}; decided by {suggested.cohort}"


def _bullets(lines: Sequence[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _data(source: LearningSource) -> str:
    table = source.split.table(source.manifest)
    counts = table.group_by("cohort", "role").agg(pl.col("subject").n_unique(), images=pl.len())
    rows = []
    for cohort in source.manifest.cohorts:
        for role in Role:
            found = counts.filter(cohort=cohort, role=str(role))
            rows += [(cohort, str(role), *map(str, found.select("subject", "images").row(0)))] if found.height else []
    facts = [
        source.note,
        f"{source.images} images with a face were learnt from; sha256 over them and their labels: `{source.data}`",
        "split by subject; who has which role is listed in the file beside this one",
    ]
    return f"{_table(('Cohort', 'Role', 'Subjects', 'Images'), rows)}\n{_bullets(facts)}"


def _results(proof: Proof) -> str:
    evaluation = proof.evaluation
    rows = []
    for cohort in (*proof.target, *proof.general):
        for model in (proof.old, proof.new):
            texts = [metric_text(evaluation.row(metric, model=model, cohort=cohort, at=at)) for metric, at, _ in SHOWN]
            rows.append((cohort, model, *texts))
    level = f"{100 * level_of(evaluation):g} %"
    head = f"On subjects that were not learnt from, with {level} intervals over subjects.\n\n"
    return head + _table(("Cohort", "Model", *(title for *_, title in SHOWN)), rows)


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    return "".join(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in line)} |\n" for line in lines)
