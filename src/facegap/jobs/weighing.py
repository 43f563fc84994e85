"""What counts the same in rates: comparisons, or subjects and pairs of subjects."""

from dataclasses import replace

from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, Images, Source
from facegap.errors import InputError
from facegap.jobs.study import Study
from facegap.scoring import MOST


def with_weighing(manifest: Manifest, study: Study) -> Manifest:
    """Return the manifest with a finding on what counts the same, where it is not every comparison.

    That somebody has many comparisons is then no doubt about the rates.
    """
    if study.weigh != "subjects":
        return manifest
    others = [one for one in manifest.findings if one.kind != FindingCode.UNEVEN_SUBJECTS.kind]
    return replace(manifest, findings=(*others, Finding.of(FindingCode.SUBJECTS_ALIKE)))


def check_weighing(study: Study, source: Source) -> None:
    """Refuse weights by subject where subjects are not known, or their comparisons are too many to be listed.

    Raises:
        InputError: it is so.
    """
    if study.weigh != "subjects":
        return
    if not len(source.manifest):
        raise InputError(
            "--weigh subjects needs to know who was compared, and two files of numbers do not say it: give a table "
            "with subject_a and subject_b, or leave it out"
        )
    if study.explain:
        raise InputError("--explain takes gaps apart in which every comparison counts the same: leave --weigh out")
    images = len(source.manifest)
    comparisons = images * (images - 1) // 2
    if isinstance(source, GivenScores):
        comparisons = sum(len(scores) for scores, _ in source.lists)
    elif isinstance(source, Images) and source.pairs is not None:
        comparisons = len(source.pairs.a)
    if comparisons > MOST:
        raise InputError(
            "--weigh subjects lists comparisons one by one, {most:,} at most, and there are {comparisons:,}: take "
            "fewer, e.g. with --most-images 5 or --pairs 1000000",
            most=MOST,
            comparisons=comparisons,
        )
