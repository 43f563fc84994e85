"""Some of the images that were collected, and the images of two collections together, rows in step throughout."""

from dataclasses import replace

import numpy as np
import polars as pl

from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.source import Images
from facegap.datasets import content_findings, label_findings
from facegap.errors import InputError
from facegap.jobs.collected import Collected, Made
from facegap.jobs.origins import origin_findings


def only(found: Collected, rows: np.ndarray) -> Collected:
    """Return the images in `rows`, (N,) bool; cohorts keep their order, and findings are those of these images.

    Raises:
        InputError: the input was a list of pairs, or embeddings.
    """
    if found.source.listed or not found.source.photos:
        raise InputError(
            "{dataset} is a list of pairs or of embeddings: give folders or a table of images",
            dataset=found.manifest.name,
        )
    frame = found.manifest.frame.filter(pl.Series(rows))
    left = set(frame["cohort"])
    cohorts = tuple(name for name in found.manifest.cohorts if name in left)
    origin = tuple(
        place
        for name, place in zip(found.manifest.cohorts, found.manifest.origin, strict=False)  # none where not known
        if name in left
    )
    hashes = [image for image, kept in zip(found.hashes, rows, strict=True) if kept]
    files = tuple(file for file, kept in zip(found.manifest.files, rows, strict=False) if kept)
    people = None if found.manifest.people is None else _dense(found.manifest.people[rows])
    manifest = replace(
        found.manifest, frame=frame, cohorts=cohorts, findings=(), origin=origin, files=files, people=people
    )
    return _labelled(Collected(Images(manifest), hashes, [_taken(made, np.flatnonzero(rows)) for made in found.made]))


def together(first: Collected, second: Collected) -> Collected:
    """Return the images of both, the cohorts of the first before those of the second; the models are the same.

    Raises:
        InputError: both have a cohort of the same name.
    """
    a, b = first.manifest, second.manifest
    if shared := [name for name in b.cohorts if name in a.cohorts]:
        raise InputError(
            "{first} and {second} both have a cohort {shared!r}: name one apart, as in NAME=PATH",
            first=a.name,
            second=b.name,
            shared=shared[0],
        )
    frame = pl.concat([a.frame, b.frame], how="diagonal")
    order = frame.select(pl.arg_sort_by("subject", "cohort", "path", maintain_order=True)).to_series().to_numpy()
    origin = (*a.origin, *(place + len(a.sources) for place in b.origin)) if a.origin and b.origin else ()
    files = [*a.paths, *b.paths] if a.anonymous and b.anonymous else []
    manifest = Manifest(
        frame[order],
        a.cohorts + b.cohorts,
        f"{a.name} + {b.name}",
        a.sources + b.sources,
        origin=origin,
        files=tuple(files[i] for i in order) if files else (),
    )
    hashes = [*first.hashes, *second.hashes]
    made = [
        replace(one, embeddings=_joined(one.embeddings, other.embeddings))
        for one, other in zip(first.made, second.made, strict=True)
    ]
    return _labelled(Collected(Images(manifest), [hashes[i] for i in order], [_taken(one, order) for one in made]))


def _labelled(found: Collected) -> Collected:
    """Return what was collected with what its labels and its files' contents show."""
    manifest = found.manifest
    findings = (*label_findings(manifest), *origin_findings(found.source), *content_findings(manifest, found.pictures))
    return replace(found, source=found.source.with_findings(*findings))


def _dense(codes: np.ndarray) -> np.ndarray:
    """Return codes without gaps in the same order."""
    return np.unique(codes, return_inverse=True)[1].astype(np.int32)


def _taken(made: Made, rows: np.ndarray) -> Made:
    one = made.embeddings
    detail = tuple(one.detail[i] for i in rows)
    return replace(made, embeddings=Embeddings(one.vectors[rows], one.outcome[rows], detail, one.box[rows]))


def _joined(a: Embeddings, b: Embeddings) -> Embeddings:
    vectors, outcome, box = (np.concatenate([getattr(a, n), getattr(b, n)]) for n in ("vectors", "outcome", "box"))
    return Embeddings(vectors, outcome, a.detail + b.detail, box)
