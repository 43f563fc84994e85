"""What is understood of a file of scores, what is said about it, and what is refused."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from facegap.data.comparator import Comparator
from facegap.data.source import GivenScores, Images
from facegap.datasets import read_source
from facegap.datasets.scores import batches, read_scores
from facegap.errors import InputError
from facegap.report.text.findings import finding_text


def write(folder: Path, text: str, name: str = "scores.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def pairs(rows: str, head: str = "path_a,path_b,score,same") -> str:
    return f"{head}\n{rows}"


CLEAR = "a,b,0.9,1\nc,d,0.8,1\na,c,0.1,0\nb,d,0.2,0\n"


def said(source: GivenScores, kind: str) -> list[str]:
    return [finding_text(finding) for finding in source.manifest.findings if finding.kind == kind]


def given(path: Path, **options) -> GivenScores:
    source = read_source([path], **options)
    assert isinstance(source, GivenScores)
    return source


@pytest.mark.parametrize(("sign", "found"), [(1, Comparator.SIMILARITY), (-1, Comparator.DISTANCE)])
def test_the_direction_is_told_from_the_scores_and_said(tmp_path: Path, sign: int, found: Comparator) -> None:
    rows = "".join(f"{a}{k},{b}{k},{sign * s},{y}\n" for k in range(9) for a, b, s, y in (
        ("a", "b", 5, 1), ("a", "c", 1, 0)))  # fmt: skip
    source = given(write(tmp_path, pairs(rows)))
    assert source.comparator is found
    (message,) = said(source, "direction")
    assert f"{'similarities' if sign > 0 else 'distances'}, since a genuine score is" in message
    stated = given(write(tmp_path, pairs(rows)), direction=Comparator.DISTANCE)
    assert (stated.comparator, said(stated, "direction")) == (Comparator.DISTANCE, [])


def test_a_direction_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, pairs("a,b,1,1\nc,d,2,1\na,c,1,0\nb,d,2,0\n"))
    with pytest.raises(InputError, match="say which they are, --scores similarity or --scores distance"):
        read_source([path])


def test_subjects_are_guessed_from_genuine_comparisons_and_that_is_said(tmp_path: Path) -> None:
    source = given(write(tmp_path, pairs(CLEAR + "b,e,0.7,1\n")))
    assert source.manifest.frame["subject"].to_list() == ["a", "a", "a", "c", "c"]
    (message,) = said(source, "guessed-subjects")
    assert "intervals may be too narrow" in message
    known = given(write(tmp_path, "path_a,path_b,score,subject_a,subject_b\na,b,0.9,X,X\nc,d,0.1,X,Y\n"))
    assert said(known, "guessed-subjects") == []


def test_what_is_odd_is_counted_and_said(tmp_path: Path) -> None:
    rows = CLEAR + "a,a,1,1\nb,a,0.9,1\nb,c,,0\nb,c,nan,0\na,d,16777217,1\na,e,16777216,1\n"
    source = given(write(tmp_path, pairs(rows)), direction=Comparator.SIMILARITY)
    assert "1 comparison passed over: an image compared with itself" in said(source, "ignored")[0]
    assert "2 comparisons passed over: listed a second time" in said(source, "duplicate")[0], "b,a and b,c"
    assert "2 comparisons without a score" in said(source, "missing-score")[0]
    assert "1 score equal to another one in single precision" in said(source, "rounded")[0]
    assert sum(len(block.a) for block in source.blocks()) == 7


def test_same_decides_where_it_contradicts_the_subjects(tmp_path: Path) -> None:
    head = "path_a,path_b,score,same,subject_a,subject_b"
    source = given(write(tmp_path, pairs("a,b,9,1,X,X\na,c,8,1,X,Y\na,d,1,0,X,Z\n", head)))
    assert "1 comparison at odds with the subjects" in said(source, "label-conflict")[0]
    assert sum(int(block.same.sum()) for block in source.blocks()) == 2


def test_attributes_of_one_side_each_and_of_both(tmp_path: Path) -> None:
    head = "p1,p2,label,similarity,att1,att2,country,race_a,race_b,run"
    text = pairs("a,b,1,9,f,m,jp,x,y,1\nc,d,1,8,f,f,fr,x,x,2\na,e,0,1,f,m,jp,x,z,3\n", head)
    source = given(write(tmp_path, text), cohort_by=["att", "race"])
    assert source.manifest.cohorts == ("f · x", "m · y", "m · z")
    assert set(source.manifest.frame.columns) == {"path", "subject", "cohort", "att", "race", "country"}
    assert "passed over run: different things are said of one image" in said(source, "ignored")[0]


def test_text_and_parquet_of_any_length_are_read_in_batches(tmp_path: Path, monkeypatch) -> None:
    rng = np.random.default_rng(0)
    a, b = np.triu_indices(60, 1)
    same = a // 3 == b // 3
    frame = pl.DataFrame({"path_a": a, "path_b": b, "score": rng.normal(size=len(a)) + 3 * same, "same": same})
    frame.cast({"path_a": pl.String, "path_b": pl.String}).write_parquet(tmp_path / "s.parquet")
    frame.write_csv(tmp_path / "s.csv")
    frame.write_csv(tmp_path / "s.tsv", separator="\t")
    whole = [read_scores(tmp_path / f"s.{kind}") for kind in ("csv", "tsv", "parquet")]
    monkeypatch.setattr(batches, "BYTES", 1000)
    monkeypatch.setattr(batches, "ROWS", 100)
    parts = [read_scores(tmp_path / f"s.{kind}") for kind in ("csv", "parquet")]
    for one in (*whole, *parts):
        assert one.frame.equals(whole[0].frame)
        records = np.concatenate(list(one.scores.records()))
        assert records.tolist() == np.concatenate(list(whole[0].scores.records())).tolist()
    assert len(whole[0].scores) == len(a)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (pairs("a,b,0.9\n", "path_a,path_b,score"), "scores need `path_a`, `path_b`, `score`, and `same` or both"),
        (pairs("a,b,x,1\n"), "row 1: the score is 'x', expected a number or nothing"),
        (pairs("a,b,1,1\na,,1,1\n"), "row 2: the path_b is empty"),
        (pairs("a,b,1,1\na,c,1,maybe\n"), "row 2: same is 'maybe', expected 1 or 0"),
        (pairs("a,a,1,1\n"), "no comparison of two images"),
        (pairs("a,b,1,X,X\na,c,1,Y,Y\n", "path_a,path_b,score,subject_a,subject_b"), "a is of 'X' in one .* 'Y' in an"),
        (pairs("a,b,1,1\na,c,1,0,9\n"), "every line needs the same fields"),
        ("", "has no rows"),
    ],
)
def test_tables_that_make_no_sense_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_source([write(tmp_path, text)], layout="scores" if text else None)


def test_a_matrix_needs_a_list_of_its_images(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.eye(4))
    with pytest.raises(InputError, match=r"4 x 4 scores and does not say of whom: put m\.csv beside it"):
        read_source([tmp_path / "m.npy"])
    write(tmp_path, "path,subject\na,A\nb,A\n", "m.csv")
    with pytest.raises(InputError, match=r"lists 2 images, but .* has 4"):
        read_source([tmp_path / "m.npy"])
    np.save(tmp_path / "m.npy", np.ones((4, 3)))
    with pytest.raises(InputError, match="holds 4 x 3 values of float64: expected N x N"):
        read_source([tmp_path / "m.npy"])


def test_a_matrix_that_is_not_symmetric_counts_both_orders(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    write(tmp_path, "path,subject\na,A\nb,A\nc,B\nd,B\n", "m.csv")
    subject = np.array([0, 0, 1, 1])
    np.save(tmp_path / "m.npy", 100 * (subject[:, None] == subject) + rng.integers(0, 50, (4, 4)))
    source = given(tmp_path / "m.npy")
    assert sum(len(block.a) for block in source.blocks()) == 12
    assert "both orders, twice" in said(source, "asymmetric")[0]


@pytest.mark.parametrize("head", [b"S2\na\nb\nMB 2 2 xV4\x12\n", b"S2\na\nb\nMF 2 2 abcd\n", b"X\n", b""])
def test_other_matrices_are_refused(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "m.mtx").write_bytes(head + bytes(16))
    with pytest.raises(InputError, match="no matrix of scores as OpenBR writes it"):
        read_source([tmp_path / "m.mtx"])


def test_a_score_a_line_needs_its_partner(tmp_path: Path) -> None:
    path = write(tmp_path, "0.9\n0.8\n", "genuine.txt")
    with pytest.raises(InputError, match=r"a score a line: name it like genuine\.txt, with impostor\.txt beside it"):
        read_source([path])
    write(tmp_path, "0.1\nzero\n", "impostor.txt")
    with pytest.raises(InputError, match=r"impostor\.txt, row 2: found 'zero'"):
        read_source([path])


def test_a_list_with_scores_is_a_list_of_pairs_for_models(tree) -> None:
    root = tree("a.png", "b.png", "c.png")
    path = write(root, pairs("a.png,b.png,0.9,1\na.png,c.png,0.1,0\n"))
    assert isinstance(read_source([path], scored=False), Images)
    assert isinstance(read_source([path]), GivenScores)


def test_scores_of_several_cohorts_are_read_together(tmp_path: Path) -> None:
    x, y = write(tmp_path, pairs(CLEAR), "x.csv"), write(tmp_path, pairs(CLEAR), "y.csv")
    source = read_source([x, y])
    assert isinstance(source, GivenScores)
    assert source.manifest.cohorts == ("x", "y")
    codes = source.manifest.cohort_codes
    assert [(codes[block.a] == codes[block.b]).all() for block in source.blocks()] == [True, True]
    with pytest.raises(InputError, match="scores cannot be combined with other inputs"):
        read_source([x, write(tmp_path, "path,subject\nx.csv,A\n", "people.csv")])
