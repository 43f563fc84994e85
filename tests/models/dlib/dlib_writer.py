"""Small face networks in dlib's format, written in every version of its records."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

Style = Literal["plain", "new", "fused", "trained"]
STYLES: tuple[Style, ...] = ("plain", "new", "fused", "trained")
"""Records as the public weights have them; as newer versions of dlib write them; the same with scalings and rectifiers
merged into the convolutions; and as they are right after training."""

EPSILON = 1e-4


def integer(value: int) -> bytes:
    length = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([length | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(length, "little")


def integers(*values: int) -> bytes:
    return b"".join(map(integer, values))


def real(value: float) -> bytes:
    mantissa, exponent = math.frexp(value)
    return integers(int(mantissa * 2**53), exponent - 53)


def reals(*values: float) -> bytes:
    return b"".join(map(real, values))


def text(value: str) -> bytes:
    return integer(len(value)) + value.encode()


def tensor(values: np.ndarray | Sequence[float] = ()) -> bytes:
    flat = np.asarray(values, "<f4").ravel()
    return integers(2, *((len(flat), 1, 1, 1) if len(flat) else (0, 0, 0, 0))) + flat.tobytes()


def alias(*shape: int) -> bytes:
    return integers(1, *shape)


class Writer:
    """Writes one network; whatever the style, it computes the same."""

    def __init__(self, style: Style = "plain", *, dimension: int = 5, bias: bool = False) -> None:
        self.style: Style = style
        self._rng = np.random.default_rng(0)
        self._versions: list[int] = []
        self._records = b""
        self._convolution(3, 4, 7, 2, 0)
        self._relu()
        self._layer(text("max_pool_2") + integers(3, 3, 2, 2, 0, 0))
        self._block(4, 4, 1)
        self._block(4, 6, 2)
        self._layer(text("avg_pool_2") + integers(0, 0, 1, 1, 0, 0))
        self._dense(6, dimension, bias)

    @property
    def content(self) -> bytes:
        loss = integer(1) + text("loss_metric_2") + reals(0.04, 0.6)
        image = text("input_rgb_image_sized") + reals(122.5, 117.25, 104.0) + integers(150, 150)
        return loss + integers(*reversed(self._versions)) + image + self._records

    def _layer(self, record: bytes) -> None:
        first = not self._records
        self._versions.append(3 if first else 2)
        self._records += record + b"110" + tensor() * 3 + (integer(1) if first else b"")

    def _block(self, inputs: int, outputs: int, stride: int) -> None:
        self._versions.append(1)
        self._convolution(inputs, outputs, 3, stride, 1 if stride == 1 else 0)
        self._relu()
        self._convolution(outputs, outputs, 3, 1, 1)
        if stride > 1:
            self._versions += [1, 1]
            self._layer(text("avg_pool_2") + integers(2, 2, 2, 2, 0, 0))
        self._layer(text("add_prev_"))
        self._relu(merged=False)

    def _convolution(self, inputs: int, outputs: int, side: int, stride: int, padding: int) -> None:
        weights = self._rng.normal(size=(outputs, inputs, side, side)) / side
        bias, gain, shift = self._rng.normal(size=(3, outputs))
        gain = np.abs(gain) + 0.5
        if self.style == "new":  # without a bias of its own
            bias, shift = np.zeros(outputs), shift + gain * bias
        if self.style == "fused":
            weights, bias = weights * gain[:, None, None, None], gain * bias + shift
        parameters = np.concatenate([weights.ravel(), bias if self.style != "new" else []])
        ends = {"plain": b"", "trained": b"1", "new": b"00", "fused": b"1" + (b"0" if inputs == outputs else b"1")}
        self._merged = self.style == "fused" and inputs != outputs
        self._layer(
            text({"plain": "con_4", "trained": "con_5"}.get(self.style, "con_6"))
            + tensor(parameters)
            + integers(outputs, side, side, stride, stride, padding, padding)
            + alias(outputs, inputs, side, side)
            + (alias(0, 0, 0, 0) if self.style == "new" else alias(1, outputs, 1, 1))
            + reals(1, 1, 1, 0)
            + ends[self.style]
        )
        self._scaling(gain, shift)

    def _scaling(self, gain: np.ndarray, shift: np.ndarray) -> None:
        channels = len(gain)
        shapes = alias(1, channels, 1, 1) * 2
        if self.style == "trained":
            means, variances = np.linspace(-1, 1, channels), np.linspace(0.5, 2, channels)
            gain, shift = gain * np.sqrt(variances + EPSILON), shift + gain * means
            seen = tensor() * 2 + tensor(means) + tensor(variances) + integers(1000, 1000) + reals(1, 0, 1, 0, EPSILON)
            self._layer(text("bn_con2") + tensor([*gain, *shift]) + shapes + seen)
        elif self.style == "fused":
            self._layer(text("affine_2") + tensor() + shapes + integer(0) + b"1")
        else:
            newer = self.style == "new"
            record = tensor([*gain, *shift]) + shapes + integer(0) + (b"0" if newer else b"")
            self._layer(text("affine_2" if newer else "affine_") + record)

    def _relu(self, *, merged: bool = True) -> None:
        off = merged and self._merged
        self._layer(text("relu_") if self.style in ("plain", "trained") else text("relu_2") + (b"1" if off else b"0"))

    def _dense(self, inputs: int, outputs: int, bias: bool) -> None:
        newer = self.style in ("new", "fused")
        parameters = self._rng.normal(size=(inputs + bias, outputs))
        shapes = alias(inputs, outputs, 1, 1) + (alias(1, outputs, 1, 1) if bias else alias(0, 0, 0, 0))
        record = integers(outputs, inputs) + tensor(parameters) + shapes + integer(0 if bias else 1) + reals(1, 1, 1, 0)
        self._layer(text("fc_3" if newer else "fc_2") + record + (b"1" if newer else b""))
