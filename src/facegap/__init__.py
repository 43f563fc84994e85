"""Measure how well face-verification models work on your people, cohort by cohort.

The main job is one call; the steps behind it are public too, each reading what the one before it made:

    read -> Manifest, embed -> Embeddings, compare -> ScoreTally, measure -> Evaluation, write_report -> a folder

`read_source` returns what the input brings besides its manifest: a list of comparisons, or saved embeddings.

Names are imported when they are first used, so that `import facegap` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str
    from facegap.data.comparator import Comparator as Comparator
    from facegap.data.embeddings import Embeddings as Embeddings
    from facegap.data.embeddings import Outcome as Outcome
    from facegap.data.evaluation import Evaluation as Evaluation
    from facegap.data.manifest import Manifest as Manifest
    from facegap.data.report_files import read_report as read_report
    from facegap.data.source import Images as Images
    from facegap.data.source import SavedEmbeddings as SavedEmbeddings
    from facegap.data.spec import ModelSpec as ModelSpec
    from facegap.data.tally import ScoreTally as ScoreTally
    from facegap.errors import BudgetSpent as BudgetSpent
    from facegap.errors import FacegapError as FacegapError
    from facegap.errors import InputError as InputError
    from facegap.errors import ModelError as ModelError
    from facegap.errors import StoreError as StoreError
    from facegap.errors import WorkerLost as WorkerLost
    from facegap.faces import FaceOptions as FaceOptions
    from facegap.jobs.audit import audit as audit
    from facegap.jobs.calibrate import Calibration as Calibration
    from facegap.jobs.calibrate import calibrate as calibrate
    from facegap.jobs.calibrate import calibrate_images as calibrate_images
    from facegap.jobs.changes import changes as changes
    from facegap.jobs.check import check as check
    from facegap.jobs.check import not_worse as not_worse
    from facegap.jobs.counting import compare as compare
    from facegap.jobs.counting import score as score
    from facegap.jobs.embedding import embed as embed
    from facegap.jobs.embedding import embed_all as embed_all
    from facegap.jobs.evaluating import evaluate as evaluate
    from facegap.jobs.lookalike import lookalikes as lookalikes
    from facegap.jobs.plan import plan as plan
    from facegap.jobs.reading import read as read
    from facegap.jobs.reading import read_source as read_source
    from facegap.jobs.study import Study as Study
    from facegap.jobs.verify import Verification as Verification
    from facegap.jobs.verify import verify as verify
    from facegap.metrics import Scored as Scored
    from facegap.metrics import ThresholdFrom as ThresholdFrom
    from facegap.metrics import measure as measure
    from facegap.models import Model as Model
    from facegap.models import PairModel as PairModel
    from facegap.models import parse_model as parse_model
    from facegap.report.page.writer import write_report as write_report
    from facegap.run.executor import Executor as Executor
    from facegap.run.executor import Processes as Processes
    from facegap.run.executor import Serial as Serial
    from facegap.run.executor import Threads as Threads
    from facegap.store import EmbeddingStore as EmbeddingStore

_HOME = {
    "BudgetSpent": "errors",
    "Calibration": "jobs.calibrate",
    "Comparator": "data.comparator",
    "Embeddings": "data.embeddings",
    "EmbeddingStore": "store",
    "Evaluation": "data.evaluation",
    "Executor": "run.executor",
    "FaceOptions": "faces",
    "FacegapError": "errors",
    "Images": "data.source",
    "InputError": "errors",
    "Manifest": "data.manifest",
    "Model": "models",
    "ModelError": "errors",
    "ModelSpec": "data.spec",
    "PairModel": "models",
    "Outcome": "data.embeddings",
    "Processes": "run.executor",
    "ScoreTally": "data.tally",
    "SavedEmbeddings": "data.source",
    "Scored": "metrics",
    "Serial": "run.executor",
    "StoreError": "errors",
    "Study": "jobs.study",
    "Threads": "run.executor",
    "ThresholdFrom": "metrics",
    "Verification": "jobs.verify",
    "WorkerLost": "errors",
    "audit": "jobs.audit",
    "calibrate": "jobs.calibrate",
    "calibrate_images": "jobs.calibrate",
    "changes": "jobs.changes",
    "check": "jobs.check",
    "compare": "jobs.counting",
    "embed": "jobs.embedding",
    "embed_all": "jobs.embedding",
    "evaluate": "jobs.evaluating",
    "lookalikes": "jobs.lookalike",
    "measure": "metrics",
    "not_worse": "jobs.check",
    "parse_model": "models",
    "plan": "jobs.plan",
    "read": "jobs.reading",
    "read_report": "data.report_files",
    "read_source": "jobs.reading",
    "score": "jobs.counting",
    "verify": "jobs.verify",
    "write_report": "report.page.writer",
}

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("facegap")
    if name not in _HOME:
        raise AttributeError(f"module 'facegap' has no attribute {name!r}")
    value = getattr(import_module(f"facegap.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOME, "__version__"]
