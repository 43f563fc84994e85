"""`facegap inspect`: what an ONNX file expects and how facegap would use it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.cli import options
from facegap.cli.as_json import Json, print_json
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal
from facegap.errors import InputError, Phrase

if TYPE_CHECKING:
    from facegap.faces import FaceOptions
    from facegap.jobs.contracts import Ranking, Tried
    from facegap.models.onnx.inspection import Inspection

VERSION = 1
"""Schema version of what `--json` prints."""


def inspect(
    file: Annotated[Path, typer.Argument(help="An ONNX file.")],
    images: Annotated[list[Path] | None, typer.Argument(help="Two images to compare, as a worked check.")] = None,
    preset: Annotated[str | None, typer.Option(help="Use this contract instead of the file's.")] = None,
    output: Annotated[str | None, typer.Option(help="Which output is the embedding.")] = None,
    face: options.Face = "main",
    detector: options.Detector = None,
    on: Annotated[
        list[str] | None, typer.Option(help="Labelled images, as evaluate takes them: find out which contract fits.")
    ] = None,
    device: options.Device = "cpu",
    most: Annotated[int, typer.Option(min=4, help="With --on: how many images to take.")] = 300,
    seed: Annotated[int, typer.Option(help="With --on: seed of which images are taken.")] = 0,
    json: Json = False,
) -> None:
    """Show inputs, outputs, metadata and the contract of an ONNX file; with images, try it out."""
    from facegap.faces import FaceOptions
    from facegap.models.onnx.inspection import inspect_onnx

    if images and len(images) != 2:
        raise InputError("{n_images} images were given: a worked check needs two, or none", n_images=len(images))
    console, faces = Terminal(stderr=json), FaceOptions(detector=detector, rule=face)
    found = inspect_onnx(file, preset=preset)
    if not json:
        _show(console, found)
    ranking = _ranking(console, file, on, output, faces, device, most, seed) if on else None
    steps, scores = _compared(file, images, preset, output, faces, device) if images else ({}, {})
    if json:
        fits = [] if ranking is None else [_plain(one) for one in (*ranking.tried, ranking.mirrored)]
        tensors = {"inputs": [*map(str, found.file.inputs)], "outputs": [*map(str, found.file.outputs)]}
        about = {**tensors, "opset": found.file.opset, "producer": found.file.producer, "sha256": found.file.sha256}
        about |= {"metadata": found.file.metadata, "contract": found.contract, "note": _origin(found)}
        print_json(VERSION, {**about, "fits": fits, "images": steps, "scores": scores})
        return
    if ranking is not None:
        from facegap.cli.ranking import print_ranking

        print_ranking(console, file, ranking)
    if images:
        table = _table()
        for name, text in (*steps.items(), *scores.items()):
            table.add_row(name, text if isinstance(text, str) else f"{text:.6f}")
        console.print()
        console.print(table)


def _plain(one: "Tried") -> dict:
    """Return how a contract fits, as it is printed for scripts."""
    names = ("preset", "crop", "pixels", "colour", "flip", "auc", "low", "high", "p")
    return {name: getattr(one, name) for name in names}


def _show(console: Terminal, found: "Inspection") -> None:
    """Print what a file holds, and with which contract it would be used."""
    from facegap.report.text.language import _

    table = _table()
    for kind, tensors in ((_("input"), found.file.inputs), (_("output"), found.file.outputs)):
        for tensor in tensors:
            table.add_row(kind, str(tensor))
    table.add_row("opset", str(found.file.opset))
    table.add_row(_("producer"), found.file.producer or _("not said"))
    table.add_row("sha256", found.file.sha256)
    for name in found.file.external:
        table.add_row(_("external data"), name)
    for key, value in sorted(found.file.metadata.items()):
        table.add_row(_("metadata {key}", key=key), value)
    if found.contract is not None:
        for key in found.contract.__struct_fields__:
            if (value := getattr(found.contract, key)) not in ("", None):
                said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
                table.add_row(_("contract {key}", key=key), said)
    console.print(table)
    console.print(f"\n{_origin(found)}", soft_wrap=True)


def _origin(found: "Inspection") -> str:
    """Return where the contract comes from, or why there is none."""
    from facegap.report.text.contracts import contract_text

    return contract_text(found.note) if found.note else found.problem


def _ranking(
    console: Terminal,
    file: Path,
    on: list[str],
    output: str | None,
    faces: "FaceOptions",
    device: str,
    most: int,
    seed: int,
) -> "Ranking":
    """Rank contracts on labelled images."""
    from facegap.cli.terminal import Bars
    from facegap.jobs.contracts import rank_contracts
    from facegap.jobs.reading import read

    with Bars(console) as progress:
        return rank_contracts(
            file, read(on), output=output, faces=faces, device=device, most=most, seed=seed, progress=progress
        )


def _compared(
    file: Path, images: list[Path], preset: str | None, output: str | None, faces: "FaceOptions", device: str
) -> tuple[dict[str, str], dict[str, float]]:
    """Embed two images and return what came of each, by its path, and the score by what it is called."""
    import numpy as np

    from facegap.data.image_file import read_image_file
    from facegap.data.source import Pairs
    from facegap.faces import Unreadable, make_cropper, read_photo
    from facegap.models import parse_model
    from facegap.report.text.models import embedded_text
    from facegap.report.text.names import unit_name
    from facegap.scoring import score_pairs

    embedder = parse_model(str(file), preset=preset, output=output, device=device).open()
    spec = embedder.spec
    cropper = make_cropper(spec.crop, spec.size, detector=faces.detector, rule=faces.rule)
    vectors, steps = [], {}
    for path in images:
        try:
            crop = cropper.crop(read_photo(read_image_file(path)))
        except (OSError, Unreadable) as error:
            raise InputError("{path} cannot be read: {reason}", path=path, reason=error) from None
        if crop.pixels is None:
            raise InputError(
                "{path}: {outcome} ({detail}), so there is nothing to compare",
                path=path,
                outcome=Phrase(crop.outcome.label),
                detail=crop.detail or "",
            )
        vectors.append(embedder.embed(crop.pixels[None])[0])
        steps[str(path)] = embedded_text(spec, crop.box, vectors[-1])
    pair = Pairs(np.array([0]), np.array([1]), np.array([True]), np.array([0]))
    similarity = score_pairs(np.stack(vectors), pair, spec.comparator)[0]
    return steps, {f"{spec.comparator} {unit_name(spec.comparator)}": spec.comparator.sign * float(similarity)}


def _table() -> Columns:
    table = Columns(show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    return table
