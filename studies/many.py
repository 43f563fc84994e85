"""Many cohorts that are alike: how often does a study of them find anything, after Holm?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facegap import Comparator
from studies import ours
from studies.populations import NULL, POPULATIONS, draw
from studies.reading import LEVEL, Quantity
from studies.real import Universe
from studies.summary import share_row

COHORTS = (2, 4, 10)
ANY = Quantity("holm", "any of these", "")


@dataclass(frozen=True)
class Splittable:
    """People who are put into cohorts at random: `draw` gives subject codes from 0 (N,) and embeddings (N, D)."""

    name: str
    draw: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
    comparator: Comparator
    shipped: float


def simulated(name: str, shipped: float) -> Splittable:
    """Return model a of a population, drawn anew each time."""

    def again(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        drawn = draw(POPULATIONS[name], NULL, rng)
        return drawn.subject, drawn.vectors[0]

    return Splittable(name, again, Comparator.COSINE, shipped)


def real(title: str, universe: Universe, model: int, shipped: float) -> Splittable:
    """Return all people of the universe, as one of its models sees them."""
    found = universe.subject, universe.vectors[model]
    return Splittable(f"{title}, {universe.names[model]}", lambda _: found, universe.comparators[model], shipped)


def split(people: Splittable, cohorts: int, rng: np.random.Generator) -> list[dict]:
    """Return all claims about `cohorts` cohorts of about equal size into which the subjects fall at random."""
    subject, vectors = people.draw(rng)
    size = int(subject.max()) + 1
    cohort = rng.permutation(np.arange(size) % cohorts).astype(np.int32)
    return ours.cohort_claims(vectors, subject, cohort[subject], people.comparator, people.shipped)


def rows(name: str, splits: list[list[dict]]) -> list[dict]:
    """Return rows of the study, of many splits.

    Kind `holm`: in which share of the splits there is any claim after Holm, by metric and in all. Kind `raw`: which
    share of the tests finds a difference before Holm.
    """
    keys = dict.fromkeys((one["metric"], one["at"], one["scale"]) for claims in splits for one in claims)
    found = []

    def p_values(claims: list[dict], key: tuple | None, column: str) -> np.ndarray:
        chosen = [one for one in claims if key in (None, (one["metric"], one["at"], one["scale"]))]
        return np.array([np.nan if one[column] is None else one[column] for one in chosen])

    for key in (*keys, None):
        quantity = ANY if key is None else Quantity("holm", *key)
        claimed = [bool((p_values(claims, key, "p_holm") < 1 - LEVEL).any()) for claims in splits]
        raw = [float((p_values(claims, key, "p") < 1 - LEVEL).mean()) for claims in splits]
        found.append(share_row("d", name, "null", ours.METHOD, quantity, claimed))
        found.append(share_row("d", name, "null", ours.METHOD, quantity._replace(kind="raw"), raw))
    return found
