"""Face models: dlib's network, ONNX files, Python functions, plug-ins, and the answers of models run elsewhere."""

from facegap.models.callable_model import Model
from facegap.models.embedder import Embedder, ModelSource
from facegap.models.given import GivenModel, parse_given
from facegap.models.onnx.contract import Contract, contract_metadata
from facegap.models.onnx.presets import PRESETS
from facegap.models.registry import parse_model

__all__ = [
    "PRESETS",
    "Contract",
    "Embedder",
    "GivenModel",
    "Model",
    "ModelSource",
    "contract_metadata",
    "parse_given",
    "parse_model",
]
