"""Models that ONNX Runtime runs: an ONNX file, or the recogniser of a pack."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from facegap.data.spec import ModelSpec
from facegap.models.embedder import Embedder, ModelSource, check_unchanged
from facegap.models.onnx.contract import Contract
from facegap.models.onnx.feeding import feeding_findings
from facegap.models.onnx.onnx_file import OnnxFile, read_onnx, whole_onnx
from facegap.models.onnx.onnx_model import OnnxModel, onnx_spec
from facegap.models.onnx.resolve import ContractSource, resolve_contract
from facegap.models.pack import read_pack


def of_file(path: Path, name: str, preset: str | None, output: str | None, jitters: int, device: str) -> ModelSource:
    """Return the recipe of the model in an ONNX file; see `parse_model`. `name`: what reports call it, or ""."""
    file = read_onnx(path)
    contract, origin = resolve_contract(file, preset)
    return _network(file, contract, origin, name or path.stem, output, jitters, device)


def of_pack(place: Path, name: str, preset: str | None, output: str | None, jitters: int, device: str) -> ModelSource:
    """Return the recipe of the recogniser of an InsightFace pack, with the detector that comes with it."""
    pack = read_pack(place)
    of_pack = pack.contract, ContractSource(pack.note)
    contract, origin = resolve_contract(pack.file, preset, of_pack)
    source = _network(pack.file, contract, origin, name or pack.name, output, jitters, device)
    return replace(source, detector="" if pack.detector is None else f"scrfd:{pack.detector}")


def _network(
    file: OnnxFile, contract: Contract, origin: ContractSource, name: str, output: str | None, jitters: int, device: str
) -> ModelSource:
    spec = onnx_spec(file, contract, name=name, output=output, jitters=jitters, device=device)
    findings = tuple(feeding_findings(spec, file.first_steps, guessed=origin.guessed))
    opened = partial(_open, file.path, spec, device)
    return ModelSource(spec, opened, origin.note, partial(whole_onnx, file.path), findings)


def _open(path: Path, spec: ModelSpec, device: str) -> Embedder:
    check_unchanged(path, read_onnx(path).sha256, spec)
    return OnnxModel(path, spec, device=device)
