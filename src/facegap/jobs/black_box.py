"""A black box as a model of a study: what it is asked for, and its answers as given scores."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.finding import Finding, FindingCode
from facegap.data.score_list import ScoreList
from facegap.data.source import GivenScores, Images, Pairs
from facegap.data.spec import ModelSpec
from facegap.datasets import direction_of
from facegap.errors import InputError
from facegap.jobs.asking import ask, known_answers
from facegap.jobs.calling import Wanted
from facegap.jobs.given import Given, no_boxes
from facegap.models import PairModel
from facegap.report.text import on_the_way
from facegap.run.progress import Progress
from facegap.store import ScoreStore

ASKED = "asked"
"""The runtime of the contract of a black box."""

MOST = 10_000_000
"""Comparisons that are asked for at most: more take weeks of any API."""


def black_box(
    model: PairModel,
    source: Images,
    hashes: Sequence[str],
    store: ScoreStore,
    *,
    progress: Progress,
    say: Callable[[str], None],
) -> Given:
    """Return the scores of a black box for the comparisons of a study: those listed or drawn, or all pairs of images.

    `hashes`: (N,) sha256 of the images, "" where one cannot be read.

    Raises:
        InputError: it would be too many comparisons, or the direction of the scores cannot be told.
        FacegapError: see `ask`.
    """
    pairs = source.pairs or _every(source)
    wanted = Wanted(pairs.a, pairs.b, source.manifest.paths, hashes)
    known, asked = known_answers(wanted, store.load(model.key))
    say(on_the_way.asking(model.name, len(asked), len(known) - sum(map(len, asked)), model.budget))
    answers = ask(model, wanted, known, asked, store, progress=progress)
    scores = ScoreList()
    scores.add(pairs.a, pairs.b, answers.score.astype(np.float32), pairs.same)
    findings = []
    if missing := answers.unscored + answers.failed + answers.unread:
        numbers = {"unscored": answers.unscored, "failed": answers.failed, "unread": answers.unread}
        findings.append(
            Finding.of(
                FindingCode.UNANSWERED,
                model=model.name, missing=missing, comparisons=len(pairs.a), tries=model.retries + 1, **numbers,
            )
        )  # fmt: skip
    comparator = model.comparator
    if comparator is None:
        comparator, shown_by = direction_of(scores, Path(model.name))
        findings.append(shown_by)
    return _given(model, source, comparator, scores, pairs, answers.score, findings)


def _given(
    model: PairModel,
    source: Images,
    comparator: Comparator,
    scores: ScoreList,
    pairs: Pairs,
    score: np.ndarray,
    findings: Sequence[Finding],
) -> Given:
    """Return the scores as those of a model; an image has failed if it was asked for and has no score at all."""
    n = len(source.manifest)
    answered = np.ones(n, bool)
    answered[np.r_[pairs.a, pairs.b]] = False
    made = ~np.isnan(score)
    answered[np.r_[pairs.a[made], pairs.b[made]]] = True
    outcome = np.where(answered, Outcome.OK, Outcome.NO_SCORE).astype(np.uint8)
    embeddings = Embeddings(np.empty((n, 0), np.float32), outcome, (None,) * n, no_boxes(n))
    spec = ModelSpec(model.name, ASKED, model.version, "", 0, 0, comparator, model.threshold)
    lists = [(scores, np.arange(n))]
    return Given(spec, embeddings, GivenScores(source.manifest, lists, comparator, answered), tuple(findings))


def _every(source: Images) -> Pairs:
    """Return every pair of images.

    Raises:
        InputError: there are too many.
    """
    n = len(source.manifest)
    if n * (n - 1) // 2 > MOST:
        raise InputError(
            "{images:,} images make {comparisons:,} comparisons, too many to ask for: draw some, e.g. --pairs 20000",
            images=n,
            comparisons=n * (n - 1) // 2,
        )
    a, b = np.triu_indices(n, 1)
    subject = source.manifest.subject_codes
    return Pairs(a, b, subject[a] == subject[b], np.zeros(len(a), np.int64))
