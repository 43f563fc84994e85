"""Reading the inputs of a study into one manifest."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.manifest import InputSummary, Manifest
from facegap.data.source import GivenScores, Images, Pairs, SavedEmbeddings, Source
from facegap.datasets.cohorts import with_cohorts
from facegap.datasets.discover import discover
from facegap.datasets.draws import check_draws, few_of_each, of_units, sample_of_each
from facegap.datasets.findings import label_findings, score_findings
from facegap.datasets.ids import with_ids
from facegap.datasets.inputs import Input, parse_inputs
from facegap.datasets.naming import parse_naming
from facegap.datasets.part import InputPart
from facegap.datasets.scores.direction import direction_of
from facegap.datasets.template_pairs import read_template_pairs
from facegap.datasets.together import check_options, check_parts
from facegap.errors import InputError, check_lists, nphrase
from facegap.run.places import is_file
from facegap.run.text import counted


def read(
    inputs: Sequence[str | Path],
    *,
    layout: str | None = None,
    cohort_by: Sequence[str] = (),
    images: Path | None = None,
    sample: int | None = None,
    most_images: int | None = None,
    rng: np.random.Generator | None = None,
    subject_from: str | None = None,
    merge_ids: bool = False,
    separate_subjects: bool | None = None,
) -> Manifest:
    """Read data sets: who is in which image, and in which cohort; see `read_source`.

    Example:
        >>> manifest = read(["general=photos/general", "young=photos/young-women"])  # doctest: +SKIP

    Raises:
        InputError: an input cannot be used, or it is a list of comparisons, which is more than a manifest.
    """
    source = read_source(
        inputs, layout=layout, cohort_by=cohort_by, images=images, sample=sample, most_images=most_images, rng=rng,
        subject_from=subject_from, merge_ids=merge_ids, separate_subjects=separate_subjects,
    )  # fmt: skip
    if source.listed:
        raise InputError(
            "{dataset} lists comparisons, which a manifest does not hold: read it with read_source",
            dataset=source.manifest.name,
        )
    return source.manifest


def read_source(
    inputs: Sequence[str | Path],
    *,
    layout: str | None = None,
    cohort_by: Sequence[str] = (),
    images: Path | None = None,
    sample: int | None = None,
    most_images: int | None = None,
    rng: np.random.Generator | None = None,
    scored: bool = True,
    direction: Comparator | None = None,
    subject_from: str | None = None,
    merge_ids: bool = False,
    separate_subjects: bool | None = None,
    templates: Path | None = None,
) -> Source:
    """Read data sets: who is in which image, in which cohort, and what the input brings besides.

    Each input is `PATH` or `NAME=PATH`: a folder (file names with the subject as prefix, a folder per subject, or
    folders of cohorts that hold these), a table, a list of pairs, saved embeddings, or scores; which of these is found
    out, unless `layout` says it. Each input is a cohort, and so is each folder of cohorts, unless `cohort_by` names
    attributes whose values make the cohorts; `age:0-17,18-29,30-` and `age:quartiles` put numbers in bins. Inputs of
    one name are one cohort. Relative paths in a table or list start at the folder `images`, else at the folder of the
    file.

    `most_images` keeps at most that many random images of each subject within each cohort; then `sample` draws that
    many images of each cohort. Both draw with `rng`, and the order in which the files are found changes nothing.

    A list of pairs with scores is read for its scores, or with `scored` off for its pairs, which models then compare.
    `direction`: whether scores are similarities or distances; told from the scores where None is given.

    `subject_from`: a regular expression that is searched for in the path of each image below its folder; its group
    `subject` is the subject, and its other named groups are attributes. It may be the name of a ready one, `fgnet`.
    `merge_ids`: ids in several forms, `001` and `1`, become one subject. `separate_subjects`: whether equal names in
    two inputs, or in two cohort folders, are two people; None: where they are numbers.

    Images that share a subject and the value of a column `template` are one template: draws and findings take it for
    one. `templates`: the file that says which images make up the templates of a list of pairs of templates.

    Raises:
        InputError: an input cannot be used, or the study has one subject only.
    """
    check_lists(inputs=inputs, cohort_by=cohort_by)
    named = parse_inputs(inputs)
    naming = None if subject_from is None else parse_naming(subject_from)
    check_options(layout, images, naming)
    check_draws(sample, most_images, rng)
    if templates is not None:
        parts = [_template_pairs(named, templates, images)]
    else:
        parts = [discover(each.path, layout, images, scored=scored, naming=naming) for each in named]
    check_parts(named, parts, images, sample, most_images)
    names = [each.name for each in named]
    units = [each.name if names.count(each.name) == 1 else str(each.path) for each in named]
    parts, of_ids = with_ids(parts, units, merge=merge_ids, separate=separate_subjects)

    frames, cohorts, origin = with_cohorts(parts, names, cohort_by)
    frame = pl.concat(frames, how="diagonal")
    order = frame.select(pl.arg_sort_by("subject", "cohort", "path", maintain_order=True)).to_series().to_numpy()
    summaries = [part.summary for part in parts]
    if most_images is not None and rng is not None:
        order = order[of_units(frame[order], lambda one: few_of_each(one, most_images, rng))]
        summaries = _with_most_images(parts, order, most_images)
    if sample is not None and rng is not None:
        order = order[of_units(frame[order], lambda one: sample_of_each(one["cohort"], cohorts, sample, rng))]

    manifest = Manifest(
        frame[order],
        cohorts,
        name=" + ".join(dict.fromkeys(names)),
        sources=tuple(
            InputSummary(each.name, str(each.path), part.layout, summary)
            for each, part, summary in zip(named, parts, summaries, strict=True)
        ),
        findings=(*(finding for part in parts for finding in part.findings), *of_ids),
        origin=origin,
    )
    if any(part.scores for part in parts):
        return _given_scores(manifest, named, parts, order, direction)
    subjects = manifest.frame["subject"].unique()
    if len(subjects) == 1:
        raise InputError(
            "{dataset} has one subject, {subject!r} with {images}; facegap compares subjects: give images of at least "
            "two",
            dataset=manifest.name,
            subject=subjects[0],
            images=nphrase("{n} image", "{n} images", len(manifest)),
            findings=[one for one in manifest.findings if one.kind == "unsure-subjects"],
        )
    pairs = _joined(parts, order) if all(part.pairs for part in parts) else None
    manifest = manifest.with_findings(*label_findings(manifest, pairs))
    if vectors := [part.vectors for part in parts if part.vectors is not None]:
        return SavedEmbeddings(manifest, np.concatenate(vectors)[order])
    return Images(manifest, pairs)


def _given_scores(
    manifest: Manifest, named: Sequence[Input], parts: Sequence[InputPart], order: np.ndarray,
    direction: Comparator | None,
) -> GivenScores:  # fmt: skip
    """Return scores with who is in which image; `order` (N,): the rows of all parts, as the manifest has them."""
    row = np.empty(len(order), np.int64)
    row[order] = np.arange(len(order))
    start, lists, answered, directions, findings = 0, [], np.zeros(len(order), bool), [], []
    for each, part in zip(named, parts, strict=True):
        assert part.scores is not None
        own = row[start : start + part.frame.height]
        start += part.frame.height
        lists.append((part.scores.scores, own))
        answered[own] = part.scores.answered
        found = direction or part.scores.comparator
        if found is None:
            found, shown_by = direction_of(part.scores.scores, each.path)
            findings.append(shown_by)
        directions.append(found)
    if len(set(directions)) > 1:
        raise InputError(
            "{path} and {other} hold scores of different directions: give similarities or distances, and say which "
            "with --scores",
            path=named[0].path,
            other=named[directions.index(directions[-1])].path,
        )
    source = GivenScores(manifest.with_findings(*findings), lists, directions[0], answered)
    return source.with_findings(*score_findings(source))


def _template_pairs(named: Sequence[Input], templates: Path, images: Path | None) -> InputPart:
    """Return the only input, a list of pairs of templates, with their images."""
    if len(named) > 1 or named[0].path.is_dir() or not is_file(templates):
        raise InputError(
            "{templates} says which images make up the templates of a list of pairs: give such a list alone beside it",
            templates=templates,
        )
    return read_template_pairs(named[0].path, templates, templates.parent if images is None else images)


def _with_most_images(parts: Sequence[InputPart], order: np.ndarray, most: int) -> list[str]:
    """Return the summary of each part, with how many of its images are among the rows `order` of all parts."""
    source = np.repeat(np.arange(len(parts)), [part.frame.height for part in parts])
    kept = np.bincount(source[order], minlength=len(parts))
    return [
        f"{part.summary}; {counted(n, part.unit)} kept, at most {most} of each subject" if n else part.summary
        for part, n in zip(parts, kept.tolist(), strict=True)
    ]


def _joined(parts: Sequence[InputPart], order: np.ndarray) -> Pairs:
    """Return the comparisons of all lists; `order` (N,): the rows of all parts, as the manifest has them."""
    row = np.empty(len(order), dtype=np.int64)
    row[order] = np.arange(len(order))
    start, found = 0, []
    for part in parts:
        assert part.pairs is not None
        found.append(replace(part.pairs, a=row[part.pairs.a + start], b=row[part.pairs.b + start]))
        start += part.frame.height
    return Pairs(*(np.concatenate([getattr(one, name) for one in found]) for name in ("a", "b", "same", "fold")))
