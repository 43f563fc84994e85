"""What is known of an adaptation that helped: all that its files say."""

from dataclasses import dataclass

from facegap.adapt.choose import Choice
from facegap.adapt.head import Head
from facegap.manifest import Manifest
from facegap.models import ModelSource
from facegap.proof import Proof
from facegap.split import Split
from facegap.study import Study


@dataclass(frozen=True)
class Record:
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
