"""Codes in place of subjects and images, so that what is written can be given to others.

A code is a number in random order, no digest of a name: a digest could be found by hashing guesses. The order is drawn
from the study's seed and the contents of all images, so the same images get the same codes, and nobody can repeat the
draw without having them all.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from facegap.data.boxes import box_columns
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, SavedEmbeddings, Source
from facegap.data.templates import MEDIA, TEMPLATE
from facegap.datasets import label_findings

SUBJECT, IMAGE, INPUT = "subject", "image", "input"

NAMELESS = (FindingCode.DRAWN_COMPARISONS, FindingCode.SUBJECTS_ALIKE, FindingCode.UNANSWERED)
"""Findings that say nothing of files."""

HIDDEN = {
    code.kind: code
    for code in (
        FindingCode.HIDDEN_IGNORED,
        FindingCode.HIDDEN_ABSENT,
        FindingCode.HIDDEN_AT_URLS,
        FindingCode.HIDDEN_DUPLICATE,
        FindingCode.HIDDEN_CONFLICT,
        FindingCode.HIDDEN_UNSURE,
        FindingCode.HIDDEN_FORMS,
        FindingCode.HIDDEN_NAMES,
        FindingCode.HIDDEN_GUESSED,
    )
}
"""What findings of reading say, by kind, where they must not quote files and tables."""


@dataclass(frozen=True)
class Codes:
    """The code of each subject, by name, and of each image, by path."""

    subjects: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    def extended(self, source: Source, hashes: Sequence[str], *, seed: int) -> "Codes":
        """Return the codes with those of the subjects and images of a source that have none yet.

        `hashes`: N sha256 of the files, none where there are no files.
        """
        manifest, contents = source.manifest, list(hashes)
        if isinstance(source, SavedEmbeddings):
            contents = [row.tobytes().hex() for row in source.vectors]
        elif isinstance(source, GivenScores):
            contents = [hashlib.sha256(block.similarity.tobytes()).hexdigest() for block in source.blocks()]
        drawn_from = hashlib.sha256("\0".join((str(seed), *sorted(contents))).encode()).digest()
        rng = np.random.default_rng(int.from_bytes(drawn_from))
        return Codes(
            _numbered(self.subjects, manifest.subjects, SUBJECT, rng),
            _numbered(self.images, manifest.paths, IMAGE, rng),
        )

    def hide(self, manifest: Manifest) -> Manifest:
        """Return the manifest with codes, in the same order of rows, and with nothing else that may name somebody.

        The names of cohorts stay, and where the faces are; other attributes that make no cohort go. Findings are said
        anew.
        """
        frame = manifest.frame.select(
            pl.col("path").replace_strict(self.images, return_dtype=pl.String),
            pl.col("subject").replace_strict(self.subjects, return_dtype=pl.String),
            "cohort",
            *(pl.col(name).rank("dense").cast(pl.String) for name in (TEMPLATE, MEDIA) if name in manifest.frame),
            *box_columns(manifest.frame.columns),
        )
        hidden = replace(manifest, frame=frame, findings=(), files=tuple(manifest.paths), people=manifest.subject_codes)
        of_labels = set(label_findings(manifest))
        of_reading = (self.hidden(finding) for finding in manifest.findings if finding not in of_labels)
        return hidden.with_findings(*of_reading, *label_findings(hidden))

    def hidden(self, finding: Finding) -> Finding:
        """Return a finding that quotes no file."""
        if finding.said.code in NAMELESS:
            return finding
        paths = tuple(self.images[path] for path in finding.paths if path in self.images)
        said = Finding.of(HIDDEN.get(finding.kind, FindingCode.HIDDEN_IGNORED), paths)
        return replace(said, kind=finding.kind)


def without_places(manifest: Manifest) -> Manifest:
    """Return the manifest with sources that do not say where they lie; those of one place still say the same."""
    place: dict[str, str] = {}
    for source in manifest.sources:
        place.setdefault(source.path, f"{INPUT} {len(place) + 1}")
    sources = tuple(replace(source, path=place[source.path], label=source.name) for source in manifest.sources)
    return replace(manifest, sources=sources)


def _numbered(known: Mapping[str, str], names: Iterable[str], word: str, rng: np.random.Generator) -> dict[str, str]:
    """Return the codes `known` and, in random order, those of the other names."""
    new = sorted(set(names) - known.keys())
    numbers = len(known) + 1 + rng.permutation(len(new))
    return {**known, **{name: f"{word} {number}" for name, number in zip(new, numbers.tolist(), strict=True)}}
