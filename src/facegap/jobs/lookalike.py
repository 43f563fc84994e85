"""The most similar pairs of different subjects: who could pass for whom."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from facegap.data.manifest import Manifest
from facegap.data.source import Source
from facegap.errors import InputError, nphrase
from facegap.jobs.audit import audit_labels
from facegap.jobs.audit.alike import Alike
from facegap.jobs.audit.labels import LEAST_SUBJECTS
from facegap.jobs.audit.strangers import Faces
from facegap.jobs.collect import collect
from facegap.jobs.collected import Made
from facegap.jobs.study import Study
from facegap.run.executor import Executor
from facegap.run.progress import Progress, mute, silent

LOOKALIKE_SCHEMA = pl.Schema(
    {
        "model": pl.String,
        "rank": pl.Int64,
        "score": pl.Float64,
        "suspicion": pl.String,
        "path_a": pl.String,
        "subject_a": pl.String,
        "cohort_a": pl.String,
        "path_b": pl.String,
        "subject_b": pl.String,
        "cohort_b": pl.String,
    }
)
"""Two subjects by their closest images, ranked from 1; `score` is in the model's native unit. `suspicion` is empty for
look-alikes, `same-file` where both images are the same bytes, or the kind of case that an audit makes of the two
subjects: `one-person` or `wrong-label`."""

SUSPICIONS = ("one-person", "wrong-label")
"""What an audit may find that makes two subjects alike without being look-alikes."""


def lookalikes(
    study: Study,
    *,
    top: int = 20,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> pl.DataFrame:
    """Return the `top` most similar pairs of different subjects for each model, in the columns of `LOOKALIKE_SCHEMA`.

    Every image is compared with every other; memory grows with the images only. Pairs that are probably label errors,
    see `facegap.jobs.audit.audit_labels`, keep their rank and are marked.

    Only the fields of `study` that say what is read and embedded, and how, are looked at. `executor`: where images are
    embedded.

    Raises:
        InputError: the inputs cannot be used, or fewer than two subjects have an embedding.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    if top < 1:
        raise InputError("the top {top} pairs are none: ask for 1 or more", top=top)
    found = collect(study, refuse=_refuse, executor=executor, progress=progress, say=say)
    rows = [row for one in found.made for row in _of_model(found.manifest, found.hashes, one, top, progress)]
    return pl.DataFrame(rows, schema=LOOKALIKE_SCHEMA)


def _refuse(source: Source) -> None:
    if source.listed:
        raise InputError("a list of pairs says what to compare: give the folder or table, to compare all with all")


def _of_model(
    manifest: Manifest, hashes: Sequence[str], one: Made, top: int, progress: Progress
) -> list[dict[str, object]]:
    """Return one model's rows."""
    name, comparator = one.spec.name, one.spec.comparator
    faces = Faces.embedded(one.embeddings, manifest, comparator)
    subjects = len(np.unique(faces.subject))
    if subjects < 2:
        raise InputError(
            "{model}: {subjects} with an embedding, and look-alikes are two: give more images",
            model=name,
            subjects=nphrase("{n} subject", "{n} subjects", subjects),
        )
    alike = Alike.of(faces, faces.similarity, top, progress=progress)
    images = np.array([_closest(faces, a, b) for a, b in zip(alike.a.tolist(), alike.b.tolist(), strict=True)])
    similarity = comparator.similarity(*(one.embeddings.vectors[side] for side in images.T))
    suspects = _suspects(manifest, one, progress) if subjects >= LEAST_SUBJECTS else {}
    rows = []
    for rank, k in enumerate(np.argsort(-similarity, kind="stable").tolist(), start=1):
        a, b = images[k].tolist()
        sides = {
            f"{column}_{side}": value
            for side, row in (("a", a), ("b", b))
            for column, value in manifest.frame.select("path", "subject", "cohort").row(row, named=True).items()
        }
        same_file = bool(hashes) and hashes[a] == hashes[b]
        pair = frozenset((sides["subject_a"], sides["subject_b"]))
        suspicion = "same-file" if same_file else suspects.get(pair, "")
        score = comparator.sign * float(similarity[k])
        rows.append({"model": name, "rank": rank, "score": score, "suspicion": suspicion, **sides})
    return rows


def _closest(faces: Faces, a: int, b: int) -> tuple[int, int]:
    """Return the rows of the manifest of the two closest images of two subjects."""
    first, second = faces.of(a), faces.of(b)
    i, j = np.unravel_index(np.argmax(faces.similarity(first, second)), (len(first), len(second)))
    return int(faces.row[first[i]]), int(faces.row[second[j]])


def _suspects(manifest: Manifest, one: Made, progress: Progress) -> dict[frozenset[str], str]:
    """Return which pairs of subjects an audit suspects, and of what."""
    spec = one.spec
    found = audit_labels(
        one.embeddings, manifest, spec.comparator, model=spec.name, threshold=spec.threshold, progress=progress
    )
    cases = found.filter(pl.col("kind").is_in(SUSPICIONS)).select("subject_a", "subject_b", "kind")
    return {frozenset((a, b)): kind for a, b, kind in cases.iter_rows()}
