"""Face models: dlib's network, ONNX files, Python functions, plug-ins, black boxes, and answers made elsewhere."""

from facegap.models.callable_model import Model
from facegap.models.embedder import Embedder, ModelSource
from facegap.models.given import GivenModel, parse_given
from facegap.models.onnx.contract import Contract, contract_metadata
from facegap.models.onnx.presets import PRESETS
from facegap.models.pair_model import PairModel, parse_pair_model
from facegap.models.registry import parse_model

__all__ = [
    "PRESETS",
    "Contract",
    "Embedder",
    "GivenModel",
    "Model",
    "ModelSource",
    "PairModel",
    "contract_metadata",
    "parse_given",
    "parse_model",
    "parse_pair_model",
]
