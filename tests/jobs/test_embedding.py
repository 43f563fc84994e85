"""Several models in one pass: each gets what it would get alone, and an image is decoded and searched once."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import psutil
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import facegap
from facegap.data import image_file
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Outcome
from facegap.faces import FaceOptions
from facegap.faces.detectors.dlib_hog import HogDetector
from facegap.jobs import chunks
from facegap.jobs.embedding import embed, embed_all, embed_and_measure, hash_images
from facegap.measures import image_measures
from facegap.models import ModelSource
from facegap.run import ordinary
from facegap.run.executor import Processes, Serial, Threads
from facegap.store import EmbeddingStore
from facegap.synthetic import write_population

SIZE = 32


def model(name: str, crop: str = "whole", function=None) -> facegap.Model:
    """Return a model whose embeddings are the mean colours of a crop's rows."""
    spec = facegap.ModelSpec(
        name=name, runtime="python", weights=name, crop=crop, size=SIZE, dimension=SIZE * 3,
        comparator=Comparator.COSINE,
    )  # fmt: skip
    return facegap.Model(embed=function or rows, spec=spec)


def rows(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32)


def source(folder: Path, name: str, crop: str) -> ModelSource:
    """Return a network in an ONNX file that makes five numbers of a crop's mean colour."""
    weights = np.random.default_rng(len(name)).normal(size=(3, 5)).astype(np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["colour"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["colour", "weights"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 5])],
        [numpy_helper.from_array(weights, "weights")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    contract = {"crop": crop, "size": SIZE, "mean": "0,0,0", "std": "1,1,1", "comparator": "cosine"}
    helper.set_model_props(made, {f"facegap.{key}": str(value) for key, value in contract.items()})
    onnx.save(made, folder / f"{name}.onnx")
    return facegap.parse_model(str(folder / f"{name}.onnx"))


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """Twenty faces, the same bytes twice, a picture without a face and a file that is no picture."""
    folder = tmp_path_factory.mktemp("people") / "people"
    write_population(folder, subjects=5, images=4, spread=0.8, seed=3, size=96)
    first = min(path for path in folder.iterdir() if path.is_dir())
    image = min(first.iterdir())
    (first / "again.jpg").write_bytes(image.read_bytes())
    Image.new("RGB", (90, 60), "gray").save(first / "empty.png")
    (first / "text.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def manifest(people):
    return facegap.read([people])


@pytest.fixture(scope="module")
def few(people):
    """One subject's images, the odd ones among them."""
    return facegap.read([min(path for path in people.iterdir() if path.is_dir())])


def of_files(folder: Path) -> facegap.Manifest:
    """Return the files of a folder as images of one subject."""
    paths = sorted(str(path) for path in folder.iterdir())
    frame = pl.DataFrame({"path": paths, "subject": ["one"] * len(paths), "cohort": ["all of them"] * len(paths)})
    return facegap.Manifest(frame, ("all of them",), "files")


@pytest.fixture
def counted(monkeypatch) -> Counter:
    """Count how often an image is decoded and how often it is searched for faces."""
    counts = Counter()
    read, detect = chunks.read_photo, HogDetector.detect

    def counting_read(*args, **options):
        counts["decoded"] += 1
        return read(*args, **options)

    def counting_detect(*args, **options):
        counts["searched"] += 1
        return detect(*args, **options)

    monkeypatch.setattr(chunks, "read_photo", counting_read)
    monkeypatch.setattr(HogDetector, "detect", counting_detect)
    return counts


def same(a: facegap.Embeddings, b: facegap.Embeddings) -> bool:
    return (
        a.vectors.tobytes() == b.vectors.tobytes()
        and a.box.tobytes() == b.box.tobytes()
        and a.outcome.tobytes() == b.outcome.tobytes()
        and a.detail == b.detail
    )


CROPS = {"a": "dlib-150", "b": "arcface-112", "c": "whole"}


@pytest.mark.parametrize("workers", [1, 2])
def test_an_image_is_decoded_and_searched_once_for_all_models(manifest, counted, workers):
    files = len(manifest) - 1  # the same bytes twice are embedded once
    embed_all(manifest, [model(name, crop) for name, crop in CROPS.items()], workers=workers)
    assert counted == {"decoded": files, "searched": files - 1}


def test_no_search_for_models_that_take_the_whole_image(manifest, counted):
    embed_all(manifest, [model("a"), model("b")], workers=2)
    assert counted == {"decoded": len(manifest) - 1}


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_each_model_gets_what_it_gets_alone(manifest, workers):
    models = [model(name, crop) for name, crop in CROPS.items()]
    together = embed_all(manifest, models, workers=workers)
    assert all(same(mine, embed(manifest, one, workers=1)) for mine, one in zip(together, models, strict=True))
    a, b, c = together
    assert Counter(map(Outcome, a.outcome)) == {
        Outcome.OK: len(manifest) - 2,
        Outcome.NO_FACE: 1,
        Outcome.UNREADABLE: 1,
    }
    assert a.outcome.tolist() == b.outcome.tolist()
    assert a.box.tobytes() == b.box.tobytes()
    assert Counter(map(Outcome, c.outcome)) == {Outcome.OK: len(manifest) - 1, Outcome.UNREADABLE: 1}
    assert set(np.asarray(a.detail)[a.outcome == Outcome.NO_FACE]) == {"no face in 90 x 60 pixels"}


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


def test_the_failure_of_one_model_leaves_the_others_alone(manifest, tmp_path):
    def picky(crops: np.ndarray) -> np.ndarray:
        made = rows(crops)
        made[made[:, 0] < np.median(made[:, 0])] = np.nan
        return made

    def broken(crops: np.ndarray) -> np.ndarray:
        raise facegap.ModelError("the network is broken")

    store = EmbeddingStore(tmp_path)
    good = model("good", "arcface-112")
    failing, fine = embed_all(manifest, [model("picky", "arcface-112", picky), good], store=store, workers=2)
    assert Outcome.MODEL_FAILED in failing.outcome
    assert same(fine, embed(manifest, good))
    with pytest.raises(facegap.ModelError, match="the network is broken"):
        embed_all(manifest, [good, model("broken", "arcface-112", broken)], store=store)
    assert embed(manifest, good, store=store).found == len(manifest) - 1


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


def test_large_files_come_in_chunks_of_their_own(tmp_path):
    sizes = {"small": 100_000, "large": 2_500_000}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(bytes(size))
    order = ["small"] * 11 + ["large"] + ["small"] * 3
    tasks = [chunks.Task(i, str(tmp_path / name), None, (0,)) for i, name in enumerate(order)]
    made = list(chunks.chunks(tasks))
    assert [task for chunk in made for task in chunk.tasks] == tasks
    assert [len(chunk.tasks) for chunk in made] == [8, 3, 1, 3]


def test_an_image_beyond_a_workers_memory_waits_until_it_may_take_it(tmp_path, monkeypatch):
    """A worker says what such an image takes, and it is handed out again with that weight."""
    weights = []

    class Weighing(Threads):
        def map(self, make_worker, items, *, weigh=None):
            for item in items:
                weights.append(weigh(item))
                yield from super().map(make_worker, [item])

    for name, side in (("large", 300), ("small", 40)):
        Image.effect_noise((side, side), 90).save(tmp_path / f"{name}.png")
    (tmp_path / "same.png").write_bytes((tmp_path / "large.png").read_bytes())
    found = of_files(tmp_path)
    plain = embed(found, model("a"))
    monkeypatch.setattr(chunks, "BYTES_PER_WORKER", 40 * 40 * (chunks.SEARCH + 20))
    bounded = embed(found, model("a"), executor=Weighing(2))
    assert same(bounded, plain)
    light, heavy = weights
    assert light == 0
    assert heavy > 300**2 * chunks.SEARCH / chunks.BYTES_PER_WORKER


@pytest.mark.parametrize("measures", [(), image_measures()], ids=["embedded", "measured too"])
def test_a_file_is_read_once(manifest, tmp_path, monkeypatch, measures):
    """It was read for its hash, opened for its size and read again to be decoded."""
    opened, open_ordinary = Counter(), ordinary.open_ordinary

    def counting(path, **options):
        opened[str(path)] += 1
        return open_ordinary(path, **options)

    for module in (ordinary, image_file):
        monkeypatch.setattr(module, "open_ordinary", counting)
    store = EmbeddingStore(tmp_path)
    for found in (0, len(manifest) - 1):  # what is no picture is not kept
        (made,), _, _ = embed_and_measure(manifest, [model("a", "arcface-112")], measures, store=store, workers=2)
        assert made.found == found
        assert opened == dict.fromkeys(manifest.paths, 1)
        opened.clear()


def test_hashes_come_from_the_reading_that_embeds(manifest):
    _, _, hashes = embed_and_measure(manifest, [model("a"), model("b")], (), workers=2)
    assert hashes == hash_images(manifest.paths)


def test_files_with_the_same_bytes_far_apart_have_one_embedding(tmp_path):
    for i in range(20):
        Image.new("RGB", (40, 40), (10 * i, 90, 60)).save(tmp_path / f"{i:02}.png")
    (tmp_path / "30.png").write_bytes((tmp_path / "00.png").read_bytes())
    store = EmbeddingStore(tmp_path / "store")
    made = embed(of_files(tmp_path), model("a"), store=store, executor=Threads(3))
    assert made.vectors[0].tobytes() == made.vectors[20].tobytes()
    kept = [table for folder in store.folders() for _, table in store.tables(folder)]
    assert sum(map(len, kept)) == 20


def test_an_image_that_leaves_the_store_during_a_run_is_embedded(few, tmp_path, monkeypatch):
    store, records = EmbeddingStore(tmp_path), EmbeddingStore.records
    first = embed(few, model("a"), store=store)

    def emptied(self, key, images, **options):
        store.forget(images)
        return records(self, key, images, **options)

    monkeypatch.setattr(EmbeddingStore, "records", emptied)
    again = embed(few, model("a"), store=store)
    assert again.found == 0
    assert same(again, first)


@pytest.mark.parametrize("known", [False, True])
def test_processes_are_not_started_to_look_up_what_is_known(manifest, tmp_path, monkeypatch, known):
    store, faces = EmbeddingStore(tmp_path / "store"), FaceOptions(min_face=40)
    network = source(tmp_path, "a", "whole")
    if known:
        embed(manifest, network, faces=faces, store=store)
    started = []
    monkeypatch.setattr("facegap.jobs.embedding.Processes", lambda n: started.append(n) or Threads(n))
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


def test_the_report_says_how_faces_were_found(people, tmp_path):
    faces = FaceOptions(max_side=900, min_face=40)
    models = [model("a"), model("b", "arcface-112")]
    evaluation = facegap.evaluate(facegap.Study(inputs=[people], models=models, faces=faces, store=tmp_path))
    assert evaluation.models.select("detector", "max_side", "min_face").rows() == [
        ("none", 900, None),
        ("dlib-hog", 900, 40),
    ]


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


@pytest.mark.parametrize("executor", [Serial(), Processes(2)])
def test_measures_come_from_the_same_decoding_and_search(manifest, counted, tmp_path, executor):
    measures, store = image_measures(), EmbeddingStore(tmp_path)
    models = [source(tmp_path, "a", "arcface-112"), source(tmp_path, "b", "whole")]
    plain = embed_all(manifest, models, executor=Serial())
    counted.clear()
    made, values, _ = embed_and_measure(manifest, models, measures, executor=executor, store=store)
    assert all(same(one, other) for one, other in zip(made, plain, strict=True))
    assert values.shape == (len(manifest), len(measures))
    if isinstance(executor, Serial):
        assert counted["searched"] == counted["decoded"] - 1 == 21  # the text is no picture
    names = [one.name for one in measures]
    found = ~np.isnan(values[:, names.index("sharpness")])
    assert found.sum() == (made[0].outcome == Outcome.OK).sum()
    counted.clear()
    again, kept, _ = embed_and_measure(manifest, models, measures, executor=Serial(), store=store)
    assert counted["decoded"] == 0 + 1  # what cannot be read is tried again
    np.testing.assert_array_equal(kept, values)
    assert all(same(one, other) for one, other in zip(again, plain, strict=True))


def test_images_that_are_faces_already_are_measured_without_a_search(few, counted, tmp_path):
    measures = image_measures()
    _, values, _ = embed_and_measure(few, [model("whole")], measures, faces=FaceOptions(detector="none"))
    assert counted["searched"] == 0
    names = [one.name for one in measures]
    readable = [not path.endswith("text.jpg") for path in few.paths]
    np.testing.assert_array_equal(~np.isnan(values[:, names.index("sharpness")]), readable)
    assert np.isnan(values[:, names.index("eye_distance")]).all()


def test_nothing_is_measured_where_it_is_not_asked_for(few, tmp_path):
    _, values, _ = embed_and_measure(few, [model("whole")], (), store=EmbeddingStore(tmp_path))
    assert values.shape == (len(few), 0)
    assert [path.name for path in tmp_path.iterdir()] == ["v2"]
