"""What is known of an adaptation that helped: all that its files say."""

from dataclasses import dataclass

from facegap.data.manifest import Manifest
from facegap.jobs.adapt.linear_step import Head
from facegap.jobs.adapt.regularisation import Choice
from facegap.jobs.proof import Proof
from facegap.jobs.split import Split
from facegap.jobs.study import Study
from facegap.models import ModelSource


@dataclass(frozen=True)
class AdaptationRecord:
    """Everything that is written down.

    `model`, `head`: what is joined. `choice`, `proof`, `note`: how it was made and judged. `split` of the images of
    `manifest`. `data`: sha256 over the images that it learnt from and their labels, `images` their number. `study`: how
    faces are found, which command asked, and what must stand with all numbers.
    """

    model: ModelSource
    head: Head
    choice: Choice
    proof: Proof
    note: str
    split: Split
    manifest: Manifest
    data: str
    images: int
    study: Study
