import numpy as np
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from facegap.errors import InputError
from facegap.jobs.plan import read_pilot


def saved(path, counts, attribute=None, seed=1):
    subject = np.repeat([f"s{i:03}" for i in range(len(counts))], counts)
    vectors = np.random.default_rng(seed).normal(size=(len(subject), 8)).astype(np.float32)
    more = {} if attribute is None else {"sex": np.repeat(attribute, counts)}
    np.savez(path, embedding=vectors, subject=subject, **more)
    return path, vectors


def test_saved_embeddings_are_a_pilot(tmp_path):
    path, vectors = saved(tmp_path / "people.npz", [3] * 12)
    pilot = read_pilot(facegap.Study(inputs=[path], comparator=Comparator.EUCLIDEAN))
    assert pilot.models == ("saved embeddings",)
    assert pilot.comparators == (Comparator.EUCLIDEAN,)
    assert len(np.unique(pilot.people[0].subject)) == 12
    assert np.array_equal(pilot.people[0].vectors[0], vectors)
    assert pilot.lost == 0


def test_images_without_an_embedding_are_lost_and_small_cohorts_left_out(tmp_path):
    path, vectors = saved(tmp_path / "people.npz", [2] * 24, ["f"] * 9 + ["m"] * 15)
    vectors[-3:] = np.nan
    subject = np.repeat([f"s{i:03}" for i in range(24)], 2)
    np.savez(path, embedding=vectors, subject=subject, sex=np.repeat(["f"] * 9 + ["m"] * 15, 2))
    said = []
    pilot = read_pilot(facegap.Study(inputs=[path], cohort_by=["sex"]), say=said.append)
    assert [people.cohort for people in pilot.people] == ["m"]
    assert len(pilot.people[0].subject) == 27
    assert pilot.lost == pytest.approx(3 / 48)
    assert any("f is left out: 9 subjects" in line for line in said)


def test_images_are_embedded_once(tmp_path):
    calls = []

    def embed(batch):
        calls.append(len(batch))
        return batch.reshape(len(batch), -1)[:, :12].astype(np.float32) + 1

    spec = facegap.ModelSpec("tiny", "python", "tiny", "whole", 8, 12, Comparator.EUCLIDEAN)
    rng = np.random.default_rng(1)
    for i in range(24):
        path = tmp_path / "people" / f"s{i // 2:02}" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).save(path)
    study = facegap.Study(
        inputs=[tmp_path / "people"], models=[facegap.Model(embed=embed, spec=spec)], store=tmp_path / "store"
    )
    first, second = read_pilot(study), read_pilot(study)
    assert sum(calls) == 24
    assert np.array_equal(first.people[0].vectors[0], second.people[0].vectors[0])


def test_what_cannot_be_planned_from(tmp_path):
    few, _ = saved(tmp_path / "few.npz", [2] * 9)
    with pytest.raises(InputError, match="too small to plan from"):
        read_pilot(facegap.Study(inputs=[few]))
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "b.png")
    (tmp_path / "pairs.csv").write_text("path_a,path_b,same\na.png,b.png,0\n")
    with pytest.raises(InputError, match="list of pairs"):
        read_pilot(facegap.Study(inputs=[tmp_path / "pairs.csv"], models=["dlib"]))
