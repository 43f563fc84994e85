"""Whether embeddings tell images apart at all: a network that is broken or wrongly fed must not pass for a bad one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.failure import FailureCode
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.data.statement import Statement

ONE_POINT = 1e-5
"""Distance from their mean, as a share of its length, within which embeddings are one but for rounding."""

NO_SPREAD = 0.01
"""Range of impostor scores, as cosine or as a share of the embeddings' length, below which a network is wrongly fed.

Networks that are fed right have more than 0.3.
"""

LOOKED_AT = 4096
"""Impostor comparisons whose scores are looked at, and embeddings that are at a time."""


def without_empty(embeddings: Embeddings, spec: ModelSpec) -> Embeddings:
    """Return the embeddings with those failed that are zero, where they are compared by cosine: zero has no angle."""
    if spec.comparator is not Comparator.COSINE:
        return embeddings
    empty = embeddings.ok & ~embeddings.vectors.any(axis=1)
    return _failed(embeddings, empty, FailureCode.ZERO)


def checked(
    embeddings: Embeddings, spec: ModelSpec, manifest: Manifest, hashes: Sequence[str]
) -> tuple[Embeddings, tuple[Finding, ...]]:
    """Return the embeddings with those failed that tell nothing, and what a person should know of the others.

    `hashes`: N sha256 of the files, none where there are no files.
    """
    if not embeddings.vectors.shape[1]:  # scores alone
        return embeddings, ()
    found = without_empty(embeddings, spec)
    empty = int(embeddings.ok.sum() - found.ok.sum())
    findings = []
    if empty:
        findings.append(Finding.of(FindingCode.ZERO_EMBEDDINGS, model=spec.name, zero=empty, embeddings=len(found)))
    if _is_one_point(found, manifest, hashes):
        found = _failed(found, found.ok, FailureCode.ALL_THE_SAME)
        findings.append(Finding.of(FindingCode.CONSTANT_EMBEDDINGS, model=spec.name))
    return found, (*findings, *_no_spread(found, spec, manifest))


def _failed(embeddings: Embeddings, rows: np.ndarray, code: FailureCode) -> Embeddings:
    if not rows.any():
        return embeddings
    outcome = np.where(rows, np.uint8(Outcome.MODEL_FAILED), embeddings.outcome)
    reason = Statement.of(code)
    detail = tuple(reason if bad else old for bad, old in zip(rows.tolist(), embeddings.detail, strict=True))
    vectors = embeddings.vectors
    if isinstance(vectors, np.memmap):  # there may be no room for another
        vectors[rows] = np.nan
    else:
        vectors = np.where(rows[:, None], np.float32(np.nan), vectors)
    return replace(embeddings, vectors=vectors, outcome=outcome, detail=detail)


def _some_at_a_time(embeddings: Embeddings, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the float64 vectors of (n,) rows."""
    for start in range(0, len(rows), LOOKED_AT):
        yield embeddings.vectors[rows[start : start + LOOKED_AT]].astype(np.float64)


def _is_one_point(embeddings: Embeddings, manifest: Manifest, hashes: Sequence[str]) -> bool:
    """Return whether different images of different subjects all have the same embedding, but for rounding."""
    rows = np.flatnonzero(embeddings.ok)
    if len(rows) < 2 or len(np.unique(manifest.subject_codes[rows])) < 2:
        return False
    if hashes and all(hashes[row] == hashes[int(rows[0])] for row in map(int, rows)):
        return False
    mean = sum(some.sum(axis=0) for some in _some_at_a_time(embeddings, rows)) / len(rows)
    near = ONE_POINT * np.linalg.norm(mean)
    return all(np.abs(some - mean).max() <= near for some in _some_at_a_time(embeddings, rows))


def _no_spread(embeddings: Embeddings, spec: ModelSpec, manifest: Manifest) -> Iterator[Finding]:
    scores, unit = _impostor_scores(embeddings, spec, manifest)
    if not len(scores):
        return
    low, high = np.quantile(scores, (0.01, 0.99)).tolist()
    if high - low < NO_SPREAD * unit:
        yield Finding.of(FindingCode.NO_SPREAD, model=spec.name, low=low, high=high)


def _impostor_scores(embeddings: Embeddings, spec: ModelSpec, manifest: Manifest) -> tuple[np.ndarray, float]:
    """Return the scores of some pairs of different subjects, always the same ones, and the unit of their range."""
    rng, rows = np.random.default_rng(0), np.flatnonzero(embeddings.ok)
    if len(rows) < 2:
        return np.empty(0), 1.0
    a, b = rng.choice(rows, (2, LOOKED_AT))
    different = manifest.subject_codes[a] != manifest.subject_codes[b]
    left, right = (embeddings.vectors[side[different]].astype(np.float64) for side in (a, b))
    if spec.comparator is Comparator.COSINE:
        return np.einsum("ij,ij->i", left, right) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1), 1.0
    lengths = [np.linalg.norm(some, axis=1) for some in _some_at_a_time(embeddings, rows)]
    return np.linalg.norm(left - right, axis=1), float(np.median(np.concatenate(lengths)))
