"""What stands beside the pairs of a list: attributes of each side, subjects, and columns under other names."""

from pathlib import Path

import pytest

from facegap.data.source import Images
from facegap.datasets import read_source
from facegap.errors import InputError
from facegap.report.text.findings import finding_text


def listed(tree, text: str, **options) -> Images:
    root = tree("a1.png", "a2.png", "b1.png", "b2.png")
    (root / "pairs.csv").write_text(text)
    source = read_source([root / "pairs.csv"], **options)
    assert isinstance(source, Images)
    return source


def said(source: Images, kind: str) -> list[str]:
    return [finding_text(finding) for finding in source.manifest.findings if finding.kind == kind]


BFW = (
    "fold,p1,p2,label,id1,id2,att1,att2,run,resnet50\n"
    "1,a1.png,a2.png,1,A,A,F,F,x,0.9\n"
    "1,b1.png,b2.png,1,B,B,M,M,x,0.8\n"
    "2,a1.png,b1.png,0,A,B,F,M,x,0.1\n"
    "2,a2.png,b2.png,0,A,B,F,M,x,0.2\n"
)


@pytest.mark.parametrize("asked", ["att", "att1", "att2"])
def test_attributes_of_each_side_make_cohorts(tree, asked: str) -> None:
    source = listed(tree, BFW, cohort_by=[asked])
    assert source.manifest.cohorts == ("F", "M")
    rows = source.manifest.frame.select("path", "subject", "cohort").rows()
    assert [(Path(path).name, who, cohort) for path, who, cohort in rows] == [
        ("a1.png", "A", "F"), ("a2.png", "A", "F"), ("b1.png", "B", "M"), ("b2.png", "B", "M"),
    ]  # fmt: skip
    assert source.pairs is not None
    assert source.pairs.fold.tolist() == [0, 0, 1, 1]
    (message,) = said(source, "ignored")
    assert "passed over the columns resnet50, which say different things of one image" in message
    assert said(source, "guessed-subjects") == []


def test_a_column_of_both_sides_is_an_attribute_where_it_is_the_same_for_an_image(tree) -> None:
    source = listed(tree, BFW, cohort_by=["run"])
    assert source.manifest.cohorts == ("x",)


@pytest.mark.parametrize(
    ("header", "one", "zero"),
    [
        ("image1_path,image2_path,issame", "True", "False"),
        ("file1,file2,label", "1.0", "0.0"),
        ("image_1,image_2,is_same", "genuine", "impostor"),
        ("Path1;Path2;Same", "1", "-1"),
        ("img1\timg2\tmatch", "yes", "no"),
    ],
)
def test_other_names_of_columns(tree, header: str, one: str, zero: str) -> None:
    separator = max(",;\t", key=header.count)
    rows = [["a1.png", "a2.png", one], ["b1.png", "b2.png", one], ["a1.png", "b1.png", zero]]
    source = listed(tree, "\n".join([header, *map(separator.join, rows)]))
    assert source.pairs is not None
    assert source.pairs.same.tolist() == [True, True, False]
    assert "2 subjects are guessed from the genuine pairs" in said(source, "guessed-subjects")[0]


def test_subjects_alone_say_what_is_genuine(tree) -> None:
    source = listed(tree, "path_a,path_b,id1,id2\na1.png,a2.png,A,A\na1.png,b1.png,A,B\n")
    assert source.pairs is not None
    assert source.pairs.same.tolist() == [True, False]


def test_an_attribute_that_contradicts_itself_is_none(tree) -> None:
    text = BFW.replace("2,a2.png,b2.png,0,A,B,F,M", "2,a2.png,b2.png,0,A,B,M,M")
    assert "columns resnet50, att1, att2" in said(listed(tree, text), "ignored")[0]
    with pytest.raises(InputError, match="cohorts by 'att1'"):
        listed(tree, text, cohort_by=["att1"])
