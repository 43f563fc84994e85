"""The embedding store: what was embedded once is never embedded again."""

from facegap.store.parts import EmbeddingStore, Loaded, Record

__all__ = ["EmbeddingStore", "Loaded", "Record"]
