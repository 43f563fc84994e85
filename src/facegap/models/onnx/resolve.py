"""Where the contract of an ONNX file comes from."""

from typing import NamedTuple

from facegap.errors import ModelError
from facegap.models.onnx.contract import PREFIX, Contract, contract_from_metadata, contract_from_toml
from facegap.models.onnx.onnx_file import OnnxFile
from facegap.models.onnx.presets import PRESETS
from facegap.models.onnx.tensors import ImageInput, image_input


class ContractSource(NamedTuple):
    """Where a contract came from, in one line, and whether nothing but the size of the input speaks for it."""

    note: str
    guessed: bool = False


def resolve_contract(file: OnnxFile, preset: str | None = None) -> tuple[Contract, ContractSource]:
    """Return the contract of an ONNX file and where it came from.

    A preset asked for by name wins, then facegap's metadata in the file, then a TOML file of the same name beside it,
    then the preset whose image size fits if there is only one.

    Raises:
        ModelError: there is no contract, or it does not fit the network's input.
    """
    image = image_input(file.inputs, file.path)
    contract, source = _find(file, image, preset)
    note = source.note
    if image.size not in (None, contract.size):
        raise ModelError(
            f"{file.path} takes images of {image.size} pixels but its contract says {contract.size} ({note}): mend one"
        )
    if image.type == "uint8" and (set(contract.mean), set(contract.std)) != ({0.0}, {1.0}):
        raise ModelError(
            f"{file.path} takes uint8 pixels, which cannot be normalised: say mean 0 and std 1 in its contract ({note})"
        )
    return contract, source


def _find(file: OnnxFile, image: ImageInput, preset: str | None) -> tuple[Contract, ContractSource]:
    toml = file.path.with_suffix(".toml")
    if preset is not None:
        if preset not in PRESETS:
            raise ModelError(f"unknown preset {preset!r}: choose one of {', '.join(PRESETS)}")
        overridden = any(key.startswith(PREFIX) for key in file.metadata)
        instead = ", in place of the metadata in the file" if overridden else ""
        return PRESETS[preset], ContractSource(f"contract from the preset {preset}, as asked{instead}")
    if contract := contract_from_metadata(file.metadata, file.path):
        return contract, ContractSource("contract from the metadata in the file")
    if contract := contract_from_toml(toml):
        return contract, ContractSource(f"contract from {toml.name} beside the file")
    return _guess(file, image)


def _guess(file: OnnxFile, image: ImageInput) -> tuple[Contract, ContractSource]:
    fitting = [name for name, contract in PRESETS.items() if contract.size == image.size]
    pixels = f"{image.size} x {image.size} pixels" if image.size else "images of any size"
    if len(fitting) == 1:
        (name,) = fitting
        note = f"contract guessed: {name} is the only preset that takes {pixels}; pass --preset if wrong"
        return PRESETS[name], ContractSource(note, guessed=True)
    if fitting:
        raise ModelError(
            f"{file.path} takes {pixels}, as do {', '.join(fitting[:-1])} and {fitting[-1]}: pass --preset with one of "
            f"them; facegap inspect {file.path.name} --on DATA finds out which fits"
        )
    raise ModelError(
        f"{file.path} takes {pixels} and does not say with which crop, mean, std and comparator: "
        f"pass --preset ({', '.join(PRESETS)}) or write them to {file.path.with_suffix('.toml').name} beside it"
    )
