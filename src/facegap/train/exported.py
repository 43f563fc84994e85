"""The files that a training leaves: the network as ONNX with its contract, smaller versions, and what they lose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from facegap.comparator import Comparator
from facegap.files import written_whole
from facegap.models.contract import Contract, contract_metadata
from facegap.train.batches import to_tensor
from facegap.train.loop import Lesson, embed_crops
from facegap.train.network import FaceNetwork
from facegap.train.onnx_graph import OUTPUT, check_export, run, to_onnx
from facegap.train.recipe import Recipe
from facegap.train.smaller import Smaller, smaller
from facegap.train.validation import Validated, validate

CHECKED = 32
"""Validation crops on which ONNX Runtime is compared with torch."""

CALIBRATION = 256
"""Training crops from which the ranges of an 8-bit network are learnt."""

BATCH = 32


@dataclass(frozen=True)
class SmallerFile:
    """A smaller version: its AUC on the validation subjects, and the least cosine with the embeddings of the whole."""

    path: Path
    auc: float
    least_cosine: float


@dataclass(frozen=True)
class Exported:
    """The files that were written. `difference`: the greatest between ONNX Runtime's numbers and torch's."""

    path: Path
    contract: Contract
    difference: float
    auc: float
    smaller: tuple[SmallerFile, ...]

    @property
    def note(self) -> str:
        """What was written, in one line."""
        loss = "".join(
            f"; {one.path.name}: validation AUC {one.auc:.4f} instead of {self.auc:.4f}, "
            f"cosine with the whole network's embeddings at least {one.least_cosine:.4f}"
            for one in self.smaller
        )
        return f"{self.path}: within {self.difference:.1e} of torch on real crops{loss}"


def export(
    network: FaceNetwork,
    lesson: Lesson,
    recipe: Recipe,
    path: Path,
    *,
    cohort: str,
    precisions: Sequence[Smaller],
    texts: Mapping[str, str],
) -> Exported:
    """Write a trained network as ONNX with all that is needed to use it, or nothing.

    The suggested threshold is the loosest whose FMR on the validation subjects is within the strictest usual rate that
    they can resolve. `cohort`: what they are called. `texts`: `data`, `licence` and `signature` for the file.

    Raises:
        ModelError: ONNX Runtime does not give what torch gives.
        InputError: the files cannot be written; older ones are left as they were.
    """
    validated = validate(embed_crops(network, lesson.crops, lesson.validation), lesson.subject[lesson.validation])
    contract = _contract(network, recipe, validated, cohort, texts)
    metadata = contract_metadata(contract) | ({"signature": texts["signature"]} if texts["signature"] else {})
    model = to_onnx(network, recipe.size, metadata)
    difference = check_export(model, network, to_tensor(lesson.crops.stack(lesson.validation[:CHECKED])))
    files = {path: model}
    for precision in precisions:
        batches = (_pixels(network, crops) for crops in lesson.crops.batches(_evenly(lesson.train), BATCH))
        files[path.with_suffix(f".{precision}.onnx")] = smaller(model, precision, batches)
    losses = tuple(_loss(one, made, model, network, lesson) for one, made in files.items() if made is not model)
    with written_whole(*files) as drafts:
        for draft, made in zip(drafts, files.values(), strict=True):
            draft.write_bytes(made.SerializeToString())
    return Exported(path, contract, difference, validated.auc, losses)


def _contract(
    network: FaceNetwork, recipe: Recipe, validated: Validated, cohort: str, texts: Mapping[str, str]
) -> Contract:
    point = validated.operating_point
    return Contract(
        crop=recipe.crop,  # pyright: ignore[reportArgumentType]
        size=recipe.size,
        mean=network.mean,
        std=network.std,
        comparator=Comparator.COSINE,
        threshold=point and point.threshold,
        output=OUTPUT,
        licence=texts["licence"],
        dimension=recipe.dimension,
        threshold_rule=point.rule if point else "",
        threshold_cohort=cohort if point else "",
        data=texts["data"],
    )


def _loss(
    path: Path, made: onnx.ModelProto, whole: onnx.ModelProto, network: FaceNetwork, lesson: Lesson
) -> SmallerFile:
    rows = lesson.validation
    pairs = [
        (run(made, pixels), run(whole, pixels))
        for pixels in (_pixels(network, crops) for crops in lesson.crops.batches(rows, BATCH))
    ]
    small, large = (np.concatenate(vectors) for vectors in zip(*pairs, strict=True))
    cosine = Comparator.COSINE.closeness(small, large)
    return SmallerFile(path, validate(small, lesson.subject[rows]).auc, float(cosine.min()))


def _pixels(network: FaceNetwork, crops: np.ndarray) -> np.ndarray:
    return network.normalised(to_tensor(crops)).numpy()


def _evenly(rows: np.ndarray) -> np.ndarray:
    return rows[:: -(-len(rows) // CALIBRATION)]
