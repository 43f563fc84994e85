import random

import polars as pl
import pytest

from facegap.datasets import read
from facegap.errors import InputError
from facegap.report.text.findings import finding_text
from facegap.report.text.inputs import input_text


def table(tree, text: str, name: str = "list.csv", encoding: str = "utf-8"):
    root = tree("a.png", "b.png", "c.png")
    (root / name).write_text(text, encoding=encoding)
    return root / name


def test_paths_start_at_the_table_and_columns_are_attributes(tree, tmp_path) -> None:
    file = table(tree, f"path,subject,sex,age\nb.png,B,female,30\n./a.png,A,male,\n{tmp_path}/photos/c.png,A,,9\n")
    manifest = read([file])
    assert manifest.frame.columns == ["path", "subject", "cohort", "sex", "age"]
    assert manifest.paths == [str(file.parent / name) for name in ("a.png", "c.png", "b.png")]
    assert manifest.frame["sex"].to_list() == ["male", None, "female"]
    assert manifest.cohorts == ("list",)
    assert input_text(manifest.sources[0]) == f"{file}: table, 3 images of 2 subjects; attributes: sex, age"


@pytest.mark.parametrize("subject", ["subject", "Identity", "PERSON", "label", "name"])
@pytest.mark.parametrize("path", ["path", "File", "FILENAME", "image"])
def test_names_of_columns(tree, path: str, subject: str) -> None:
    assert read([table(tree, f"{subject};{path}\nA;a.png\nB;b.png\n")]).subjects == ["A", "B"]


def test_the_first_alias_wins_and_the_others_are_attributes(tree) -> None:
    manifest = read([table(tree, "path,image,name,subject\na.png,1,Ann,A\nb.png,2,Bob,B\n")])
    assert manifest.subjects == ["A", "B"]
    assert manifest.frame.columns == ["path", "subject", "cohort", "image", "name"]


def test_images_in_another_folder(tree, tmp_path) -> None:
    tree("a.png", "b.png", folder="elsewhere")
    file = table(tree, "path,subject\na.png,A\nb.png,B\n")
    assert read([file], images=tmp_path / "elsewhere").paths == [
        str(tmp_path / "elsewhere" / name) for name in ("a.png", "b.png")
    ]
    with pytest.raises(InputError, match="is neither a folder nor an archive"):
        read([file], images=tmp_path / "nowhere")


def test_parquet_and_tsv_are_alike(tree) -> None:
    file = table(tree, "path\tsubject\tage\na.png\t1\t30\nb.png\t2\t40\n", "list.tsv")
    frame = pl.DataFrame({"path": ["a.png", "b.png"], "subject": [1, 2], "age": [30, 40]})
    frame.write_parquet(file.with_suffix(".parquet"))
    assert read([file]).frame.equals(read([file.with_suffix(".parquet")]).frame)


def test_lists_and_bytes_are_no_attributes(tree) -> None:
    file = table(tree, "").with_suffix(".parquet")
    pl.DataFrame(
        {
            "path": ["a.png", "b.png"],
            "subject": ["A", "B"],
            "box": [[1], [2]],
            "raw": [b"\xff", b"1"],
            "sex": ["f", "m"],
        }
    ).write_parquet(file)
    manifest = read([file])
    assert manifest.frame.columns == ["path", "subject", "cohort", "sex"]
    assert "box, raw" in finding_text(manifest.findings[0])


def test_shift_jis_is_in_the_summary(tree) -> None:
    manifest = read([table(tree, "path,subject\na.png,佐藤\nb.png,鈴木\n", encoding="cp932")])
    assert manifest.subjects == ["佐藤", "鈴木"]
    assert input_text(manifest.sources[0]).endswith("read as Shift-JIS (cp932), as it is not UTF-8")


def test_the_same_row_twice_counts_once(tree) -> None:
    manifest = read([table(tree, "path,subject\na.png,A\nb.png,B\n./a.png, A\n")])
    assert manifest.subjects == ["A", "B"]
    finding = manifest.findings[0]
    assert (finding.kind, finding.paths) == ("duplicate", (manifest.paths[0],))


def test_one_image_under_two_subjects_is_reported(tree) -> None:
    manifest = read([table(tree, "path,subject\na.png,A\nb.png,B\na.png,B\n")])
    assert manifest.subjects == ["A", "B", "B"]
    finding = next(finding for finding in manifest.findings if finding.kind == "label-conflict")
    assert "'A' and 'B'" in finding_text(finding)
    assert finding.paths == (manifest.paths[0],)


def test_absent_images_keep_their_rows_unless_all_are(tree) -> None:
    assert len(read([table(tree, "path,subject\na.png,A\ngone.png,B\n")])) == 2
    with pytest.raises(InputError, match="not one of its 2 images exists"):
        read([table(tree, f"path,subject\ngone.png,A\n{'long' * 100}.png,B\n")])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("path,who\na.png,A\n", r"has the columns path, who: expected `path` .* and `subject` \(or identity"),
        ("path,subject\na.png,A\nb.png,\n", r"row 2 \(line 3\): the subject is empty"),
        ("path,subject\na.png,\u3000\n", r"row 1 \(line 2\): the subject is empty"),
        ("path,subject\n,A\n", r"row 1 \(line 2\): the path is empty"),
        ("path,subject\n", "has no rows"),
        ("", "has no rows"),
    ],
)
def test_unusable_tables(tree, text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read([table(tree, text)])


def test_a_missing_subject_in_parquet(tree) -> None:
    file = table(tree, "").with_suffix(".parquet")
    pl.DataFrame({"path": ["a.png", "b.png"], "subject": ["A", None]}).write_parquet(file)
    with pytest.raises(InputError, match=r"list.parquet, row 2: the subject is empty"):
        read([file])


def test_the_order_of_rows_does_not_matter(tree) -> None:
    root = tree(*[f"{i}.png" for i in range(30)])
    lines = [f"{i}.png,S{i % 7},{'mf'[i % 2]}\n" for i in range(30)]
    read_in = []
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        (root / "list.csv").write_text("path,subject,sex\n" + "".join(lines))
        read_in.append(read([root / "list.csv"], cohort_by=["sex"]))
    assert all(manifest.frame.equals(read_in[0].frame) for manifest in read_in)


def test_labeled_faces_in_the_wild_by_sex(shared_dir) -> None:
    manifest = read([shared_dir / "data" / "lfw-dev" / "manifest.csv"], cohort_by=["sex"])
    assert manifest.cohorts == ("female", "male")
    assert manifest.frame["cohort"].value_counts(sort=True).rows() == [("male", 1115), ("female", 434)]
    assert manifest.frame["subject"].n_unique() == 963
    assert [finding.kind for finding in manifest.findings] == ["single-image", "single-image"]
