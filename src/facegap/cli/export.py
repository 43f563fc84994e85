"""`facegap export`: dlib's network as an ONNX file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from facegap.errors import InputError


def export(
    model: Annotated[str, typer.Argument(help="dlib, or dlib:WEIGHTS.dat.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The ONNX file that is written.")],
) -> None:
    """Write a face network of dlib as an ONNX file that says itself how it is used."""
    from facegap.models.dlib.conversion import dlib_onnx
    from facegap.report.text.language import _
    from facegap.run.files import whole_file

    if out.suffix.lower() != ".onnx":
        raise InputError(f"{out} is no name of an ONNX file: end it in .onnx")
    content = dlib_onnx(_weights(model)).SerializeToString()
    try:
        with whole_file(out) as file:
            file.write(content)
    except OSError as error:
        raise InputError(f"{out} cannot be written ({error.strerror}): name another --out") from None
    console = Console(highlight=False, soft_wrap=True)
    size = f"{len(content):,}"
    written = _("{file}: {size} bytes, for any program that runs ONNX", file=out, size=size)
    console.print(written, markup=False)
    console.print(f"facegap evaluate PHOTOS --model {out}", style="dim", markup=False)


def _weights(model: str) -> Path:
    from facegap.data.weights import FACE_NETWORK, dlib_weights
    from facegap.models.registry import REFERENCE

    kind, _, file = model.partition(":")
    if kind != "dlib" or file.split(":")[0] == REFERENCE:
        raise InputError(f"{model!r} cannot be exported: give dlib or dlib:WEIGHTS.dat")
    return Path(file) if file else dlib_weights(FACE_NETWORK)
