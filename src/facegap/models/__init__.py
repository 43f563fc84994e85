"""Face models: dlib's network, ONNX files, Python functions and plug-ins."""

from facegap.models.callable_model import Model
from facegap.models.embedder import Embedder, ModelSource
from facegap.models.onnx.contract import Contract, contract_metadata
from facegap.models.onnx.presets import PRESETS
from facegap.models.registry import parse_model

__all__ = ["PRESETS", "Contract", "Embedder", "Model", "ModelSource", "contract_metadata", "parse_model"]
