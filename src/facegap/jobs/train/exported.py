"""The files that a training leaves: the network as ONNX with its contract, smaller versions, and what they lose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from facegap.data.comparator import Comparator
from facegap.jobs.suggestion import Suggestion
from facegap.jobs.train.batches import to_tensor
from facegap.jobs.train.loop import embed_crops
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.onnx_graph import OUTPUT, check_export, run, to_onnx
from facegap.jobs.train.recipe import Recipe
from facegap.jobs.train.smaller import Smaller, smaller
from facegap.jobs.train.training import Lesson
from facegap.jobs.train.validation import validate
from facegap.models.onnx.contract import Contract, contract_metadata
from facegap.report.text import cards

CHECKED = 32
"""Validation crops on which ONNX Runtime is compared with torch."""

CALIBRATION = 256
"""Training crops from which the ranges of an 8-bit network are learnt."""

BATCH = 32


@dataclass(frozen=True)
class SmallerFile:
    """A smaller version: its AUC on the validation subjects, and how near its embeddings are to the whole network's."""

    name: str
    auc: float
    least_cosine: float


@dataclass(frozen=True)
class Exported:
    """What was written. `difference`: the greatest between ONNX Runtime's numbers and torch's, on real crops.

    `suggested`: the threshold in `contract`. `auc`: on the validation subjects, who chose the epoch and the threshold.
    """

    contract: Contract
    suggested: Suggestion | None
    difference: float
    auc: float
    smaller: tuple[SmallerFile, ...]

    @property
    def facts(self) -> list[str]:
        """What is to be said of the files, a sentence each."""
        return [
            cards.torch_differs(self.difference),
            *(cards.smaller_file(one.name, one.auc, self.auc, one.least_cosine) for one in self.smaller),
        ]


def export(
    network: FaceNetwork,
    lesson: Lesson,
    recipe: Recipe,
    path: Path,
    *,
    cohort: str,
    also: Mapping[Smaller, Path],
    texts: Mapping[str, str],
) -> Exported:
    """Write a trained network as ONNX with all that is needed to use it, and smaller versions to the paths in `also`.

    The suggested threshold is the loosest whose FMR on the validation subjects is within the strictest usual rate that
    they can resolve. `cohort`: what they are called. `texts`: `data`, `licence` and `signature` for the file.

    Raises:
        ModelError: ONNX Runtime does not give what torch gives.
    """
    validated = validate(embed_crops(network, lesson.crops, lesson.validation), lesson.subject[lesson.validation])
    point = validated.operating_point
    suggested = point and Suggestion(point.threshold, point.fmr, point.rule, cohort)
    contract = _contract(network, recipe, suggested, texts)
    metadata = contract_metadata(contract) | ({"signature": texts["signature"]} if texts["signature"] else {})
    model = to_onnx(network, recipe.size, metadata)
    difference = check_export(model, network, to_tensor(lesson.crops.stack(lesson.validation[:CHECKED])))
    path.write_bytes(model.SerializeToString())
    losses = []
    for precision, place in also.items():
        made = smaller(model, precision, (_pixels(network, crops) for crops in _calibration(lesson)))
        place.write_bytes(made.SerializeToString())
        losses.append(_loss(place.name, made, model, network, lesson))
    return Exported(contract, suggested, difference, validated.auc, tuple(losses))


def _contract(network: FaceNetwork, recipe: Recipe, suggested: Suggestion | None, texts: Mapping[str, str]) -> Contract:
    return Contract(
        crop=recipe.crop,  # pyright: ignore[reportArgumentType]
        size=recipe.size,
        mean=network.mean,
        std=network.std,
        comparator=Comparator.COSINE,
        threshold=suggested and suggested.threshold,
        output=OUTPUT,
        licence=texts["licence"],
        dimension=recipe.dimension,
        threshold_rule=suggested.rule if suggested else "",
        threshold_cohort=suggested.cohort if suggested else "",
        data=texts["data"],
    )


def _loss(
    name: str, made: onnx.ModelProto, whole: onnx.ModelProto, network: FaceNetwork, lesson: Lesson
) -> SmallerFile:
    rows = lesson.validation
    pairs = [
        (run(made, pixels), run(whole, pixels))
        for pixels in (_pixels(network, crops) for crops in lesson.crops.batches(rows, BATCH))
    ]
    small, large = (np.concatenate(vectors) for vectors in zip(*pairs, strict=True))
    cosine = Comparator.COSINE.similarity(small, large)
    return SmallerFile(name, validate(small, lesson.subject[rows]).auc, float(cosine.min()))


def _pixels(network: FaceNetwork, crops: np.ndarray) -> np.ndarray:
    return network.normalised(to_tensor(crops)).numpy()


def _calibration(lesson: Lesson) -> Iterator[np.ndarray]:
    """Yield batches of training crops, evenly spaced."""
    return lesson.crops.batches(lesson.train[:: -(-len(lesson.train) // CALIBRATION)], BATCH)
