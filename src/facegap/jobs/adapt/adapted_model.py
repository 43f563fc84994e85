"""Writing an adapted model: the ONNX file, its card and its split, all or none, and only after they were checked."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.image_file import read_image_file
from facegap.data.weights import sha256_of_file
from facegap.errors import ModelError
from facegap.faces import Unreadable, make_cropper, read_photo
from facegap.jobs.adapt.card import card
from facegap.jobs.adapt.record import AdaptationRecord
from facegap.jobs.given_faces import given_faces
from facegap.jobs.split import Role
from facegap.models import contract_metadata, parse_model
from facegap.models.onnx.contract import PREFIX
from facegap.run.files import written_whole
from facegap.run.spreadsheet import spreadsheet_safe

CHECKED = 8
"""Crops on which the written file is held against the model and the head apart."""

TOLERANCE = 1e-4
"""The greatest difference, as a share of the greatest number in an embedding."""


def write_adapted(record: AdaptationRecord, out: Path) -> None:
    """Write the adapted model to `out`, with a card (`.md`) and the split (`.split.csv`) beside it.

    Raises:
        InputError: the files cannot be written; older ones are then as they were.
        ModelError: nothing can be joined to the network, or the file does not give what model and head give apart.
    """
    from facegap.jobs.adapt.join import join

    assert record.model.network is not None
    content = join(record.model.network(), record.model.spec.output, record.head, _metadata(record))
    files = out, out.with_suffix(".md"), out.with_suffix(".split.csv")
    with written_whole(*files) as (model, text, split):
        model.write_bytes(content)
        difference = _check(model, record)
        digest = sha256_of_file(model)
        text.write_text(card(record, out.name, digest, difference), encoding="utf-8", newline="\n")
        split.write_text(
            spreadsheet_safe(record.split.table(record.manifest)).write_csv(), encoding="utf-8", newline=""
        )


def _metadata(record: AdaptationRecord) -> dict[str, str]:
    """Return the contract, as facegap reads it, with what is worth knowing besides."""
    spec, head = record.model.spec, record.head
    suggested, threshold, said = record.proof.suggested, None, {"data": record.data}
    if suggested is not None:
        threshold = suggested.threshold
        said |= {"threshold_rule": suggested.rule, "threshold_cohort": suggested.cohort}
    spec = replace(spec, comparator=Comparator.COSINE, dimension=head.dimension, threshold=threshold, output="")
    signature = f"{spec.signature or spec.name}, adapted by facegap"
    return {**contract_metadata(spec), **{PREFIX + key: text for key, text in said.items()}, "signature": signature}


def _check(path: Path, record: AdaptationRecord) -> float:
    """Return the greatest difference between the file and its parts, on real crops.

    Raises:
        ModelError: it is too great, or the file cannot be used without options.
    """
    crops = _crops(record)
    apart = record.head(record.model.open().embed(crops))
    together = parse_model(str(path)).open().embed(crops)
    difference = float(np.abs(together - apart).max() / np.abs(apart).max())
    if not difference <= TOLERANCE:
        raise ModelError(
            "the adapted network differs from {model} with its head by {difference:.1g} of the greatest number, more "
            "than {tolerance:g}: nothing was written, adapt a float32 export of the network",
            model=record.model.spec.name,
            difference=difference,
            tolerance=TOLERANCE,
        )
    return difference


def _crops(record: AdaptationRecord) -> np.ndarray:
    """Return a few crops, (n, size, size, 3) uint8, of images that the head learnt from."""
    spec, faces = record.model.spec, record.study.faces.with_brought([record.model.detector])
    cropper = make_cropper(spec.crop, spec.size, detector=faces.detector, rule=faces.rule)
    given = given_faces(record.manifest, faces)
    crops: list[np.ndarray] = []
    for row in np.flatnonzero(record.split.rows(Role.TRAIN)):
        try:
            data = read_image_file(record.manifest.paths[row])
            photo = read_photo(data, max_side=faces.max_side, max_pixels=faces.max_pixels)
            pixels = cropper.crop(replace(photo, given=given[int(row)])).pixels
        except (OSError, Unreadable):
            continue
        if pixels is not None:
            crops.append(pixels)
        if len(crops) == CHECKED:
            break
    return np.stack(crops)
