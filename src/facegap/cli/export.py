"""`facegap export`: dlib's network as an ONNX file."""

from pathlib import Path
from typing import Annotated

import typer

from facegap.cli.console import Terminal
from facegap.errors import InputError


def export(
    model: Annotated[str, typer.Argument(help="dlib, or dlib:WEIGHTS.dat.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The ONNX file that is written.")],
) -> None:
    """Write a face network of dlib as an ONNX file that says itself how it is used."""
    from facegap.cli.outputs import EXPORTED, reserved
    from facegap.models.dlib.conversion import dlib_onnx
    from facegap.report.text.language import _
    from facegap.run.files import written_whole

    if out.suffix.lower() != ".onnx":
        raise InputError("{out} is no name of an ONNX file: end it in .onnx", out=out)
    weights = _weights(model)
    with reserved((out, EXPORTED), given=[weights]), written_whole(out) as (draft,):
        draft.write_bytes(dlib_onnx(weights).SerializeToString())
    console = Terminal(soft_wrap=True)
    size = out.stat().st_size
    console.print(_("{file}: {size} bytes, for any program that runs ONNX", file=out, size=size))
    console.print(f"facegap evaluate PHOTOS --model {out}", style="dim")


def _weights(model: str) -> Path:
    from facegap.data.weights import FACE_NETWORK, dlib_weights
    from facegap.models.registry import REFERENCE

    kind, _, file = model.partition(":")
    if kind != "dlib" or file.split(":")[0] == REFERENCE:
        raise InputError("{model!r} cannot be exported: give dlib or dlib:WEIGHTS.dat", model=model)
    return Path(file) if file else dlib_weights(FACE_NETWORK)
