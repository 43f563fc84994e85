"""Measure how well face-verification models work on your people, cohort by cohort.

The main job is one call; the steps behind it are public too, each reading what the one before it made:

    read -> Manifest, embed -> Embeddings, compare -> ScoreTally, measure -> Evaluation, write_report -> a folder

Names are imported when they are first used, so that `import facegap` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facegap.auditing import audit as audit
    from facegap.calibration import Calibration as Calibration
    from facegap.calibration import calibrate as calibrate
    from facegap.calibration import calibrate_images as calibrate_images
    from facegap.comparator import Comparator as Comparator
    from facegap.datasets import read as read
    from facegap.embedding import embed as embed
    from facegap.embedding import embed_all as embed_all
    from facegap.embeddings import Embeddings as Embeddings
    from facegap.embeddings import Outcome as Outcome
    from facegap.errors import FacegapError as FacegapError
    from facegap.errors import InputError as InputError
    from facegap.errors import ModelError as ModelError
    from facegap.errors import StoreError as StoreError
    from facegap.evaluation import Evaluation as Evaluation
    from facegap.faces import FaceOptions as FaceOptions
    from facegap.gate import check as check
    from facegap.lookalike import lookalikes as lookalikes
    from facegap.manifest import Manifest as Manifest
    from facegap.metrics import Scored as Scored
    from facegap.metrics import ThresholdFrom as ThresholdFrom
    from facegap.metrics import measure as measure
    from facegap.models import Model as Model
    from facegap.models import parse_model as parse_model
    from facegap.pipeline import compare as compare
    from facegap.pipeline import evaluate as evaluate
    from facegap.pipeline import score as score
    from facegap.planning import plan as plan
    from facegap.report.writer import write_report as write_report
    from facegap.spec import ModelSpec as ModelSpec
    from facegap.store import EmbeddingStore as EmbeddingStore
    from facegap.study import Study as Study
    from facegap.tally import ScoreTally as ScoreTally
    from facegap.verification import Verification as Verification
    from facegap.verification import verify as verify

_HOME = {
    "Calibration": "calibration",
    "Comparator": "comparator",
    "Embeddings": "embeddings",
    "EmbeddingStore": "store",
    "Evaluation": "evaluation",
    "FaceOptions": "faces",
    "FacegapError": "errors",
    "InputError": "errors",
    "Manifest": "manifest",
    "Model": "models",
    "ModelError": "errors",
    "ModelSpec": "spec",
    "Outcome": "embeddings",
    "ScoreTally": "tally",
    "Scored": "metrics",
    "StoreError": "errors",
    "Study": "study",
    "ThresholdFrom": "metrics",
    "Verification": "verification",
    "audit": "auditing",
    "calibrate": "calibration",
    "calibrate_images": "calibration",
    "check": "gate",
    "compare": "pipeline",
    "embed": "embedding",
    "embed_all": "embedding",
    "evaluate": "pipeline",
    "lookalikes": "lookalike",
    "measure": "metrics",
    "parse_model": "models",
    "plan": "planning",
    "read": "datasets",
    "score": "pipeline",
    "verify": "verification",
    "write_report": "report.writer",
}

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'facegap' has no attribute {name!r}")
    value = getattr(import_module(f"facegap.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOME]
