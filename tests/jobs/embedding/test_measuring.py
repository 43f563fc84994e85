"""What is measured of images comes from the same decoding and search as their embeddings."""

import numpy as np
import pytest

from facegap.data.embeddings import Outcome
from facegap.faces import FaceOptions
from facegap.jobs.embedding import embed_all, embed_and_measure
from facegap.measures import image_measures
from facegap.run.executor import Processes, Serial
from facegap.store import EmbeddingStore
from jobs.embedding.models_made import model, same, source


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
