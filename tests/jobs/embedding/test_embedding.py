"""Several models in one pass: each gets what it would get alone, and an image is decoded and searched once."""

from collections import Counter

import numpy as np
import pytest

import facegap
from facegap.data.embeddings import Outcome
from facegap.data.failure import FailureCode
from facegap.data.statement import Statement
from facegap.faces import FaceOptions
from facegap.jobs.embedding import embed, embed_all
from facegap.store import EmbeddingStore
from jobs.embedding.models_made import CROPS, model, rows, same


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
    assert a.detail[a.outcome.tolist().index(Outcome.NO_FACE)] == Statement.of(FailureCode.NO_FACE, width=90, height=60)


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


def test_the_report_says_how_faces_were_found(people, tmp_path):
    faces = FaceOptions(max_side=900, min_face=40)
    models = [model("a"), model("b", "arcface-112")]
    evaluation = facegap.evaluate(facegap.Study(inputs=[people], models=models, faces=faces, store=tmp_path))
    assert evaluation.models.select("detector", "max_side", "min_face").rows() == [
        ("none", 900, None),
        ("dlib-hog", 900, 40),
    ]
