"""Where the contract of an ONNX file comes from."""

from typing import NamedTuple, Self

from msgspec.structs import replace

from facegap.data.contract_code import ContractCode
from facegap.data.statement import Statement
from facegap.errors import ModelError, Phrase
from facegap.models.onnx.contract import PREFIX, Contract, contract_from_metadata, contract_from_toml
from facegap.models.onnx.onnx_file import OnnxFile
from facegap.models.onnx.presets import NONE, ONE, PRESETS
from facegap.models.onnx.tensors import ImageInput, image_input

USUAL = "arcface"
"""Of the presets with its size of input the one that most networks obey."""

OF_PACKS = frozenset({"w600k_r50", "w600k_mbf", "glintr100"})
"""The recognisers of InsightFace's packs buffalo_l and buffalo_m, buffalo_s and buffalo_sc, antelopev2."""


class ContractSource(NamedTuple):
    """Where a contract came from, and whether nothing but the size of the input speaks for it."""

    note: Statement
    guessed: bool = False

    @classmethod
    def of(cls, code: ContractCode, *, guessed: bool = False, **values: object) -> Self:
        """Return a source with the names and numbers of its sentence."""
        return cls(Statement.of(code, **values), guessed)


def resolve_contract(
    file: OnnxFile, preset: str | None = None, of_pack: tuple[Contract, ContractSource] | None = None
) -> tuple[Contract, ContractSource]:
    """Return the contract of an ONNX file and where it came from.

    A preset asked for by name wins, then that of the pack that the file is in, then facegap's metadata in the file,
    then a TOML file of the same name beside it, then the name of the file, then the size of its input.

    Raises:
        ModelError: there is no contract, or it does not fit the network's input.
    """
    image = image_input(file.inputs, file.path)
    contract, source = _find(file, image, preset, of_pack)
    if image.size not in (None, contract.size):
        raise ModelError(
            "{path} takes images of {size} pixels but its contract says {expected} ({note}): mend one",
            path=file.path,
            size=image.size,
            expected=contract.size,
            note=source.note or "",
        )
    if image.type == "uint8" and (set(contract.mean), set(contract.std)) != ({0.0}, {1.0}):
        raise ModelError(
            "{path} takes uint8 pixels, which cannot be normalised: say mean 0 and std 1 in its contract ({note})",
            path=file.path,
            note=source.note or "",
        )
    return contract, source


def _find(
    file: OnnxFile, image: ImageInput, preset: str | None, of_pack: tuple[Contract, ContractSource] | None
) -> tuple[Contract, ContractSource]:
    toml = file.path.with_suffix(".toml")
    if preset is not None:
        if preset not in PRESETS:
            raise ModelError(
                "unknown preset {preset!r}: choose one of {presets}", preset=preset, presets=", ".join(PRESETS)
            )
        overridden = any(key.startswith(PREFIX) for key in file.metadata)
        code = ContractCode.ASKED_INSTEAD if overridden else ContractCode.ASKED
        return PRESETS[preset], ContractSource.of(code, preset=preset)
    if of_pack is not None:
        return of_pack
    if contract := contract_from_metadata(file.metadata, file.path):
        return contract, ContractSource.of(ContractCode.METADATA)
    if contract := contract_from_toml(toml):
        return contract, ContractSource.of(ContractCode.BESIDE, file=toml.name)
    return _guess(file, image)


def _guess(file: OnnxFile, image: ImageInput) -> tuple[Contract, ContractSource]:
    fitting = [name for name, contract in PRESETS.items() if contract.size == image.size]
    pixels = f"{image.size} x {image.size} pixels" if image.size else "images of any size"
    if USUAL in fitting:
        return _usual(file, fitting, image)
    if fitting:
        (name,) = fitting
        return PRESETS[name], ContractSource.of(ContractCode.ONLY_FITTING, guessed=True, preset=name, size=image.size)
    if image.size is None:
        pixels = Phrase("images of any size")
    else:
        pixels = Phrase("{width:d} x {height:d} pixels", width=image.size, height=image.size)
    raise ModelError(
        "{path} takes {pixels} and does not say with which crop, mean, std and comparator: pass --preset ({presets}) "
        "or write them to {toml} beside it",
        path=file.path,
        pixels=pixels,
        presets=", ".join(PRESETS),
        toml=file.path.with_suffix(".toml").name,
    )


def _usual(file: OnnxFile, fitting: list[str], image: ImageInput) -> tuple[Contract, ContractSource]:
    """Return the contract of InsightFace, as its `arcface_onnx.py` finds it: raw pixels for a network that begins so.

    The recognisers of its packs are known by their names; for others it is a guess.
    """
    contract, steps = PRESETS[USUAL], file.first_steps.words
    if steps:
        contract = replace(contract, mean=NONE, std=ONE)
    if file.path.stem.lower() in OF_PACKS:
        return contract, ContractSource.of(ContractCode.KNOWN_FILE, file=file.path.name, preset=USUAL, steps=steps)
    others = [name for name in fitting if name != USUAL]
    return contract, ContractSource.of(
        ContractCode.USUAL, guessed=True, size=image.size, others=others, preset=USUAL, steps=steps
    )
