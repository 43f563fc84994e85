"""The card beside an adapted model."""

from facegap.data.comparator import Comparator
from facegap.jobs.adapt.record import AdaptationRecord
from facegap.jobs.model_card import LearningSource, model_card, threshold_fact
from facegap.report.text import cards


def card(record: AdaptationRecord, name: str, sha256: str, difference: float) -> str:
    """Return the card of the file `name` as Markdown; it names no person.

    `sha256`: of the file. `difference`: the greatest one found between the file and its parts.
    """
    head, spec = record.head, record.model.spec
    facts = [
        cards.linear_step(spec.name, record.choice.recipe.label, record.choice.tried),
        *cards.contract(head.dimension, Comparator.COSINE, spec.crop, spec.size),
        threshold_fact(record.proof.suggested),
        cards.licence_of(spec.licence, spec.name),
        cards.file_digest(sha256),
        cards.base_digest(spec.weights),
        cards.parts_differ(difference),
    ]
    source = LearningSource(record.manifest, record.split, record.note, record.images, record.data, record.study)
    what = cards.adapted(spec.name, record.proof.target)
    return model_card(name, source, record.proof, what=what, facts=facts, limits=[cards.still_failures()])
