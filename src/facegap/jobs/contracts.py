"""Which contract a network obeys: each is tried on labelled images, and they are ranked with paired intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, flaws
from facegap.data.image_file import read_image_file
from facegap.data.manifest import Manifest
from facegap.data.spec import CROPS, ModelSpec
from facegap.errors import InputError
from facegap.faces import DEFAULT_FACES, FaceOptions, Unreadable, make_croppers, read_photo
from facegap.jobs.counting import score
from facegap.jobs.given_faces import given_faces
from facegap.metrics import HIGH_AUC
from facegap.metrics.scored import MeasuredModel
from facegap.models import PRESETS, Contract
from facegap.models.onnx.onnx_file import OnnxFile, read_onnx
from facegap.models.onnx.onnx_model import OnnxModel, onnx_spec
from facegap.models.onnx.presets import FULL_RANGE, HALF_RANGE, IMAGENET_MEAN, IMAGENET_STD, NONE, ONE
from facegap.models.onnx.tensors import image_input
from facegap.run.progress import Progress, silent
from facegap.stats import Claim, Estimate, compare, holm, limits

LEVEL = 0.95

PIXELS = {
    "0 to 255": (NONE, ONE),
    "0 to 1": (NONE, FULL_RANGE),
    "-1 to 1": (HALF_RANGE, HALF_RANGE),
    "ImageNet": (IMAGENET_MEAN, IMAGENET_STD),
}
"""The normalisations that are tried: mean and std. (x - 127.5) / 128 is -1 to 1 but for 0.4 %, which no data tell."""

COLOURS = ("RGB", "BGR")

USUAL_SIZE = 112
"""Side of the crop in pixels where a network takes any."""

COHORT = "tried"

PER_SUBJECT = 4
"""Images of a subject that are taken at most: many subjects say more than many images of few."""

FEWEST_SUBJECTS = 2
"""Subjects with two images without whom nothing can be compared."""

FNMR_AT = ("fmr=0.001", "fmr=0.01")
"""Where the FNMR is compared, the first that the data resolve, when AUCs are too near to 1."""


@dataclass(frozen=True)
class Tried:
    """A contract with its numbers: AUC with its interval (NaN where unknown).

    `flip`: the embedding is the sum of those of the crop and of its mirror image. `gap`: how much more the AUC is
    than that of the best contract, a claim over the same subjects, or None for the best itself. If `at` is not "", that
    AUC is too near to 1, and it is the TAR there that is compared. `p`: the p-value, adjusted for all contracts; NaN
    where nothing can be told.
    """

    crop: str
    pixels: str
    colour: str
    flip: bool
    auc: float
    low: float
    high: float
    gap: Claim | None = None
    at: str = ""
    p: float = np.nan

    @property
    def preset(self) -> str:
        """The presets that say the same, or ""."""
        mean, std = PIXELS[self.pixels]
        same = (
            name
            for name, known in PRESETS.items()
            if (known.crop, known.colour, known.mean, known.std) == (self.crop, self.colour, mean, std)
        )
        return "" if self.flip else ", ".join(same)

    @property
    def is_worse(self) -> bool:
        """Whether the data say that it is worse than the best one."""
        return self.gap is not None and self.p < 1 - LEVEL and self.gap.value < 0


@dataclass(frozen=True)
class Ranking:
    """What was tried, the best first. `images`, `subjects`: on whom. `mirrored`: the best with the mirror image."""

    tried: Sequence[Tried]
    mirrored: Tried
    images: int
    subjects: int

    @property
    def open(self) -> list[Tried]:
        """The contracts that these data cannot tell from the best one."""
        return [one for one in self.tried[1:] if not one.is_worse]


def rank_contracts(
    path: Path,
    manifest: Manifest,
    *,
    output: str | None = None,
    faces: FaceOptions = DEFAULT_FACES,
    device: str = "cpu",
    most: int = 300,
    seed: int = 0,
    progress: Progress = silent,
) -> Ranking:
    """Try every colour order, normalisation and crop with an ONNX file, and with the best of them the mirror image.

    All are compared by cosine on the same images, those that all crops can be cut from: up to `most`, of subjects with
    at least two, drawn by `seed`. An image is decoded, searched and cut once. `device`: where the network runs, as
    `parse_model` takes it.

    Raises:
        InputError: too few subjects have two images.
        ModelError: the file cannot be used.
    """
    file = read_onnx(path)
    wanted = image_input(file.inputs, path)
    size, pixels = wanted.size or USUAL_SIZE, ["0 to 255"] if wanted.type == "uint8" else list(PIXELS)
    rows, crops = _crops(manifest, _drawn(manifest, most, seed), size, faces, progress)
    frame = manifest.frame[rows].select("path", "subject", cohort=pl.lit(COHORT))
    some = Manifest(name=manifest.name, frame=frame, cohorts=(COHORT,))
    plain = Contract("whole", size, NONE, ONE, Comparator.COSINE)
    base = onnx_spec(file, plain, name=path.stem, output=output, device=device)
    embed = partial(_embed, file, base, device)
    made: dict[tuple[str, str, str, bool], dict[tuple[str, str], Estimate]] = {}
    combinations = list(product(CROPS, pixels, COLOURS))
    for number, (crop, scale, colour) in enumerate(combinations, 1):
        vectors = embed(crops[crop], scale, colour)
        made[crop, scale, colour, False] = _estimates(vectors, some, base)
        progress("trying contracts", number, len(combinations) + 1)
    crop, scale, colour, _ = max(made, key=lambda key: _merit(made[key]))
    mirrored = embed(crops[crop][:, :, ::-1], scale, colour)
    both = embed(crops[crop], scale, colour) + mirrored
    made[crop, scale, colour, True] = _estimates(both, some, base)
    progress("trying contracts", len(combinations) + 1, len(combinations) + 1)
    return _ranked(made, len(rows), some.frame["subject"].n_unique())


def _drawn(manifest: Manifest, most: int, seed: int) -> np.ndarray:
    """Return rows of random subjects with at least two images, at most `PER_SUBJECT` of each."""
    rng, subject = np.random.default_rng(seed), manifest.subject_codes
    rows: list[int] = []
    for code in rng.permutation(np.unique(subject)):
        own = rng.permutation(np.flatnonzero(subject == code))[:PER_SUBJECT]
        if len(own) > 1 and len(rows) + len(own) <= most:
            rows += own.tolist()
    return np.sort(np.array(rows, np.int64))


def _crops(
    manifest: Manifest, rows: np.ndarray, size: int, faces: FaceOptions, progress: Progress
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the rows that every crop can be cut from, and (n, size, size, 3) uint8 of each crop."""
    croppers = make_croppers(
        [(crop, size) for crop in CROPS], detector=faces.detector, rule=faces.rule, min_face=faces.min_face
    )
    kept, cut, given = [], [], given_faces(manifest, faces)
    for number, row in enumerate(rows.tolist(), 1):
        try:
            photo = read_photo(
                read_image_file(manifest.paths[row]), max_side=faces.max_side, max_pixels=faces.max_pixels
            )
            found = [cropper.crop(replace(photo, given=given[row])).pixels for cropper in croppers]
        except (OSError, Unreadable, ValueError):
            continue
        if all(pixels is not None for pixels in found):
            kept.append(row)
            cut.append(found)
        progress("cutting faces out", number, len(rows))
    subjects, images = np.unique(manifest.subject_codes[np.array(kept, np.int64)], return_counts=True)
    if (images > 1).sum() < FEWEST_SUBJECTS:
        raise InputError(
            "{dataset}: {several} of {n_subjects} subjects have two images with a face, and it takes at least "
            "{fewest_subjects} to try contracts on: give labelled images of more people",
            dataset=manifest.name,
            several=(images > 1).sum(),
            n_subjects=len(subjects),
            fewest_subjects=FEWEST_SUBJECTS,
        )
    return np.array(kept), {crop: np.stack([found[k] for found in cut]) for k, crop in enumerate(CROPS)}


def _embed(file: OnnxFile, base: ModelSpec, device: str, crops: np.ndarray, pixels: str, colour: str) -> np.ndarray:
    mean, std = PIXELS[pixels]
    return OnnxModel(file.path, replace(base, mean=mean, std=std, colour=colour), device=device).embed(crops)


def _estimates(vectors: np.ndarray, manifest: Manifest, spec: ModelSpec) -> dict[tuple[str, str], Estimate]:
    n = len(vectors)
    usable = np.array([not flaw for flaw in flaws(vectors)]) & (vectors != 0).any(axis=1)
    kept = np.where(usable[:, None], vectors, np.float32(1))  # an image that tells nothing is like any other one
    embeddings = Embeddings(kept, np.zeros(n, np.uint8), (None,) * n, np.full((n, 4), np.nan, np.float32))
    scored = score(embeddings, manifest, spec, workers=1)
    measured = MeasuredModel.of(scored, manifest, failures="excluded", genuine_share=None, threshold_from=())
    return measured.shown()[COHORT].estimates


def _ranked(
    made: dict[tuple[str, str, str, bool], dict[tuple[str, str], Estimate]], images: int, subjects: int
) -> Ranking:
    (mirrored,) = (key for key in made if key[-1])
    best = mirrored[0], mirrored[1], mirrored[2], False
    others = [key for key in made if key not in (best, mirrored)]
    order = [*sorted(others, key=lambda key: _merit(made[key]), reverse=True), mirrored]
    gaps = [_gap(made[key], made[best]) for key in order]
    adjusted = holm(np.array([claim.p for claim, _ in gaps])).tolist()
    *tried, last = (
        Tried(*key, *_auc(made[key]), claim, at, p) for key, (claim, at), p in zip(order, gaps, adjusted, strict=True)
    )
    return Ranking([Tried(*best, *_auc(made[best])), *tried], last, images, subjects)


def _gap(one: dict[tuple[str, str], Estimate], best: dict[tuple[str, str], Estimate]) -> tuple[Claim, str]:
    """Return how much better a contract is than the best one, and at which operating point, "" for the AUC.

    An AUC too near to 1 hangs on few comparisons: then it is the first TAR that can be tested.
    """
    if best["auc", ""].value > HIGH_AUC:
        for at in FNMR_AT:
            if ("tar", at) in one and ("tar", at) in best:
                claim = compare(one["tar", at], best["tar", at], LEVEL)
                if not np.isnan(claim.p):
                    return claim, at
    return compare(one["auc", ""], best["auc", ""], LEVEL), ""


def _merit(estimates: dict[tuple[str, str], Estimate]) -> tuple[float, ...]:
    """Return what orders contracts: AUCs that are too near to 1 are one, and then the FNMR decides."""
    auc = estimates["auc", ""].value
    tars = [estimates["tar", at].value for at in FNMR_AT if ("tar", at) in estimates]
    return (min(auc, HIGH_AUC), *tars[:1], auc)


def _auc(estimates: dict[tuple[str, str], Estimate]) -> tuple[float, float, float]:
    """Return the AUC and its interval."""
    found = estimates["auc", ""]
    low, high = limits(found)(LEVEL)
    return found.value, low, high
