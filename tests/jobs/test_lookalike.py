"""Look-alikes are those of a plain search, and label errors among them are told."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.jobs.audit import strangers
from facegap.jobs.lookalike import LOOKALIKE_SCHEMA
from jobs.audit.album import Album
from jobs.verify.test_verify import colours

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


def saved(path: Path, album: Album) -> Path:
    names = [f"{s:03}/{k}" for k, s in enumerate(album.person)]
    np.savez(path, embedding=album.vectors, subject=album.label, path=names)
    return path


def look(path: Path, comparator: Comparator, **options) -> pl.DataFrame:
    found = facegap.lookalikes(facegap.Study(inputs=[path], comparator=comparator), **options)
    assert found.schema == LOOKALIKE_SCHEMA
    return found


@BOTH
def test_they_are_those_of_a_plain_search(comparator, tmp_path):
    album = Album(people=30)
    album.vectors[3] = np.nan
    found = look(saved(tmp_path / "a.npz", album), comparator, top=12)
    best: dict[tuple[str, str], float] = {}
    for i, j in zip(*np.triu_indices(len(album.person), 1), strict=True):
        similarity = float(comparator.similarity(album.vectors[[i]], album.vectors[[j]])[0])
        if album.label[i] != album.label[j] and similarity == similarity:
            pair = (album.label[i], album.label[j])
            best[pair] = max(best.get(pair, -np.inf), similarity)
    expected = sorted(best, key=lambda pair: -best[pair])[:12]
    assert found.select("subject_a", "subject_b").rows() == expected
    assert found["score"].to_list() == pytest.approx([comparator.sign * best[pair] for pair in expected], abs=1e-6)
    assert found["rank"].to_list() == list(range(1, 13))
    assert (found["suspicion"] == "").all()


def test_the_size_of_a_block_changes_nothing(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.npz", Album(people=30))
    whole = look(path, Comparator.COSINE)
    monkeypatch.setattr(strangers, "BLOCK", 7)
    assert look(path, Comparator.COSINE).equals(whole)


def test_there_are_no_more_than_all_pairs(tmp_path):
    assert look(saved(tmp_path / "a.npz", Album(people=4)), Comparator.COSINE).height == 6


def test_one_person_under_two_names_is_no_look_alike(tmp_path):
    album = Album()
    album.label[album.row(5, 0)] = "005 again"
    album.label[album.row(9, 0)] = "020"
    found = look(saved(tmp_path / "a.npz", album), Comparator.COSINE)
    told = found.filter(pl.col("suspicion") != "").select("subject_a", "subject_b", "suspicion").rows()
    assert sorted(told) == [("005", "005 again", "one-person"), ("009", "020", "wrong-label")]


def test_the_same_file_under_two_names_is_told(tmp_path):
    for name, colour in (("a", (9, 9, 9)), ("b", (9, 9, 9)), ("c", (200, 9, 9))):
        (tmp_path / "people" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8), colour).save(tmp_path / "people" / name / "1.png")
    study = facegap.Study(inputs=[tmp_path / "people"], models=[colours()], store=tmp_path / "store")
    found = facegap.lookalikes(study)
    assert found.select("subject_a", "subject_b", "suspicion").row(0) == ("a", "b", "same-file")
    assert found["suspicion"].to_list() == ["same-file", "", ""]


def test_what_has_no_look_alikes_is_refused(tmp_path):
    album = Album(people=3)
    album.vectors[5:] = np.nan
    with pytest.raises(facegap.InputError, match="1 subject with an embedding"):
        look(saved(tmp_path / "a.npz", album), Comparator.COSINE)
    with pytest.raises(facegap.InputError, match="ask for 1 or more"):
        look(tmp_path / "a.npz", Comparator.COSINE, top=0)
    (tmp_path / "pairs.csv").write_text("path_a,path_b,same\na.png,b.png,1\na.png,c.png,0\n")
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(b"")
    with pytest.raises(facegap.InputError, match="list of pairs says what to compare"):
        facegap.lookalikes(facegap.Study(inputs=[tmp_path / "pairs.csv"], models=["dlib"]))
