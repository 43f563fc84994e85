"""What makes it doubtful that a network is fed the pixels it was trained on."""

from collections.abc import Iterator

import numpy as np

from facegap.data.manifest import Finding
from facegap.data.spec import ModelSpec
from facegap.models.onnx.first_steps import FirstSteps
from facegap.models.onnx.resolve import GUESSED

NARROW = 0.2
"""Range of the pixels below which a network sees grey: networks are trained on a range of 1 to 9, or on 0 to 255."""

WIDE = 300.0
"""Range of the pixels that no network is trained on: 0 to 255 is the widest in use."""


def feeding_findings(spec: ModelSpec, steps: FirstSteps, note: str) -> Iterator[Finding]:
    """Yield what a person should check about the contract of an ONNX file.

    `steps`: what the network itself does to the pixels first. `note`: where the contract came from.
    """
    if note.startswith(GUESSED):
        yield Finding(
            "guessed-contract",
            f"{spec.name}: its contract is a guess by the size of its input alone, and other networks of {spec.size} "
            "pixels want other crops and pixels: check it with facegap inspect FILE.onnx --on DATA, or say it with "
            "--preset or a TOML file",
        )
    low, high = _range(spec)
    if _unit_scale(spec):
        yield Finding(
            "unit-scale",
            f"{spec.name}: mean {_listed(spec.mean)} and std {_listed(spec.std)} in its contract look like numbers on "
            f"the scale 0 to 1, but they count from 0 to 255, so the network gets pixels from {low.min():.4g} to "
            f"{high.max():.4g}: multiply both by 255",
        )
    elif steps.words and _twice(spec, steps):
        scale, shift = np.array(steps.scale), np.array(steps.shift)
        ends = np.stack([low * scale + shift, high * scale + shift])
        yield Finding(
            "normalised-twice",
            f"{spec.name}: the network itself begins with {steps.words}, and its contract, mean {_listed(spec.mean)} "
            f"and std {_listed(spec.std)}, changes the pixels before, which end up from {ends.min():.4g} to "
            f"{ends.max():.4g}: if it wants 0 to 255, say mean 0 and std 1 in a TOML file beside it, or "
            "--preset sface if it is that",
        )


def _range(spec: ModelSpec) -> tuple[np.ndarray, np.ndarray]:
    """Return (3,) what the contract makes of black and of white, in the order that the network wants."""
    order = slice(None, None, -1 if spec.colour == "BGR" else 1)
    mean, std = np.array(spec.mean)[order], np.array(spec.std)[order]
    return (0 - mean) / std, (255 - mean) / std


def _unit_scale(spec: ModelSpec) -> bool:
    """Return whether mean and std are too small for pixels from 0 to 255."""
    return max(spec.std) < 1 or 0 < max(map(abs, spec.mean)) <= 1


def _twice(spec: ModelSpec, steps: FirstSteps) -> bool:
    """Return whether the contract and the network both normalise, so that one undoes the other."""
    if spec.mean == (0.0, 0.0, 0.0) and spec.std == (1.0, 1.0, 1.0):
        return False
    low, high = _range(spec)
    width = np.abs((high - low) * np.array(steps.scale))
    return (any(spec.mean) and any(steps.shift)) or not NARROW <= width.min() <= width.max() <= WIDE


def _listed(numbers: tuple[float, ...]) -> str:
    return f"{numbers[0]:g}" if len(set(numbers)) == 1 else ", ".join(f"{number:g}" for number in numbers)
