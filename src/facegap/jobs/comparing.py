"""Which comparisons each model of a study made, and those that all of them made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from facegap.data.drawn import Drawn
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.score_list import BLOCK, Blocks, ScoreBlock
from facegap.data.sizes import Sizes, SizesOfImages
from facegap.data.source import GivenScores, Images, Pairs, Source
from facegap.data.spec import ModelSpec
from facegap.jobs.collected import Made
from facegap.jobs.given import known_blocks
from facegap.run.executor import Executor, Threads, available_workers
from facegap.run.progress import Progress, silent
from facegap.scoring import (
    Comparisons,
    EveryPair,
    Keeper,
    Kept,
    ListedComparisons,
    blocks_of_all,
    blocks_of_pairs,
    by_subject,
    score_pairs,
)


@dataclass(frozen=True)
class Compared:
    """The comparisons of one model on one set of images.

    `images`, `rows`: as in `metrics.Scored`. `pairs`, `similarity` (P,): the listed comparisons, where they are few
    enough to be at hand, with NaN for those that could not be made.
    """

    one: Made
    comparisons: Comparisons
    images: Literal["own", "common"]
    rows: np.ndarray
    pairs: Pairs | None = None
    similarity: np.ndarray | None = None


@dataclass(frozen=True)
class Where:
    """Where and how embeddings are compared; see `scoring.EveryPair`. `keeper`: what keeps the counts on the way.

    `by_subject`: every subject, and every pair of subjects, counts the same, by the comparisons that were made, or by
    all where those that failed count as `rejected`.
    """

    executor: Executor | None = None
    workers: int | None = None
    device: str = "cpu"
    precision: str = "float32"
    kept: bool = True
    progress: Progress = silent
    keeper: Keeper | None = None
    by_subject: bool = False
    rejected: bool = False


def of_embeddings(
    embeddings: Embeddings,
    manifest: Manifest,
    spec: ModelSpec,
    rows: np.ndarray,
    pairs: Pairs | None = None,
    where: Where | None = None,
    kept: Kept | None = None,
) -> Comparisons:
    """Return the comparisons of the embedded images in `rows` (N,) bool: all of them, or the listed `pairs`."""
    where = where or Where()
    labels = (spec.comparator, manifest.subject_codes, manifest.cohort_codes, manifest.cohorts)
    if pairs is not None:
        blocks = blocks_of_pairs(embeddings.vectors, rows, pairs, spec.comparator)
        return ListedComparisons(blocks, *labels, drawn=pairs.drawn)
    return EveryPair(
        embeddings.vectors, rows, *labels,
        executor=where.executor or Threads(where.workers or available_workers()), progress=where.progress,
        device=where.device, precision=where.precision, kept=kept, keeper=where.keeper,
    )  # fmt: skip


def own_comparisons(source: Source, made: Sequence[Made], where: Where) -> Iterator[Compared]:
    """Yield the comparisons of each model on all images of the study.

    Where the study lists comparisons, these are what every model should have made, else all pairs of images are.
    """
    pairs = _listed(source, made)
    for one in made:
        rows = one.embeddings.ok
        if one.scores is None:
            yield compared(one, source.manifest, "own", rows, pairs, where)
        elif pairs is not None:
            yield _aligned(one, source.manifest, "own", pairs, _of_pairs(one, pairs, rows), where)
        else:
            alone = isinstance(source, GivenScores)
            blocks = one.scores.blocks if alone else _blocks_of(one.scores)
            listing = _listing(blocks, one, source.manifest, every=not alone)
            yield _weighed(Compared(one, listing, "own", rows), where)


def common_comparisons(source: Source, made: Sequence[Made], where: Where) -> Iterator[Compared]:
    """Yield the comparisons that all models made, of each model; nothing where each made the same."""
    rows = np.all([one.embeddings.ok for one in made], axis=0)
    if all(one.scores is None for one in made):
        if any((one.embeddings.ok != rows).any() for one in made):
            pairs = source.pairs if isinstance(source, Images) else None
            for one in made:
                yield compared(one, source.manifest, "common", rows, pairs, where)
        return
    if len(made) == 1:
        return
    pairs = _listed(source, made)
    every = pairs is None
    pairs = _scored_by_all(made) if pairs is None else pairs
    similarity = [_of_pairs(one, pairs, one.embeddings.ok) for one in made]
    shared = ~np.any(np.isnan(similarity), axis=0)
    if all(_own_size(one, values, every) == shared.sum() for one, values in zip(made, similarity, strict=True)):
        return
    some = Pairs(pairs.a[shared], pairs.b[shared], pairs.same[shared], pairs.fold[shared], pairs.drawn)
    for one, values in zip(made, similarity, strict=True):
        yield _aligned(one, source.manifest, "common", some, values[shared], where)


def _own_size(one: Made, similarity: np.ndarray, every: bool) -> int:
    """Return how many comparisons a model made on all images: of every pair of them, or of listed pairs (P,)."""
    if not every:
        return int((~np.isnan(similarity)).sum())
    if one.scores is not None:
        return len(_scored_keys(one.scores))
    images = int(one.embeddings.ok.sum())
    return images * (images - 1) // 2


def compared(
    one: Made, manifest: Manifest, images: Literal["own", "common"], rows: np.ndarray, pairs: Pairs | None, where: Where
) -> Compared:
    """Return the comparisons of one model that embedded the images."""
    kept = Kept() if where.kept else None
    if where.by_subject and pairs is None:
        subject, comparator = manifest.subject_codes, one.spec.comparator
        blocks = blocks_of_all(one.embeddings.vectors, rows, subject, comparator, where.progress)
        counted = np.ones_like(rows) if where.rejected and images == "own" else rows
        sizes = SizesOfImages.of(subject, manifest.cohort_codes, counted)
        return _weighed(Compared(one, _listing(blocks, one, manifest), images, rows), where, sizes)
    comparisons = of_embeddings(one.embeddings, manifest, one.spec, rows, pairs, where, kept)
    similarity = None if pairs is None else _of_pairs(one, pairs, rows)
    return _weighed(Compared(one, comparisons, images, rows, pairs, similarity), where)


def _weighed(compared: Compared, where: Where, sizes: Sizes | None = None) -> Compared:
    """Return comparisons with weights by subject, where these are asked for; `sizes`: see `scoring.by_subject`."""
    listing = compared.comparisons
    if not where.by_subject or not isinstance(listing, ListedComparisons):
        return compared
    failed = where.rejected and compared.images == "own"
    return replace(compared, comparisons=by_subject(listing, compared.rows, failed=failed, sizes=sizes))


def _listed(source: Source, made: Sequence[Made]) -> Pairs | None:
    """Return the comparisons that every model should have made, where they are listed and have to be at hand."""
    if isinstance(source, Images):
        return source.pairs
    if not isinstance(source, GivenScores) or len(made) == 1:
        return None
    blocks = list(source.blocks())
    a, b, same = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("a", "b", "same"))
    return Pairs(a, b, same, np.zeros(len(a), np.int64))


def _scored_by_all(made: Sequence[Made]) -> Pairs:
    """Return the pairs of images that have all given scores."""
    given = [one.scores for one in made if one.scores is not None]
    keys = _scored_keys(given[0])
    for scores in given[1:]:
        keys = np.intersect1d(keys, _scored_keys(scores), assume_unique=True)
    a, b = np.divmod(keys, 1 << 32)
    subject = given[0].manifest.subject_codes
    return Pairs(a, b, subject[a] == subject[b], np.zeros(len(a), np.int64))


def _scored_keys(scores: GivenScores) -> np.ndarray:
    """Return the numbers, rising, of the pairs of images that have a score; see `_keys`."""
    found = [_keys(block.a, block.b)[~np.isnan(block.similarity)] for block in known_blocks(scores)]
    return np.unique(np.concatenate([np.empty(0, np.int64), *found]))


def _of_pairs(one: Made, pairs: Pairs, rows: np.ndarray) -> np.ndarray:
    """Return (P,) float32 similarity of listed pairs, in either order; NaN where there is no score or an image failed.

    `rows` (N,) bool: the images that take part, of a model that embedded them.
    """
    if one.scores is None:
        similarity = score_pairs(one.embeddings.vectors, pairs, one.spec.comparator)
        return np.where(rows[pairs.a] & rows[pairs.b], similarity, np.float32(np.nan))
    keys, which = np.unique(_keys(pairs.a, pairs.b), return_inverse=True)
    found = np.full(len(keys), np.nan, np.float32)
    for block in known_blocks(one.scores):
        wanted = _keys(block.a, block.b)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = keys[place] == wanted
        found[place[hit]] = block.similarity[hit]
    return found[which]


def _aligned(
    one: Made,
    manifest: Manifest,
    images: Literal["own", "common"],
    pairs: Pairs,
    similarity: np.ndarray,
    where: Where,
) -> Compared:
    """Return listed comparisons with the similarity of each."""

    def blocks() -> Iterator[ScoreBlock]:
        for start in range(0, len(pairs.a), BLOCK):
            part = slice(start, start + BLOCK)
            yield ScoreBlock(pairs.a[part], pairs.b[part], pairs.same[part], similarity[part])

    rows = one.embeddings.ok
    if images == "common":
        rows = np.zeros(len(manifest), bool)
        rows[np.r_[pairs.a, pairs.b]] = True
    listing = _listing(blocks, one, manifest, drawn=pairs.drawn)
    return _weighed(Compared(one, listing, images, rows, pairs, similarity), where)


def _listing(
    blocks: Blocks, one: Made, manifest: Manifest, *, every: bool = False, drawn: Drawn | None = None
) -> ListedComparisons:
    return ListedComparisons(
        blocks, one.spec.comparator, manifest.subject_codes, manifest.cohort_codes, manifest.cohorts, every, drawn
    )


def _blocks_of(scores: GivenScores) -> Blocks:
    return lambda: known_blocks(scores)


def _keys(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return (P,) int64 numbers that tell unordered pairs of rows apart."""
    return np.minimum(a, b).astype(np.int64) << 32 | np.maximum(a, b)
