"""The card beside an adapted model: what it is, what it was made from, what was measured, and what it cannot claim."""

import polars as pl

from facegap.adapt.record import Record
from facegap.comparator import Comparator
from facegap.report.differences import level_of
from facegap.report.formatting import metric_text, threshold_text
from facegap.report.phrases import listed
from facegap.split import Role
from facegap.suggestion import Suggestion

SHOWN = (
    ("auc", "", "AUC"),
    ("eer", "", "EER"),
    ("tar", "fmr=0.01", "TAR@FMR=1e-2"),
    ("tar", "fmr=0.001", "TAR@FMR=1e-3"),
)


def card(record: Record, name: str, suggested: Suggestion | None, sha256: str, difference: float) -> str:
    """Return the card of the file `name` as Markdown; it names no person.

    `sha256`: of the file. `difference`: the greatest one found between the file and its parts.
    """
    proof, head, spec = record.proof, record.head, record.model.spec
    limits = [
        "It was learnt from the people counted above and judged on others of the same data. Other cameras, ages, poses "
        "or people are not covered: evaluate it on yours.",
        "Intervals are over subjects; each holds for what was measured here.",
        "Who is a failure to acquire for the model stays one: the step changes how embeddings compare, not which faces "
        "are found.",
    ]
    if proof.price is None:
        limits.append("What it does to other people was not measured.")
    if record.study.notice:
        limits.insert(0, record.study.notice)
    threshold = "none, for there are too few impostor comparisons"
    if suggested is not None:
        threshold = f"{threshold_text(suggested.threshold)}, for {suggested.rule}; decided by {suggested.cohort}"
    facts = [
        f"{spec.name} with a linear step behind it: centring, within-subject whitening and shrinkage LDA "
        f"({record.choice.recipe.label}; chosen among {record.choice.tried} by cross-validation over subjects)",
        f"{head.dimension} numbers, to be compared by {Comparator.COSINE}",
        f"crop {spec.crop}, {spec.size} pixels; the contract is in the file's metadata",
        f"suggested threshold: {threshold}",
        f"licence: {spec.licence or f'that of {spec.name}, whose contract does not say it'}",
        f"sha256 of the file: `{sha256}`",
        f"sha256 of the model it is made of: `{spec.weights}`",
        f"the file and its parts differ by {difference:.0e} of the greatest number, on real crops",
    ]
    made = f"    {record.study.command}\n\n" if record.study.command else ""
    return (
        f"# {name}\n\n{spec.name}, adapted by facegap to {listed(list(proof.target))}.\n\n{made}"
        f"{_bullets(facts)}\n## Data\n\n{_data(record)}\n## Results\n\n{_results(record)}\n"
        f"{_bullets(proof.sentences)}\n## Limits\n\n{_bullets(limits)}"
    )


def _bullets(lines: list[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _data(record: Record) -> str:
    table = record.split.table(record.manifest)
    counts = table.group_by("cohort", "role").agg(pl.col("subject").n_unique(), images=pl.len())
    rows = []
    for cohort in record.manifest.cohorts:
        for role in Role:
            found = counts.filter(cohort=cohort, role=str(role))
            rows += [(cohort, str(role), *map(str, found.select("subject", "images").row(0)))] if found.height else []
    facts = [
        f"{record.note}",
        f"{record.images} images with a face were learnt from; sha256 over them and their labels: `{record.data}`",
        "split by subject; who has which role is listed in the file beside this one",
    ]
    return f"{_table(('Cohort', 'Role', 'Subjects', 'Images'), rows)}\n{_bullets(facts)}"


def _results(record: Record) -> str:
    evaluation = record.proof.evaluation
    rows = []
    for cohort in (*record.proof.target, *record.proof.general):
        for model in (record.proof.old, record.proof.new):
            texts = [metric_text(evaluation.row(metric, model=model, cohort=cohort, at=at)) for metric, at, _ in SHOWN]
            rows.append((cohort, model, *texts))
    level = f"{100 * level_of(evaluation):g} %"
    head = f"On subjects that were not learnt from, with {level} intervals over subjects.\n\n"
    return head + _table(("Cohort", "Model", *(title for *_, title in SHOWN)), rows)


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    return "".join(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in line)} |\n" for line in lines)
