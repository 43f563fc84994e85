"""A study is audited from its inputs: its files and its labels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Outcome
from facegap.data.finding import Finding
from facegap.data.statement import Statement
from facegap.jobs.audit import audit, audit_files, audit_labels
from jobs.audit.album import Album


def test_what_the_files_show_is_listed_pair_by_pair():
    _, manifest = Album().study()
    twice = Finding("duplicate", Statement("3 files are the same"), ("001/0", "001/1", "001/2"))
    conflict = Finding("label-conflict", Statement("under two names"), ("002/0", "003/0"))
    silent = Finding("single-image", Statement("not ours"), ("004/0",))
    found = audit_files(manifest.with_findings(twice, conflict, silent))
    assert found.select("kind", "path_a", "path_b").rows() == [
        ("label-conflict", "002/0", "003/0"),
        ("duplicate", "001/0", "001/1"),
        ("duplicate", "001/0", "001/2"),
    ]
    assert found["by_chance"].is_null().all()
    assert found["reason"][0] == "under two names"


def saved(path: Path, album: Album) -> Path:
    np.savez(path, embedding=album.vectors, subject=album.label, cohort=album.cohort)
    return path


def test_a_study_is_audited_from_its_inputs(tmp_path):
    album = Album()
    album.label[album.row(3, 0)] = "007"
    album.vectors[album.row(9, 1)] = np.nan
    steps = []
    found = audit(
        facegap.Study(inputs=[saved(tmp_path / "album.npz", album)]),
        progress=lambda task, done, total: steps.append((task, done == total)),
    )
    assert found.select("kind", "subject_a", "subject_b").rows() == [("wrong-label", "007", "003")]
    assert found["model"].to_list() == ["saved embeddings"]
    assert {task for task, finished in steps if finished} == {"looking at strangers", "comparing subjects"}


def test_embeddings_of_no_image_are_refused():
    embeddings, manifest = Album(people=3).study()
    nothing = replace(embeddings, outcome=np.full(len(embeddings), Outcome.NO_FACE, np.uint8))
    with pytest.raises(facegap.InputError, match="m: no image has an embedding"):
        audit_labels(nothing, manifest, Comparator.COSINE, model="m")


def test_few_subjects_still_have_their_files_looked_at(tmp_path):
    for s in range(2):
        (tmp_path / f"{s}").mkdir()
        for k in range(2):
            image = np.random.default_rng(s * 2 + k).integers(0, 255, (40, 40, 3), np.uint8)
            Image.fromarray(image).save(tmp_path / f"{s}/{k}.png")
    (tmp_path / "1" / "again.png").write_bytes((tmp_path / "0" / "0.png").read_bytes())
    pixels = facegap.ModelSpec(
        name="pixels", runtime="python", weights="1", crop="whole", size=8, dimension=192, comparator=Comparator.COSINE
    )
    model = facegap.Model(spec=pixels, embed=lambda crops: crops.reshape(len(crops), -1).astype(np.float32))
    doubts = []
    found = audit(facegap.Study(inputs=[tmp_path], models=[model], store=tmp_path / "store"), doubt=doubts.append)
    assert found["kind"].to_list() == ["label-conflict"]
    assert [line.split(":")[0] for line in doubts] == ["pixels"]


def test_a_list_of_pairs_is_refused_before_any_image_is_embedded(tmp_path):
    (tmp_path / "pairs.csv").write_text("path_a,path_b,same\na.png,b.png,1\na.png,c.png,0\n")
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(b"")
    with pytest.raises(facegap.InputError, match="list of pairs cannot be audited"):
        audit(facegap.Study(inputs=[tmp_path / "pairs.csv"], models=["dlib"]))
