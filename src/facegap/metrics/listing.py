"""What an evaluation lists besides numbers: models, cohorts, telling comparisons, failures, images to show."""

from collections.abc import Iterator

import numpy as np

from facegap.data.embeddings import Outcome
from facegap.data.evaluation import populations
from facegap.data.manifest import POOLED, Manifest
from facegap.data.statement import cell_of
from facegap.metrics.scored import Scored

SHEET = 24
"""Images per cohort on a contact sheet."""


def model_row(one: Scored) -> dict:
    """Return a model's row of `models`."""
    spec = one.spec
    return {
        "model": spec.name,
        "comparator": str(spec.comparator),
        "threshold": spec.threshold,
        "crop": spec.crop,
        "detector": one.faces.detector,
        "rule": one.faces.rule,
        "max_side": one.faces.max_side,
        "min_face": one.faces.min_face,
        "weights": spec.weights,
        "dimension": one.embeddings.vectors.shape[1] or None,
        "signature": spec.signature,
        "licence": spec.licence,
    }


def cohort_rows(manifest: Manifest) -> list[dict]:
    """Return the rows of `cohorts`, the pooled one last."""
    rows = []
    for name in populations(manifest.cohorts):
        subjects = manifest.frame["subject"]
        chosen = subjects if name == POOLED else subjects.filter(manifest.frame["cohort"] == name)
        rows.append({"cohort": name, "images": len(chosen), "subjects": chosen.n_unique()})
    return rows


def extreme_rows(one: Scored, manifest: Manifest) -> Iterator[dict]:
    """Yield a model's most telling comparisons."""
    frame = manifest.frame.select("path", "subject", "cohort")
    for kind, found in (("impostor", one.tally.highest_impostors), ("genuine", one.tally.lowest_genuines)):
        for rank, (similarity, a, b) in enumerate(zip(found.similarity, found.a, found.b, strict=True), 1):
            sides = zip("ab", (frame.row(int(a), named=True), frame.row(int(b), named=True)), strict=True)
            yield {
                "model": one.spec.name,
                "kind": kind,
                "rank": rank,
                "score": one.tally.comparator.sign * float(similarity),
                **{f"{column}_{side}": value for side, row in sides for column, value in row.items()},
            }


def failure_rows(one: Scored, manifest: Manifest) -> Iterator[dict]:
    """Yield the images that a model got no embedding from."""
    for i in np.flatnonzero(~one.rows):
        row = manifest.frame.select("path", "subject", "cohort").row(int(i), named=True)
        outcome = Outcome(int(one.embeddings.outcome[i]))
        # A decoder or a plug-in may quote the file, or its path.
        quotes = manifest.anonymous and outcome in (Outcome.UNREADABLE, Outcome.MODEL_FAILED)
        why = [] if quotes else filter(None, [one.embeddings.detail[i]])
        yield {"model": one.spec.name, **row, "outcome": outcome.label, **cell_of(*why, column="detail")}


def sheet_rows(manifest: Manifest, rng: np.random.Generator) -> Iterator[dict]:
    """Yield up to `SHEET` random images per cohort."""
    for code in range(len(manifest.cohorts)):
        rows = np.flatnonzero(manifest.cohort_codes == code)
        picked = rows[np.sort(rng.permutation(len(rows))[:SHEET])]
        yield from manifest.frame[picked].select("cohort", "path", "subject").iter_rows(named=True)
