"""The embedding store: what was embedded once is never embedded again."""

from facegap.store.folders import SUMS, make_folder
from facegap.store.measured import MeasureStore
from facegap.store.mirror import store_root, store_url
from facegap.store.parts import EmbeddingStore, Loaded
from facegap.store.records import Record, records_of
from facegap.store.scores import ScoreStore

__all__ = [
    "SUMS",
    "EmbeddingStore",
    "Loaded",
    "MeasureStore",
    "Record",
    "ScoreStore",
    "make_folder",
    "records_of",
    "store_root",
    "store_url",
]
