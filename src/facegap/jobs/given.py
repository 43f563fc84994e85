"""The answers of models that were run elsewhere, joined with the images of a study."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome, flaws
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.score_list import ScoreBlock
from facegap.data.source import GivenScores, SavedEmbeddings, Source
from facegap.data.spec import ModelSpec
from facegap.errors import InputError, nphrase
from facegap.jobs.reading import read_source
from facegap.models import GivenModel
from facegap.run.text import SHOWN


@dataclass(frozen=True)
class Given:
    """What a model that was run elsewhere says of the images of a study: `scores`, or else `embeddings`."""

    spec: ModelSpec
    embeddings: Embeddings
    scores: GivenScores | None
    findings: tuple[Finding, ...] = ()


def saved_model(name: str, source: SavedEmbeddings, comparator: Comparator) -> Given:
    """Return embeddings that were read from a file as those of a model."""
    vectors = source.vectors
    detail = flaws(vectors)
    outcome = np.array([Outcome.MODEL_FAILED if flaw else Outcome.OK for flaw in detail], np.uint8)
    spec = ModelSpec(name, "saved", "", "", 0, vectors.shape[1], comparator)
    return Given(spec, Embeddings(vectors, outcome, detail, _no_boxes(len(vectors))), None)


def scored_model(name: str, source: GivenScores) -> Given:
    """Return scores that were read from a file as those of a model; it has no embeddings."""
    outcome = np.where(source.answered, Outcome.OK, Outcome.NO_SCORE).astype(np.uint8)
    n = len(outcome)
    embeddings = Embeddings(np.empty((n, 0), np.float32), outcome, ("",) * n, _no_boxes(n))
    return Given(ModelSpec(name, "given", "", "", 0, 0, source.comparator), embeddings, source)


def given_model(model: GivenModel, study: Source) -> Given:
    """Read what a model says, and join it with the images of a study by their paths.

    An image that the file does not know has failed, and so has a comparison without a score.

    Raises:
        InputError: the file cannot be used, or none of its images is among those of the study.
    """
    direction = None if model.comparator in OF_EMBEDDINGS else model.comparator
    source = read_source([model.path], direction=direction)
    if isinstance(source, SavedEmbeddings):
        found = _joined_embeddings(model, source, study.manifest)
    elif isinstance(source, GivenScores):
        found = _joined_scores(model, source, study.manifest)
    else:
        raise InputError(
            "{path} holds neither scores nor embeddings: give one of these as {model}",
            path=model.path,
            model=model.name,
        )
    kept = tuple(one for one in source.manifest.findings if one.kind not in ABOUT_LABELS)
    spec = replace(found.spec, threshold=model.threshold)
    return replace(found, spec=spec, findings=(*kept, *found.findings))


ABOUT_LABELS = ("single-image", "no-genuine", "no-impostor", "uneven-subjects", "shared-subject", "guessed-subjects")
"""Findings on who is in which image, which the images of the study have of their own."""


def _joined_embeddings(model: GivenModel, source: SavedEmbeddings, manifest: Manifest) -> Given:
    if model.comparator not in (*OF_EMBEDDINGS, None):
        raise InputError(
            "{path} holds embeddings: say how they are compared, comparator=cosine or euclidean", path=model.path
        )
    row, findings = _rows_of(model, source.manifest, manifest)
    vectors = np.full((len(manifest), source.vectors.shape[1]), np.nan, np.float32)
    vectors[row[row >= 0]] = source.vectors[row >= 0]
    found = saved_model(model.name, SavedEmbeddings(manifest, vectors), model.comparator or Comparator.COSINE)
    absent = np.setdiff1d(np.arange(len(manifest)), row)
    detail = list(found.embeddings.detail)
    for i in absent.tolist():
        detail[i] = f"not in the file of {model.name}"
    return replace(found, embeddings=replace(found.embeddings, detail=tuple(detail)), findings=findings)


def _joined_scores(model: GivenModel, source: GivenScores, manifest: Manifest) -> Given:
    if model.comparator in OF_EMBEDDINGS:
        raise InputError("{path} holds scores: say which, scores=similarity or scores=distance", path=model.path)
    if not len(source.manifest):
        raise InputError(
            "{path} does not say which images were compared, so it cannot stand beside images: evaluate it alone",
            path=model.path,
        )
    row, findings = _rows_of(model, source.manifest, manifest)
    answered = np.zeros(len(manifest), bool)
    answered[row[(row >= 0) & source.answered]] = True
    lists = [(scores, row[own]) for scores, own in source.lists]
    return replace(
        scored_model(model.name, GivenScores(manifest, lists, source.comparator, answered)), findings=findings
    )


def _rows_of(model: GivenModel, own: Manifest, manifest: Manifest) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """Return for each image of a file the row of the study that it is, or -1, and a finding on those that are none.

    Paths may start at different folders: the longest common end that is not ambiguous counts.

    Raises:
        InputError: no image is known, or an image is of another subject.
    """
    if not len(manifest):
        raise InputError(
            "{dataset} does not say which images were compared: {path} cannot be joined with it",
            dataset=manifest.name,
            path=model.path,
        )
    place = _Places(manifest.files or manifest.paths)
    row = np.array([place.of(path) for path in own.paths], np.int64)
    known = row >= 0
    if not known.any():
        raise InputError(
            "{path}: none of its {images} is among those of {dataset}, {image} for one: expected paths such as "
            "{expected}",
            path=model.path,
            images=nphrase("{n} image", "{n} images", len(own)),
            dataset=manifest.name,
            image=own.paths[0],
            expected=manifest.paths[0],
        )
    findings = []
    if not known.all():
        others = [path for path, good in zip(own.paths, known, strict=True) if not good]
        said = {"place": str(model.path), "study": manifest.name, "images": len(others), "names": others[:SHOWN]}
        findings.append(Finding.of(FindingCode.UNKNOWN_IMAGES, **said))
    return row, tuple(findings)


class _Places:
    """Finds the rows of paths, whatever folder they start at."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._row: dict[tuple[str, ...], int] = {}
        for row, path in enumerate(paths):
            parts = _parts(path)
            for start in range(len(parts)):
                end = parts[start:]
                self._row[end] = row if self._row.get(end, row) == row else -1
        self._exact = {path: row for row, path in enumerate(paths)}

    def of(self, path: str) -> int:
        """Return the row of a path, or -1 where none, or more than one, ends alike."""
        if path in self._exact:
            return self._exact[path]
        parts = _parts(path)
        ends = (parts[start:] for start in range(len(parts)))
        return next((self._row[end] for end in ends if end in self._row), -1)


def _parts(path: str) -> tuple[str, ...]:
    return PurePath(path.replace("\\", "/")).parts


def _no_boxes(n: int) -> np.ndarray:
    return np.full((n, 4), np.nan, np.float32)


def known_blocks(scores: GivenScores) -> Iterator[ScoreBlock]:
    """Go through the comparisons of images that the study has, in its labels."""
    subject = scores.manifest.subject_codes
    for block in scores.blocks():
        known = (block.a >= 0) & (block.b >= 0)
        a, b = block.a[known], block.b[known]
        yield ScoreBlock(a, b, subject[a] == subject[b], block.similarity[known])
