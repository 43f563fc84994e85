"""Whoever does the work, the embeddings are the same."""

from dataclasses import replace

import numpy as np
import psutil
import pytest

import facegap
from facegap.faces import FaceOptions
from facegap.jobs.embedding import embed, embed_all
from facegap.run.executor import Processes, Serial, Threads
from facegap.store import EmbeddingStore
from jobs.embedding.models_made import CROPS, model, rows, same, source


@pytest.mark.parametrize(("min_face", "counts"), [(None, (1, 2, 4)), (40, (1, 2))], ids=["threads", "processes"])
def test_threads_and_processes_give_the_same_bytes(manifest, tmp_path, min_face, counts):
    models = [source(tmp_path, name, crop) for name, crop in (("one", "arcface-112"), ("other", "whole"))]
    runs = [embed_all(manifest, models, faces=FaceOptions(min_face=min_face), workers=n) for n in counts]
    for run in runs[1:]:
        assert all(same(mine, first) for mine, first in zip(run, runs[0], strict=True))


def test_what_python_does_is_done_by_one_thread_at_a_time(manifest):
    inside, most = [], []

    def alone(crops: np.ndarray) -> np.ndarray:
        inside.append(0)
        most.append(len(inside))
        made = rows(crops)
        inside.pop()
        return made

    embed_all(manifest, [model("alone", function=alone)], workers=4)
    assert max(most) == 1


@pytest.mark.parametrize("known", [False, True])
def test_processes_are_not_started_to_look_up_what_is_known(manifest, tmp_path, monkeypatch, known):
    store, faces = EmbeddingStore(tmp_path / "store"), FaceOptions(min_face=40)
    network = source(tmp_path, "a", "whole")
    if known:
        embed(manifest, network, faces=faces, store=store)
    started = []
    monkeypatch.setattr("facegap.jobs.embedding_workers.Processes", lambda n: started.append(n) or Threads(n))
    embed(manifest, network, faces=faces, store=store, workers=2)
    assert started == ([] if known else [2])


def test_a_study_holds_the_processors_temperature(people, tmp_path, monkeypatch):
    monkeypatch.setattr(psutil, "sensors_temperatures", dict, raising=False)
    said = []
    study = facegap.Study(inputs=[people], models=[model("a")], store=tmp_path, max_cpu_temp=72, intervals="none")
    facegap.evaluate(study, say=said.append)
    assert "this system shows no processor temperature, so work never waits for 72 °C" in said
    said.clear()
    facegap.evaluate(replace(study, max_cpu_temp=None), say=said.append)
    assert not any("temperature" in line for line in said)


@pytest.mark.parametrize("executor", [Serial(), Threads(2), Processes(2)], ids=lambda e: type(e).__name__)
def test_any_executor_embeds_the_same(few, tmp_path, executor):
    networks = [source(tmp_path, name, crop) for name, crop in CROPS.items()]
    expected = embed_all(few, networks)
    assert all(map(same, embed_all(few, networks, executor=executor), expected))


def test_a_function_cannot_go_to_another_process(few):
    with pytest.raises(facegap.InputError, match="a is a Python function, which cannot leave this process"):
        embed_all(few, [model("a")], executor=Processes(2))


def test_a_detector_that_cannot_be_opened_is_one_line_from_any_executor(few, tmp_path):
    """Processes raised a broken pool where the setting up of a worker failed."""
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    faces = FaceOptions(detector=f"yunet:{tmp_path / 'bad.onnx'}")
    for executor in (Threads(2), Processes(2)):
        with pytest.raises(facegap.ModelError, match="is not a YuNet face detector"):
            embed_all(few, [source(tmp_path, "a", "arcface-112")], faces=faces, executor=executor)
