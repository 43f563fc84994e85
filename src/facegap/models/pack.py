"""An InsightFace pack: a folder, or a ZIP file, with a network that recognises faces and others that do not.

Where there is a manifest of version 2, it says which is which. Else the shapes of inputs and outputs do, as in
InsightFace's `model_zoo.py` (`ModelRouter`).
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from facegap.data.comparator import Comparator
from facegap.data.pack_manifest import DETECTION, INSIDE, NAME, RECOGNITION, USUAL_PIXELS, read_manifest
from facegap.data.weights import sha256_of_file
from facegap.errors import InputError, ModelError, Phrase
from facegap.models.onnx.contract import Contract
from facegap.models.onnx.onnx_file import OnnxFile, read_onnx
from facegap.models.onnx.tensors import image_input
from facegap.run.cache import default_root
from facegap.run.files import written_folder
from facegap.run.text import N_, first_few, shortened

USUAL_SIZE = 112
"""Side of the crop in pixels where neither the network nor a manifest says it."""

LARGEST = 4 * 2**30
"""Bytes of all files of the largest pack that is unpacked; the packs in use have up to half a gigabyte."""

LANDMARKS, ATTRIBUTES, SWAPPER = N_("landmarks"), N_("age and sex"), N_("swapper")
DETECTOR, RECOGNISER, OTHER = N_("detector"), N_("recogniser"), N_("not known")


@dataclass(frozen=True)
class Pack:
    """A pack: the `file` of its recogniser and its `contract`, the file of its `detector`, and what it is in words."""

    name: str
    file: OnnxFile
    contract: Contract
    detector: Path | None
    note: str


def read_pack(place: Path) -> Pack:
    """Return what is in a pack.

    Raises:
        ModelError: it holds no recogniser, or several without a manifest, or cannot be read.
    """
    folder = _inner(_unpacked(place) if place.suffix.lower() == ".zip" else place)
    manifest = read_manifest(folder)
    if manifest is None:
        return _by_shape(place, folder)
    if RECOGNITION not in manifest.tasks:
        raise ModelError(
            "{place}: its {name} names no network for recognition: give a pack that has one", place=place, name=NAME
        )
    file, task = read_onnx(manifest.file(RECOGNITION)), manifest.tasks[RECOGNITION]
    size = task.input_size[0] if task.input_size else None
    contract = _contract(file, manifest.pixels(RECOGNITION), size, task.embedding_dimension)
    detector = manifest.file(DETECTION) if DETECTION in manifest.tasks else None
    return Pack(manifest.model_id, file, contract, detector, f"contract of {file.path.name} from {NAME} of {place}")


def _by_shape(place: Path, folder: Path) -> Pack:
    files = sorted(folder.glob("*.onnx"))
    if not files:
        raise ModelError(
            "{place} holds no ONNX file: give the folder of an InsightFace pack, or one ONNX file", place=place
        )
    read = [read_onnx(path) for path in files]
    kinds = {file.path: _kind(file) for file in read}
    recognisers = [file for file in read if kinds[file.path] == RECOGNISER]
    detectors = [path for path, kind in kinds.items() if kind == DETECTOR]
    for what, found in ((RECOGNISER, [file.path for file in recognisers]), (DETECTOR, detectors)):
        if len(found) > 1:
            raise ModelError(
                "{place} holds {number} networks of the kind {kind}, {names}: keep one, or give an ONNX file",
                place=place,
                number=len(found),
                kind=Phrase(what),
                names=first_few(path.name for path in found),
            )
    if not recognisers:
        raise ModelError(
            "{place} holds no network that recognises faces, only {seen}: give a pack that has one",
            place=place,
            seen=first_few(
                Phrase("{file} ({kind})", file=path.name, kind=Phrase(kind)) for path, kind in kinds.items()
            ),
        )
    (file,) = recognisers
    pixels = INSIDE if file.first_steps.words else USUAL_PIXELS[RECOGNITION]
    others = [f"{path.name} ({kind})" for path, kind in kinds.items() if kind not in (RECOGNISER, DETECTOR)]
    note = f"{place}: {file.path.name} recognises faces, with InsightFace's contract"
    note += f"; left out: {shortened(others)}" if others else ""
    return Pack(folder.resolve().name, file, _contract(file, pixels, None, None), next(iter(detectors), None), note)


def _kind(file: OnnxFile) -> str:
    """Return what a network does, by InsightFace's rule."""
    if len(file.outputs) >= 5:
        return DETECTOR
    shape = file.inputs[0].shape if file.inputs else ()
    if len(shape) != 4 or shape[2] != shape[3] or not isinstance(shape[2], int):
        return OTHER
    side = shape[2]
    if len(file.inputs) == 2:
        return SWAPPER
    known = {192: LANDMARKS, 96: ATTRIBUTES}.get(side)
    return known or (RECOGNISER if side >= USUAL_SIZE and side % 16 == 0 else OTHER)


def _contract(file: OnnxFile, pixels: tuple[float, float], size: int | None, dimension: int | None) -> Contract:
    image = image_input(file.inputs, file.path)
    mean, std = pixels
    side = image.size or size or USUAL_SIZE
    return Contract("arcface-112", side, (mean, mean, mean), (std, std, std), Comparator.COSINE, dimension=dimension)


def _inner(folder: Path) -> Path:
    """Return the folder that holds the networks: some packs hold it inside another of their name."""
    if (folder / NAME).is_file() or any(folder.glob("*.onnx")):
        return folder
    inside = [path for path in folder.iterdir() if path.is_dir()]
    return inside[0] if len(inside) == 1 else folder


def _unpacked(place: Path) -> Path:
    """Return the folder in the cache with the networks and the manifest of a ZIP file, unpacked once."""
    folder = default_root() / "packs" / sha256_of_file(place) / place.stem
    if folder.is_dir():
        return folder
    try:
        with zipfile.ZipFile(place) as packed:
            wanted = [one for one in packed.infolist() if Path(one.filename).suffix.lower() in (".onnx", ".json")]
            if sum(one.file_size for one in wanted) > LARGEST:
                raise ModelError(
                    "{place} unpacks to more than {largest:,} bytes: unpack it and give the folder",
                    place=place,
                    largest=LARGEST,
                )
            folder.parent.mkdir(parents=True, exist_ok=True)
            with written_folder(folder) as new:
                packed.extractall(new, wanted)
    except (OSError, InputError, RuntimeError, zipfile.BadZipFile) as error:
        raise ModelError(
            "{place} cannot be unpacked ({error}): unpack it yourself and give the folder", place=place, error=error
        ) from None
    return folder
