"""A trained network as an ONNX graph, checked against torch."""

import numpy as np
import onnx
import onnxruntime
import torch

from facegap.errors import ModelError
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.quiet import quiet
from facegap.models.onnx.session import SILENT

TOLERANCE = 1e-4
"""How far a number of an embedding of length 1 may lie from torch's, in single precision."""

INPUT, OUTPUT = "image", "embedding"


def to_onnx(network: FaceNetwork, size: int, metadata: dict[str, str]) -> onnx.ModelProto:
    """Return the network, on the CPU and in evaluation mode, as ONNX with a free batch size."""
    pixels = torch.zeros(2, 3, size, size)
    with quiet(), torch.no_grad():
        program = torch.onnx.export(
            network,
            (pixels,),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    for node in model.graph.node:  # where in the source a node came from, with this machine's paths
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        value.ClearField("metadata_props")
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    return model


def check_export(model: onnx.ModelProto, network: FaceNetwork, pixels: torch.Tensor) -> float:
    """Return the greatest difference between ONNX Runtime's embeddings and torch's, one by one and in a batch.

    `pixels`: real crops (n, 3, size, size) uint8.

    Raises:
        ModelError: it is above `TOLERANCE`.
    """
    normalised = network.normalised(pixels)
    with torch.inference_mode():
        expected = network(normalised).numpy()
    alone, together = run(model, normalised[:1].numpy()), run(model, normalised.numpy())
    worst = max(float(np.abs(alone - expected[:1]).max()), float(np.abs(together - expected).max()))
    if not worst <= TOLERANCE:
        raise ModelError(
            "the exported network differs from torch's by {worst:.1e}, more than {tolerance:g}: nothing was written; "
            "try another version of torch or another backbone",
            worst=worst,
            tolerance=TOLERANCE,
        )
    return worst


def run(model: onnx.ModelProto, pixels: np.ndarray) -> np.ndarray:
    """Return what ONNX Runtime makes of normalised pixels (n, 3, size, size) float32: (n, D)."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (vectors,) = session.run([OUTPUT], {INPUT: pixels})
    return np.asarray(vectors)
