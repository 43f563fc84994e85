"""One person in several forms of an id, and one name in two inputs."""

import pytest

from facegap.data.manifest import Manifest
from facegap.datasets import read
from facegap.datasets.ids import plain_form
from facegap.report.text.findings import finding_text


def said(manifest: Manifest, kind: str) -> list[str]:
    return [finding_text(finding) for finding in manifest.findings if finding.kind == kind]


def table(tree, subjects: list[str], name: str = "people"):
    root = tree(*(f"{name}{k}.png" for k in range(len(subjects))), folder=name)
    rows = "".join(f'{name}{k}.png,"{subject}"\n' for k, subject in enumerate(subjects))
    (root / f"{name}.csv").write_text(f"path,subject\n{rows}", encoding="utf-8")
    return root / f"{name}.csv"


@pytest.mark.parametrize(
    "forms",
    [
        ["1", "001", "1.0", "１", "01.00"],
        ["1000", "1,000", "1,000.0", "1 000", "1'000"],
        ["0", "00", "0.0"],
        ["Tanaka Aoi", "TANAKA  AOI", "tanaka aoi", "Ｔａｎａｋａ　Ａｏｉ"],
        ["A-7", "a-7", "Ａ-７"],
    ],
)
def test_forms_of_one_id(forms: list[str]) -> None:
    assert len({plain_form(form) for form in forms}) == 1


def test_different_ids_stay_different() -> None:
    others = ["1", "10", "1.5", "1,00", "12,34", "1-0", "a1", "a01", "001a", "", "1,000,00", "山田", "田山"]
    assert len({plain_form(other) for other in others}) == len(others)


def test_forms_are_named_and_mended_where_asked(tree) -> None:
    file = table(tree, ["001", "001", "1", "1.0", "Abe", "ABE", "Sato"])
    manifest = read([file])
    assert manifest.frame["subject"].n_unique() == 6
    (message,) = said(manifest, "several-forms")
    assert "2 subjects in several forms: '001' = '1' = '1.0', 'ABE' = 'Abe'" in message
    assert "--merge-ids" in message
    merged = read([file], merge_ids=True)
    assert sorted(set(merged.subjects)) == ["001", "ABE", "Sato"]
    assert "taken for one person each" in said(merged, "several-forms")[0]
    assert said(read([table(tree, ["001", "002", "Abe"], "sound")]), "several-forms") == []


def folders(tree, *subjects: str):
    return [tree(*(f"{who}/{i}.png" for who in subjects for i in range(2)), folder=name) for name in ("old", "young")]


def test_numbers_in_two_inputs_are_two_people_unless_it_is_said_otherwise(tree) -> None:
    both = folders(tree, "001", "002", "Abe")
    manifest = read(both)
    assert set(manifest.subjects) == {"old/001", "old/002", "young/001", "young/002", "Abe"}
    (message,) = said(manifest, "equal-names")
    assert "2 subject names found in more than one input: 001, 002; kept apart, as they are numbers" in message
    assert "--same-subjects" in message
    same = read(both, separate_subjects=False)
    assert set(same.subjects) == {"001", "002", "Abe"}
    assert said(same, "equal-names") == []
    assert len(said(same, "shared-subject")) == 1


def test_all_equal_names_can_be_kept_apart(tree) -> None:
    manifest = read(folders(tree, "001", "Abe"), separate_subjects=True)
    assert set(manifest.subjects) == {"old/001", "young/001", "old/Abe", "young/Abe"}
    assert said(manifest, "shared-subject") == []


def test_equal_names_in_two_cohort_folders(tree) -> None:
    root = tree(*(f"{where}/00{who}/{i}.png" for where in ("f", "m") for who in (1, 2, 3) for i in (0, 1)))
    manifest = read([root])
    assert manifest.cohorts == ("f", "m")
    assert manifest.frame["subject"].n_unique() == 6
    assert read([root], separate_subjects=False).frame["subject"].n_unique() == 3


def test_forms_across_inputs_count_where_equal_names_would(tree) -> None:
    one, two = table(tree, ["001", "001", "Abe"], "one"), table(tree, ["1", "1", "abe"], "two")
    (message,) = said(read([one, two]), "several-forms")
    assert "'001'" not in message
    assert "'Abe' = 'abe'" in message
    (message,) = said(read([one, two], separate_subjects=False), "several-forms")
    assert "'001' = '1'" in message
    assert said(read([one, two], separate_subjects=True), "several-forms") == []


def test_one_table_has_one_person_of_each_name(tree) -> None:
    root = tree("a.png", "b.png", "c.png")
    (root / "t.csv").write_text("path,subject,age\na.png,1,20\nb.png,1,30\nc.png,2,20\n")
    manifest = read([root / "t.csv"], cohort_by=["age"])
    assert manifest.frame["subject"].n_unique() == 2
    assert said(manifest, "equal-names") == []
