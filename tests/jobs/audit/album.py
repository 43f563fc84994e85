"""People with known faces, and labels to be spoilt."""

import numpy as np
import polars as pl
import pytest

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.jobs.audit import AUDIT_SCHEMA, audit_labels

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)

PEOPLE, IMAGES = 60, 5


class Album:
    """People with known faces, and labels to be spoilt: image k of person s is `s/k`."""

    def __init__(self, *, people=PEOPLE, images=IMAGES, noise=0.6, cohorts=1, seed=0):
        rng = np.random.default_rng(seed)
        self.person = np.repeat(np.arange(people), images)
        centre = rng.normal(size=(people, 64)) + 0.7 * (np.arange(people) % cohorts)[:, None]
        self.vectors = (centre[self.person] + noise * rng.normal(size=(len(self.person), 64))).astype(np.float32)
        self.label = [f"{s:03}" for s in self.person]
        self.cohort = [f"c{s % cohorts}" for s in self.person]
        self.ok = np.ones(len(self.person), bool)

    def row(self, person: int, image: int) -> int:
        return person * IMAGES + image

    def study(self) -> tuple[Embeddings, Manifest]:
        paths = [f"{s:03}/{k % IMAGES}" for k, s in enumerate(self.person)]
        frame = pl.DataFrame({"path": paths, "subject": self.label, "cohort": self.cohort})
        order = frame.with_row_index().sort("subject", "cohort", "path")
        rows = order["index"].to_numpy()
        vectors = np.where(self.ok[:, None], self.vectors, np.nan)[rows]
        outcome = np.where(self.ok, Outcome.OK, Outcome.NO_FACE).astype(np.uint8)[rows]
        embeddings = Embeddings(vectors, outcome, (None,) * len(rows), np.full((len(rows), 4), np.nan, np.float32))
        return embeddings, Manifest(order.drop("index"), tuple(sorted(set(self.cohort))), "album")

    def audit(self, comparator=Comparator.COSINE) -> list[tuple[str, str, str]]:
        found, _ = self.audited(comparator)
        return found.select("kind", "path_a", "path_b").rows()

    def audited(self, comparator=Comparator.COSINE, threshold=None) -> tuple[pl.DataFrame, list[str]]:
        """Return what is found, and the lines that say what cannot be told."""
        embeddings, manifest = self.study()
        doubts = []
        found = audit_labels(embeddings, manifest, comparator, model="m", threshold=threshold, doubt=doubts.append)
        assert found.schema == AUDIT_SCHEMA
        assert (found["model"] == "m").all()
        return found, doubts
