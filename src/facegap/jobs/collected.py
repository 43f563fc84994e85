"""What a job has once its images are read and embedded: who is in which image, and what each model made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.source import GivenScores, Source
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.jobs.anonymous import Codes
from facegap.jobs.readable import readable
from facegap.metrics.explaining import Measured

NO_FACES = FaceSpec("none", "")
"""No face is looked for: the images, or embeddings, are taken as they are."""

NO_CODES = Codes()


@dataclass(frozen=True)
class Made:
    """What one model made of the images, and how their faces were found.

    `scores`: of comparisons, where a model gave these alone; its embeddings then hold no vectors.
    """

    spec: ModelSpec
    faces: FaceSpec
    embeddings: Embeddings
    scores: GivenScores | None = None


@dataclass(frozen=True)
class Collected:
    """The images of a study and their embeddings by each model.

    `source` with what the labels and the files' contents show. `hashes`: (N,) sha256 of the files, none where the
    input brought no files. `codes`: those of an anonymous study. `measured`: what was measured of the images, if asked.
    """

    source: Source
    hashes: Sequence[str]
    made: Sequence[Made]
    codes: Codes = NO_CODES
    measured: Measured | None = None

    @property
    def manifest(self) -> Manifest:
        """Who is in which image."""
        return self.source.manifest

    @cached_property
    def pictures(self) -> Sequence[str]:
        """(N,) sha256 of the files, "" where several files are the same and no picture: nothing follows from that."""
        return readable(self.manifest.places, self.hashes) if self.source.photos else self.hashes
