"""The card beside an adapted model."""

from facegap.data.comparator import Comparator
from facegap.jobs.adapt.record import AdaptationRecord
from facegap.jobs.model_card import LearningSource, model_card, threshold_fact


def card(record: AdaptationRecord, name: str, sha256: str, difference: float) -> str:
    """Return the card of the file `name` as Markdown; it names no person.

    `sha256`: of the file. `difference`: the greatest one found between the file and its parts.
    """
    head, spec = record.head, record.model.spec
    facts = [
        f"{spec.name} with a linear step behind it: centring, within-subject whitening and shrinkage LDA "
        f"({record.choice.recipe.label}; chosen among {record.choice.tried} by cross-validation over subjects)",
        f"{head.dimension} numbers, to be compared by {Comparator.COSINE}",
        f"crop {spec.crop}, {spec.size} pixels; the contract is in the file's metadata",
        threshold_fact(record.proof.suggested),
        f"licence: {spec.licence or f'that of {spec.name}, whose contract does not say it'}",
        f"sha256 of the file: `{sha256}`",
        f"sha256 of the model it is made of: `{spec.weights}`",
        f"the file and its parts differ by {difference:.0e} of the greatest number, on real crops",
    ]
    source = LearningSource(record.manifest, record.split, record.note, record.images, record.data, record.study)
    limit = (
        "Who is a failure to acquire for the model stays one: the step changes how embeddings compare, not which faces "
        "are found."
    )
    return model_card(
        name, source, record.proof, what=f"{spec.name}, adapted by facegap to", facts=facts, limits=[limit]
    )
