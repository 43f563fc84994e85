from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.data.source import Images
from facegap.datasets import read, read_source
from facegap.datasets.pairs import connected
from facegap.errors import InputError
from facegap.report.text.findings import finding_text
from facegap.report.text.inputs import input_text


def lfw_tree(tree) -> Path:
    return tree("A_B/A_B_0001.jpg", "A_B/A_B_0002.PNG", "C/C_0001.jpg", "C/C_0012.jpg", "é/é_0001.jpg", "C/.C_0001.jpg")


def write(root: Path, text: str, name: str = "pairs.txt") -> Path:
    (root / name).write_text(text)
    return root / name


def comparisons(source: Images) -> list[tuple[str, str, bool, int]]:
    names = [Path(path).name for path in source.manifest.paths]
    pairs = source.pairs
    return [
        (names[a], names[b], same, fold)
        for a, b, same, fold in zip(pairs.a, pairs.b, pairs.same.tolist(), pairs.fold.tolist(), strict=True)
    ]


def test_a_single_set(tree) -> None:
    file = write(lfw_tree(tree), "2\nA_B\t1\t2\nC\t1\t12\nA_B\t2\tC\t1\nC\t12\té\t1\n")
    source = read_source([file])
    assert comparisons(source) == [
        ("A_B_0001.jpg", "A_B_0002.PNG", True, 0),
        ("C_0001.jpg", "C_0012.jpg", True, 0),
        ("A_B_0002.PNG", "C_0001.jpg", False, 0),
        ("C_0012.jpg", "é_0001.jpg", False, 0),
    ]
    assert source.manifest.subjects == ["A_B", "A_B", "C", "C", "é"]
    assert source.manifest.cohorts == ("pairs",)
    assert source.pairs.a.dtype == source.pairs.fold.dtype == np.int64
    assert source.pairs.same.dtype == np.bool_
    assert source.manifest.findings == ()
    assert (
        input_text(source.manifest.sources[0])
        == f"{file}: list of pairs, 2 genuine and 2 impostor, 5 images of 3 subjects"
    )


def test_decomposed_names_on_disk_are_found(tree) -> None:
    root = tree("e\u0301/e\u0301_0001.jpg", "C/C_0001.jpg", "C/C_0002.jpg")
    source = read_source([write(root, "1\nC 1 2\nC 1 é 1\n")])
    assert all(Path(path).exists() for path in source.manifest.paths)
    assert source.manifest.subjects == ["C", "C", "é"]


def test_folds(tree) -> None:
    text = "2\t1\nC\t1\t12\nA_B\t1\tC\t1\nA_B\t1\t2\nC\t12\tA_B\t2\n"
    source = read_source([write(lfw_tree(tree), text)])
    assert source.pairs.folds == 2
    assert source.pairs.fold.tolist() == [0, 0, 1, 1]
    assert source.pairs.same.tolist() == [True, False, True, False]
    assert "2 genuine and 2 impostor in 2 folds" in input_text(source.manifest.sources[0])


def test_an_absent_image_keeps_its_row(tree) -> None:
    source = read_source([write(lfw_tree(tree), "1\nC 1 99\nC 1 Nobody 1\n")])
    assert [Path(path).name for path in source.manifest.paths] == ["C_0001.jpg", "C_0099.jpg", "Nobody_0001.jpg"]


def test_images_in_another_folder(tree, tmp_path) -> None:
    file = write(tmp_path, "1\nC 1 12\nC 1 A_B 2\n")
    assert len(read_source([file], images=lfw_tree(tree)).manifest) == 3
    with pytest.raises(InputError, match="not one of its 3 images exists"):
        read_source([file])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1\nC\t1\nA_B\t1\tC\t1\n", r"line 2: found 'C\\t1', expected two images of one subject, `Name i j`"),
        ("1\nC\t1\t1\nA_B\t1\tC\t1\n", "line 2: found"),
        ("1\nC\t1\tx\nA_B\t1\tC\t1\n", "line 2: found"),
        ("1\n\nC\t1\t12\nC\t1\tC\t12\n", "line 4: found .* expected images of two subjects"),
        ("1\nC\t1\t12\nA_B\t1\t2\n", "line 3: found"),
        ("1\nA_B\t1\tC\t1\nC\t1\t12\n", "line 2: found"),
        ("1\nC\t1\t99999999999999999999\nA_B\t1\tC\t1\n", "line 2: found"),
        ("2\nC\t1\t12\nA_B\t1\t2\nA_B\t1\tC\t1\n", "announces 4 comparisons in its first line and has 3"),
        ("1\nC\t1\t12\nA_B\t1\tC\t1\nA_B\t1\t2\n", "announces 2 comparisons in its first line and has 3"),
        ("0\n", "announces 0 comparisons"),
        ("1\n", "announces 2 comparisons"),
    ],
)
def test_malformed_lists(tree, text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_source([write(lfw_tree(tree), text)])


def test_a_table_of_pairs(tree) -> None:
    root = tree("a.png", "b.png", "c.png", "d.png")
    text = "Path_A,path_b,same,fold\nd.png,a.png,1,10\nb.png,a.png,no,2\nb.png,c.png,TRUE,2\n"
    source = read_source([write(root, text, "pairs.csv")])
    assert comparisons(source) == [
        ("d.png", "a.png", True, 1),
        ("b.png", "a.png", False, 0),
        ("b.png", "c.png", True, 0),
    ]
    assert source.manifest.subjects == ["a.png", "a.png", "b.png", "b.png"]
    assert source.manifest.sources[0].layout == "pairs"


def test_a_table_of_pairs_with_subjects_is_the_same_in_parquet(tree) -> None:
    root = tree("a.png", "b.png", "c.png")
    frame = pl.DataFrame(
        {
            "path_a": ["a.png", "b.png"],
            "path_b": ["b.png", "c.png"],
            "same": [True, False],
            "subject_a": ["X", "X"],
            "subject_b": ["X ", "Y"],
        }
    )
    frame.write_csv(root / "pairs.csv")
    frame.write_parquet(root / "pairs.parquet")
    source = read_source([root / "pairs.csv"])
    assert source.manifest.subjects == ["X", "X", "Y"]
    assert source.manifest.frame.equals(read_source([root / "pairs.parquet"]).manifest.frame)
    assert comparisons(source) == comparisons(read_source([root / "pairs.parquet"]))


def test_contradicting_labels_are_reported(tree) -> None:
    root = tree("a.png", "b.png", "c.png", "d.png")
    text = "path_a,path_b,same\na.png,b.png,1\nb.png,c.png,1\na.png,c.png,0\na.png,d.png,0\n"
    source = read_source([write(root, text, "pairs.csv")])
    guessed, finding = source.manifest.findings
    assert "2 subjects are guessed from the genuine pairs" in finding_text(guessed)
    assert finding.kind == "label-conflict"
    assert "1 pair at odds with the subjects" in finding_text(finding)
    assert [Path(path).name for path in finding.paths] == ["a.png", "c.png"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("path_a,path_b\na.png,b.png\n", "has the columns path_a, path_b: a list of pairs needs"),
        ("path_a,path_b,same,subject_a\na.png,b.png,1,A\n", "both `subject_a` and `subject_b`"),
        ("path_a,path_b,same\na.png,b.png,1\na.png,b.png,maybe\n", r"row 2 \(line 3\): same is 'maybe'"),
        ("path_a,path_b,same\na.png,,1\n", r"row 1 \(line 2\): the path_b is empty"),
        ("path_a,path_b,same\na.png,./a.png,1\n", r"row 1 \(line 2\): .*a.png is compared with itself"),
        (
            "path_a,path_b,same,subject_a,subject_b\na.png,b.png,1,A,A\na.png,b.png,0,B,A\n",
            "a.png is of 'A' in one pair and 'B' in another",
        ),
        ("path_a,path_b,same\na.png,b.png,1\n", "has one subject"),
    ],
)
def test_unusable_tables_of_pairs(tree, text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_source([write(tree("a.png", "b.png"), text, "pairs.csv")])


def test_a_list_of_impostors_only(tree) -> None:
    source = read_source([write(tree("a.png", "b.png"), "path_a,path_b,same\na.png,b.png,0\n", "pairs.csv")])
    assert [finding.kind for finding in source.manifest.findings] == ["guessed-subjects", "no-genuine"]


def test_a_list_of_pairs_stands_alone(tree) -> None:
    file = write(lfw_tree(tree), "1\nC 1 12\nC 1 A_B 2\n")
    with pytest.raises(InputError, match="cannot be combined"):
        read_source([file, f"other={file.parent}"])
    with pytest.raises(InputError, match="sample cannot be drawn"):
        read_source([file], sample=1, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="images of a subject cannot be limited in a list of pairs"):
        read_source([file], most_images=2, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="carries no attributes"):
        read_source([file], cohort_by=["sex"])


def test_a_manifest_alone_would_lose_the_list(tree) -> None:
    with pytest.raises(InputError, match="pairs lists comparisons, which a manifest does not hold: read it with"):
        read([write(lfw_tree(tree), "1\nC 1 12\nC 1 A_B 2\n")])


@given(st.data())
def test_connected_is_what_walking_the_links_finds(data) -> None:
    size = data.draw(st.integers(1, 12))
    item = st.integers(0, size - 1)
    links = data.draw(st.lists(st.tuples(item, item), max_size=15))
    lowest = list(range(size))
    for _ in range(size):
        for a, b in links:
            lowest[a] = lowest[b] = min(lowest[a], lowest[b])
    a, b = np.array(links, dtype=np.int64).reshape(-1, 2).T
    assert connected(size, a, b) == lowest


def test_the_official_development_list(shared_dir) -> None:
    source = read_source([shared_dir / "data" / "lfw-dev" / "pairsDevTest.txt"])
    pairs = source.pairs
    assert pairs is not None
    assert (len(source.manifest), source.manifest.frame["subject"].n_unique()) == (1549, 963)
    assert (pairs.same.sum(), (~pairs.same).sum(), pairs.folds) == (500, 500, 1)
    assert all(Path(path).is_file() for path in source.manifest.paths)
    codes = source.manifest.subject_codes
    assert ((codes[pairs.a] == codes[pairs.b]) == pairs.same).all()
    assert Path(source.manifest.paths[pairs.a[0]]).name == "Abdullah_Gul_0013.jpg"
    assert Path(source.manifest.paths[pairs.b[0]]).name == "Abdullah_Gul_0014.jpg"
