"""From the embeddings of images to those of templates, which are compared in their place."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.failure import FailureCode
from facegap.data.finding import Finding, FindingCode
from facegap.data.source import GivenScores, Images, SavedEmbeddings
from facegap.data.statement import Statement
from facegap.data.templates import TEMPLATE, TemplateMean, Templates, units
from facegap.errors import InputError
from facegap.jobs.collected import Collected, Made
from facegap.report.text.on_the_way import averaged
from facegap.run.progress import mute


def mean_of(asked: TemplateMean | None, comparator: Comparator) -> TemplateMean:
    """Return what is asked for, by default what suits the comparator: cosine looks at directions alone."""
    return asked or ("unit" if comparator is Comparator.COSINE else "plain")


def pooled(found: Collected, asked: TemplateMean | None = None, say: Callable[[str], None] = mute) -> Collected:
    """Return what models made of templates in place of their images; all as it is where there are none.

    A template without a usable image has failed. Of images that failed inside other templates there is a finding.

    Raises:
        InputError: a model gave scores of images, which cannot be averaged.
    """
    source, templates = found.source, Templates.among(found.manifest.frame)
    if isinstance(source, GivenScores) or templates.trivial:
        return found
    made, findings = [], []
    for one in found.made:
        if one.scores is not None:
            raise InputError(
                "{model} gives scores of images, which cannot be averaged to templates: give its embeddings, or "
                "images without the column {template!r}",
                model=one.spec.name,
                template=TEMPLATE,
            )
        mean = mean_of(asked, one.spec.comparator)
        say(averaged(one.spec.name, len(templates.of), len(templates.first), unit=mean == "unit"))
        made.append(replace(one, embeddings=_of_templates(one.embeddings, templates, unit=mean == "unit")))
        findings += _failures(one, templates)
    manifest = units(found.manifest).with_findings(*findings)
    source = replace(source, manifest=manifest)
    if isinstance(source, Images) and source.pairs is not None:
        pairs = source.pairs
        source = replace(source, pairs=replace(pairs, a=templates.of[pairs.a], b=templates.of[pairs.b]))
    hashes = _hashes(found, templates)
    if isinstance(source, SavedEmbeddings):
        source = replace(source, vectors=source.vectors[templates.first])
    return replace(found, source=source, hashes=hashes, made=made)


def _of_templates(embeddings: Embeddings, templates: Templates, *, unit: bool) -> Embeddings:
    vectors = templates.mean(embeddings.vectors, embeddings.ok, unit=unit)
    usable = np.bincount(templates.of[embeddings.ok], minlength=len(templates.first)) > 0
    outcome = np.zeros(len(usable), np.uint8)
    detail: list[Statement | None] = [None] * len(usable)
    for template, rows in _images_of(templates, ~usable):
        outcome[template] = Counter(embeddings.outcome[rows].tolist()).most_common(1)[0][0]
        labels = Counter(Outcome(code).label for code in embeddings.outcome[rows].tolist())
        said = {"images": len(rows), "outcomes": [*labels], "of_each": [*labels.values()]}
        detail[template] = Statement.of(FailureCode.NO_USABLE_IMAGE, **said)
    return Embeddings(vectors, outcome, tuple(detail), np.full((len(usable), 4), np.nan, np.float32), embeddings.found)


def _images_of(templates: Templates, wanted: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each of the templates `wanted` (T,) bool with the rows of its images."""
    order = np.argsort(templates.of, kind="stable")
    ends = np.searchsorted(templates.of[order], np.arange(len(wanted) + 1))
    for template in np.flatnonzero(wanted).tolist():
        yield template, order[ends[template] : ends[template + 1]]


def _failures(one: Made, templates: Templates) -> Iterator[Finding]:
    """Yield how many images failed inside templates, and how many templates have no other."""
    failed = ~one.embeddings.ok
    if not failed.any():
        return
    touched = np.unique(templates.of[failed])
    lost = len(templates.first) - len(np.unique(templates.of[~failed]))
    yield Finding.of(
        FindingCode.TEMPLATE_FAILURES,
        model=one.spec.name,
        failed=int(failed.sum()),
        images=len(failed),
        touched=len(touched),
        templates=len(templates.first),
        lost=lost,
    )


def _hashes(found: Collected, templates: Templates) -> Sequence[str]:
    """Return T sha256 in hex over the images, or the embeddings, of each template and the media they belong to."""
    contents = found.hashes
    if isinstance(found.source, SavedEmbeddings):
        contents = [vector.tobytes().hex() for vector in found.source.vectors]
    digests = [hashlib.sha256() for _ in templates.first]
    for template, medium, content in zip(templates.of.tolist(), templates.medium.tolist(), contents, strict=True):
        digests[template].update(f"{medium}\0{content}\0".encode())
    return [digest.hexdigest() for digest in digests]
