"""Smaller versions of an exported network, and what they lose."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16

from facegap.jobs.train.onnx_graph import INPUT
from facegap.jobs.train.quiet import quiet

Smaller = Literal["float16", "int8"]


def smaller(model: onnx.ModelProto, precision: Smaller, batches: Iterable[np.ndarray]) -> onnx.ModelProto:
    """Return the network with weights in half precision, or with weights and activations of 8 bits.

    Input and output stay float32. `batches`: normalised pixels (n, 3, size, size) float32 of training images, from
    which the range of each activation is learnt for `int8`.
    """
    with quiet():
        made = _half(model) if precision == "float16" else _eight_bits(model, batches)
    onnx.helper.set_model_props(made, {entry.key: entry.value for entry in model.metadata_props})
    return made


def _half(model: onnx.ModelProto) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return convert_float_to_float16(copy, keep_io_types=True)


def _eight_bits(model: onnx.ModelProto, batches: Iterable[np.ndarray]) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:  # ONNX Runtime quantises files
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        onnx.save(model, whole)
        quantize_static(
            whole,
            small,
            _Batches(batches),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(small)


class _Batches(CalibrationDataReader):
    """Batches as ONNX Runtime wants them."""

    def __init__(self, batches: Iterable[np.ndarray]) -> None:
        self._batches: Iterator[np.ndarray] = iter(batches)

    def get_next(self) -> Any:
        """Return the next batch, or None after the last."""
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}
