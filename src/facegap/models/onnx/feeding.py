"""What makes it doubtful that a network is fed the pixels it was trained on."""

from collections.abc import Iterator

import numpy as np

from facegap.data.finding import Finding, FindingCode
from facegap.data.spec import ModelSpec
from facegap.models.onnx.first_steps import FirstSteps

NARROW = 0.2
"""Range of the pixels below which a network sees grey: networks are trained on a range of 1 to 9, or on 0 to 255."""

WIDE = 300.0
"""Range of the pixels that no network is trained on: 0 to 255 is the widest in use."""


def feeding_findings(spec: ModelSpec, steps: FirstSteps, *, guessed: bool) -> Iterator[Finding]:
    """Yield what a person should check about the contract of an ONNX file.

    `steps`: what the network itself does to the pixels first. `guessed`: nothing but the size of its input speaks for
    the contract.
    """
    if guessed:
        yield Finding.of(FindingCode.GUESSED_CONTRACT, model=spec.name, size=spec.size)
    contract = {"model": spec.name, "mean": spec.mean, "std": spec.std}
    low, high = _range(spec)
    if _unit_scale(spec):
        yield Finding.of(FindingCode.UNIT_SCALE, **contract, low=float(low.min()), high=float(high.max()))
    elif steps.words and _twice(spec, steps):
        scale, shift = np.array(steps.scale), np.array(steps.shift)
        ends = np.stack([low * scale + shift, high * scale + shift])
        pixels = {"low": float(ends.min()), "high": float(ends.max())}
        yield Finding.of(FindingCode.NORMALISED_TWICE, **contract, steps=steps.words, **pixels)


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
