import unicodedata

import pytest

from facegap.datasets import read
from facegap.errors import InputError
from facegap.report.text.inputs import input_text


def rows(manifest) -> list[tuple[str, str]]:
    return [(subject, path.rsplit("photos/")[-1]) for path, subject in manifest.frame.select("path", "subject").rows()]


def kinds(manifest) -> list[str]:
    return [finding.kind for finding in manifest.findings]


def test_prefixes(tree) -> None:
    root = tree("Sato_2.png", "Sato_1_b.jpg", "Abe.JPEG", "佐藤_1.png", "A B_1.png")
    manifest = read([root])
    assert rows(manifest) == [
        ("A B", "A B_1.png"),
        ("Abe", "Abe.JPEG"),
        ("Sato", "Sato_1_b.jpg"),
        ("Sato", "Sato_2.png"),
        ("佐藤", "佐藤_1.png"),
    ]
    assert manifest.cohorts == ("photos",)
    assert manifest.frame.columns == ["path", "subject", "cohort"]
    (source,) = manifest.sources
    assert (source.name, source.path, source.layout) == ("photos", str(root), "prefix")
    assert input_text(source) == f"{root}: file-name prefixes, 5 images of 4 subjects"


def test_a_folder_per_subject(tree) -> None:
    root = tree("Sato/x/y/2.png", "Sato/1.png", "Abe_Ken/1.jpg")
    manifest = read([root])
    assert rows(manifest) == [("Abe_Ken", "Abe_Ken/1.jpg"), ("Sato", "Sato/1.png"), ("Sato", "Sato/x/y/2.png")]
    assert input_text(manifest.sources[0]) == f"{root}: a folder per subject, 3 images of 2 subjects"


def test_decomposed_and_composed_names_are_one_subject(tree) -> None:
    for name in ("が", "é"):
        nfd = unicodedata.normalize("NFD", name)
        root = tree(f"{nfd}/1.png", f"{name}/2.png", "other/1.png", folder=f"photos/{name}")
        manifest = read([root])
        assert manifest.frame["subject"].n_unique() == 2
        assert manifest.subjects.count(name) == 2
        assert sum(nfd in path for path in manifest.paths) == 1  # paths stay as the file system has them


def test_white_space_around_names(tree) -> None:
    assert read([tree("Sato _1.png", "\u3000Sato_2.png", "Abe_1.png")]).subjects == ["Abe", "Sato", "Sato"]


def test_a_file_without_a_subject_is_reported(tree) -> None:
    manifest = read([tree("_1.png", " _2.png", "A_1.png", "B_1.png")])
    assert manifest.subjects == ["A", "B"]
    assert manifest.findings[0].kind == "ignored"
    assert len(manifest.findings[0].paths) == 2
    manifest = read([tree(" /1.png", "A/1.png", "B/1.png", folder="blank")])
    assert manifest.subjects == ["A", "B"]
    assert len(manifest.findings[0].paths) == 1


def test_a_mixed_folder_is_what_most_images_say(tree) -> None:
    manifest = read([tree("A_1.png", "A_2.png", "B_1.png", "thumbs/A_1.png")])
    assert manifest.sources[0].layout == "prefix"
    assert manifest.findings[0].kind == "ignored"
    assert [path[-12:] for path in manifest.findings[0].paths] == ["humbs/A_1.png"[-12:]]
    manifest = read([tree("A/1.png", "A/2.png", "B/1.png", "group.png", folder="lfw")])
    assert manifest.sources[0].layout == "folders"
    assert len(manifest.findings[0].paths) == 1


def test_the_layout_can_be_forced(tree) -> None:
    root = tree("A_1.png", "B_1.png", "C/1.png", "C/2.png", "D/1.png")
    assert read([root]).subjects == ["C", "C", "D"]
    assert read([root], layout="prefix").subjects == ["A", "B"]


@pytest.mark.parametrize(
    ("name", "layout", "reason"),
    [
        ("A_1.png", "folders", "no subfolders with images"),
        ("A/1.png", "prefix", "images in subfolders only"),
        ("A_1.png", "table", "is a folder, but the layout 'table' is for files"),
        (
            "A_1.png",
            "yolo",
            "unknown layout 'yolo': expected one of prefix, cohort-folders, folders, records, verification, "
            "embeddings, table, pairs, scores",
        ),
    ],
)
def test_a_layout_that_does_not_fit(tree, name: str, layout: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read([tree(name)], layout=layout)


def test_the_set_of_dlib(shared_dir) -> None:
    manifest = read([shared_dir / "data" / "johns"])
    assert len(manifest) == 55
    assert manifest.frame["subject"].value_counts()["count"].to_list() == [11] * 5
    assert manifest.sources[0].layout == "folders"
    assert kinds(manifest) == []


def test_labeled_faces_in_the_wild_as_a_folder(shared_dir) -> None:
    manifest = read([shared_dir / "data" / "lfw-dev"])
    assert (len(manifest), manifest.frame["subject"].n_unique()) == (1549, 963)
    assert kinds(manifest) == ["ignored", "single-image"]
