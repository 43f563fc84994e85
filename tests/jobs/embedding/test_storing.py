"""What a store knows is looked up, and what it must not know is not stored."""

from collections import Counter

import numpy as np
import onnx
import pytest

import facegap
from facegap.faces import FaceOptions
from facegap.jobs.embedding import embed, embed_all
from facegap.jobs.hashing import hash_images
from facegap.models import ModelSource
from facegap.store import EmbeddingStore
from jobs.embedding.models_made import CROPS, model, rows, same, source


def test_an_image_that_one_model_knows_is_embedded_by_the_others_alone(manifest, few, tmp_path):
    calls = Counter()

    def counting(name: str):
        def function(crops: np.ndarray) -> np.ndarray:
            calls[name] += len(crops)
            return rows(crops)

        return function

    store = EmbeddingStore(tmp_path)
    a, b = (model(name, CROPS[name], counting(name)) for name in "ab")
    alone = embed(few, a, store=store)
    assert alone.found == 0
    known = calls["a"]
    both = embed_all(manifest, [a, b], store=store, workers=2)
    usable = len(manifest) - 3  # no face, no picture, and the same bytes twice
    assert calls == {"a": usable, "b": usable}
    assert 0 < known < usable
    assert [one.found for one in both] == [len(few) - 1, 0]
    again = embed_all(manifest, [b, a], store=store)
    assert calls == {"a": usable, "b": usable}
    assert [one.found for one in again] == [len(manifest) - 1] * 2
    assert same(again[0], both[1])
    assert same(again[1], both[0])


def test_how_faces_are_found_keys_the_store(few, tmp_path):
    store, one = EmbeddingStore(tmp_path), model("a", "arcface-112")
    hashes = hash_images(few.paths)
    for faces in (FaceOptions(), FaceOptions(max_side=80), FaceOptions(min_face=40), FaceOptions(rule="largest")):
        assert embed(few, one, faces=faces, store=store, hashes=hashes).found == 0
        assert embed(few, one, faces=faces, store=store, hashes=hashes).found == len(few) - 1


def test_a_model_or_detector_that_changes_before_it_is_opened_stores_nothing(few, tmp_path, monkeypatch):
    store, one = EmbeddingStore(tmp_path / "store"), source(tmp_path, "one", "whole")
    path = tmp_path / "one.onnx"
    changed = onnx.load(path)
    changed.producer_name = "another"
    onnx.save(changed, path)
    with pytest.raises(facegap.ModelError, match=r"one.onnx changed while it was in use: run again"):
        embed(few, one, store=store)
    detector, other = tmp_path / "detector.onnx", model("other", "arcface-112")
    detector.write_bytes(b"one")
    monkeypatch.setattr("facegap.faces.detectors.yunet.tried", lambda *_, **__: None)  # it is no detector

    def open_late() -> facegap.Model:
        detector.write_bytes(b"another")
        return other

    with pytest.raises(facegap.ModelError, match=r"detector.onnx changed while it was in use: run again"):
        embed(few, ModelSource(other.spec, open_late), faces=FaceOptions(detector=f"yunet:{detector}"), store=store)
    assert not list(tmp_path.rglob("*.parquet"))


def test_an_image_that_leaves_the_store_during_a_run_is_embedded(few, tmp_path, monkeypatch):
    store, parts = EmbeddingStore(tmp_path), EmbeddingStore.parts
    first = embed(few, model("a"), store=store)

    def emptied(self, key, **options):
        yield from list(parts(self, key, **options))
        store.keep_only([])

    monkeypatch.setattr(EmbeddingStore, "parts", emptied)
    again = embed(few, model("a"), store=store)
    assert again.found == 0
    assert same(again, first)
