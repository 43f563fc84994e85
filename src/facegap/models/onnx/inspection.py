"""Everything facegap can say about an ONNX file."""

from dataclasses import dataclass
from pathlib import Path

from facegap.data.statement import Statement
from facegap.errors import ModelError
from facegap.models.onnx.contract import Contract
from facegap.models.onnx.onnx_file import OnnxFile, read_onnx
from facegap.models.onnx.resolve import resolve_contract


@dataclass(frozen=True)
class Inspection:
    """An ONNX file and its contract, with where that came from, or the `problem` why there is none, in English."""

    file: OnnxFile
    contract: Contract | None
    note: Statement | None
    problem: str = ""


def inspect_onnx(path: Path, *, preset: str | None = None) -> Inspection:
    """Return what is in an ONNX file and with which contract facegap would use it.

    Raises:
        ModelError: the file cannot be read; a missing or unfitting contract is the `problem` instead.
    """
    file = read_onnx(path)
    try:
        contract, source = resolve_contract(file, preset)
    except ModelError as error:
        return Inspection(file, None, None, str(error))
    return Inspection(file, contract, source.note)
