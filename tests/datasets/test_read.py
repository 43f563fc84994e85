import os
from pathlib import Path

import numpy as np
import pytest

import facegap
from facegap.data.source import SavedEmbeddings
from facegap.datasets import read, read_source
from facegap.errors import InputError
from facegap.jobs.study import Study
from facegap.report.text.inputs import input_text


def kinds(manifest) -> list[str]:
    return [finding.kind for finding in manifest.findings]


def photos(tree, folder: str, subjects: str = "AB", images: int = 2) -> Path:
    return tree(*[f"{subject}{folder}_{i}.png" for subject in subjects for i in range(images)], folder=folder)


def test_every_input_is_a_cohort(tree) -> None:
    young, general = photos(tree, "young"), photos(tree, "general")
    manifest = read([young, f"everyone={general}"])
    assert manifest.cohorts == ("young", "everyone")
    assert manifest.name == "young + everyone"
    assert [source.name for source in manifest.sources] == ["young", "everyone"]
    assert manifest.frame["cohort"].to_list() == ["everyone", "everyone", "young", "young"] * 2
    assert manifest.frame.sort("subject", "cohort", "path").equals(manifest.frame)
    assert kinds(manifest) == []


def test_a_path_with_an_equals_sign_is_a_path(tree) -> None:
    root = tree("A_1.png", "B_1.png", folder="sex=male")
    assert read([str(root)]).cohorts == ("sex=male",)
    assert read([f"men={root}"]).cohorts == ("men",)
    assert read([Path(f"men={root}")]).cohorts == ("men",)


def test_names_of_inputs(tree, monkeypatch) -> None:
    root = photos(tree, "photos")
    monkeypatch.chdir(root)
    assert read(["."]).cohorts == ("photos",)
    assert read(["."]).paths[0] == "Aphotos_0.png"
    assert read([f"../{root.name}/"]).cohorts == ("photos",)
    (root / "sub").mkdir()
    monkeypatch.chdir(root / "sub")
    assert read([".."]).cohorts == ("photos",)
    monkeypatch.setenv("HOME", str(root))
    assert read([" e\u0301 =~"]).cohorts == ("é",)


def test_two_inputs_of_one_name(tree) -> None:
    with pytest.raises(InputError, match="are both called 'faces': name one, as in NAME="):
        read([photos(tree, "a/faces"), photos(tree, "b/faces")])


def test_a_cohort_cannot_be_called_all(tree) -> None:
    with pytest.raises(InputError, match="'all'"):
        read([photos(tree, "all")])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("nowhere", "'nowhere' does not exist"),
        ("a=nowhere", "'nowhere' does not exist"),
        ("a=", "'a=' does not exist"),
        ("", "'' does not exist"),
        ("x" * 5000, "does not exist"),
        ("a\0b", "does not exist"),
        ("a=~nobody-of-this-name/x", "does not exist"),
        (os.fsdecode(b"\xff"), r"'\\udcff' is not valid Unicode"),
    ],
)
def test_paths_that_are_none(given: str, reason: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=reason):
        read([given])


def test_no_name_and_no_input(tree) -> None:
    with pytest.raises(InputError, match=r"the name in .* is empty"):
        read([f"={photos(tree, 'photos')}"])
    with pytest.raises(InputError, match="no data set was given"):
        read([])


def test_files_that_are_no_data_set(tree) -> None:
    root = tree("A_1.png", "list.json", "list.csv")
    with pytest.raises(InputError, match="is a single image: give the folder"):
        read([root / "A_1.png"])
    with pytest.raises(InputError, match="unknown kind"):
        read([root / "list.json"])
    with pytest.raises(InputError, match="is a file, but the layout 'prefix' is for folders"):
        read([root / "list.csv"], layout="prefix")
    os.mkfifo(root / "pipe.csv")
    with pytest.raises(InputError, match="neither a folder nor an ordinary file"):
        read([root / "pipe.csv"])


def test_empty_folders(tree) -> None:
    empty = tree("notes.txt", folder="empty")
    with pytest.raises(InputError, match=r"no images in .*empty: give a folder of photos; .*passed over 1 file"):
        facegap.read([empty])
    manifest = read([photos(tree, "photos"), empty])
    assert manifest.cohorts == ("photos", "empty")
    assert kinds(manifest) == ["ignored", "empty-cohort"]
    assert input_text(manifest.sources[1]) == f"{empty}: no images"
    assert manifest.cohort_codes.tolist() == [0] * 4


def test_a_study_of_one_subject(tree) -> None:
    with pytest.raises(InputError, match="photos has one subject, 'Aphotos' with 3 images; facegap compares subjects"):
        read([photos(tree, "photos", "A", 3)])


def test_findings_of_several_cohorts(tree) -> None:
    manifest = read([tree("A_1.png", "A_2.png", folder="one"), tree("A_1.png", "B_1.png", folder="two")])
    assert kinds(manifest) == ["no-impostor", "single-image", "no-genuine", "shared-subject"]


@pytest.fixture
def people(tree) -> Path:
    root = tree(*[f"{i}.png" for i in range(6)])
    rows = ["0,A,f,9", "1,A,f,10", "2,B,m,10", "3,C,,9", "4,C, ,10", "5,D,m,"]
    file = root / "people.csv"
    file.write_text("path,subject,sex,age\n" + "".join(row.replace(",", ".png,", 1) + "\n" for row in rows))
    return file


def test_cohorts_by_attributes(people: Path) -> None:
    assert read([people]).cohorts == ("people",)
    manifest = read([people], cohort_by=["sex"])
    assert manifest.cohorts == ("f", "m", "unknown")
    assert manifest.frame["cohort"].to_list() == ["f", "f", "m", "unknown", "unknown", "m"]
    assert manifest.frame["sex"].null_count() == 2
    assert read([people], cohort_by=["age"]).cohorts == ("9", "10", "unknown")
    assert read([people], cohort_by=["sex", "age"]).cohorts == (
        "f · 9",
        "f · 10",
        "m · 10",
        "m · unknown",
        "unknown · 9",
        "unknown · 10",
    )


def test_cohorts_by_attributes_of_several_inputs(people: Path) -> None:
    manifest = read([f"b={people}", f"a={people}"], cohort_by=["sex"])
    assert manifest.cohorts == ("b · f", "b · m", "b · unknown", "a · f", "a · m", "a · unknown")
    assert kinds(manifest)[-1] == "shared-subject"


def test_a_column_cohort_makes_the_cohorts_of_a_single_input(people: Path) -> None:
    people.write_text(people.read_text().replace("sex", "cohort"))
    assert read([people]).cohorts == ("f", "m", "unknown")
    assert read([people], cohort_by=["age"]).cohorts == ("9", "10", "unknown")
    assert read([f"x={people}", f"y={people}"]).cohorts == ("x", "y")


def test_attributes_that_are_not_there(people: Path, tree) -> None:
    with pytest.raises(InputError, match="cohorts by 'gender': 'people' has the attributes sex, age"):
        read([people], cohort_by=["gender"])
    with pytest.raises(InputError, match=r"'other' \(file-name prefixes\) carries no attributes"):
        read([people, photos(tree, "other")], cohort_by=["sex"])


def test_a_table_and_a_folder_together(people: Path, tree) -> None:
    manifest = read([people, photos(tree, "other")])
    assert manifest.frame.columns == ["path", "subject", "cohort", "sex", "age"]
    assert len(manifest) == 10


def test_a_sample(tree) -> None:
    inputs = [photos(tree, "many", "ABCDEFGH", 5), photos(tree, "few", "AB", 1)]
    whole = read(inputs)
    drawn = read(inputs, sample=10, rng=np.random.default_rng(3))
    assert drawn.frame["cohort"].value_counts().sort("cohort").rows() == [("few", 2), ("many", 10)]
    assert set(drawn.paths) <= set(whole.paths)
    assert drawn.frame.sort("subject", "cohort", "path").equals(drawn.frame)
    assert drawn.paths == read(inputs, sample=10, rng=np.random.default_rng(3)).paths
    assert drawn.paths != read(inputs, sample=10, rng=np.random.default_rng(4)).paths
    assert drawn.frame["subject"].n_unique() > 4


def test_at_most_some_images_of_each_subject_within_each_cohort(tree) -> None:
    tree("Cmany_0.png", "Cmany_1.png", "Cmany_2.png", "Bfew_0.png", folder="few")
    inputs = [photos(tree, "many", "ABC", 40), tree(folder="few")]
    drawn = read(inputs, most_images=2, rng=np.random.default_rng(3))
    assert drawn.frame.group_by("cohort", "subject").len().sort("cohort", "subject").rows() == [
        ("few", "Bfew", 1),
        ("few", "Cmany", 2),
        ("many", "Amany", 2),
        ("many", "Bmany", 2),
        ("many", "Cmany", 2),
    ]
    assert set(drawn.paths) <= set(read(inputs).paths)
    assert drawn.frame.sort("subject", "cohort", "path").equals(drawn.frame)
    assert drawn.paths == read(inputs, most_images=2, rng=np.random.default_rng(3)).paths
    assert drawn.paths != read(inputs, most_images=2, rng=np.random.default_rng(4)).paths
    assert input_text(drawn.sources[0]).endswith("120 images of 3 subjects; 6 images kept, at most 2 of each subject")
    assert input_text(drawn.sources[1]).endswith("4 images of 2 subjects; 3 images kept, at most 2 of each subject")


def test_every_image_of_a_subject_may_be_the_one_that_takes_part(tree) -> None:
    root = photos(tree, "many", "AB", 6)
    seen = {path for seed in range(40) for path in read([root], most_images=2, rng=np.random.default_rng(seed)).paths}
    assert len(seen) == 12


def test_a_sample_is_drawn_from_what_the_limit_per_subject_leaves(tree) -> None:
    root = tree(*[f"A_{i}.png" for i in range(90)], "B_1.png", "B_2.png", "C_1.png", "C_2.png")
    for seed in range(5):
        drawn = read([root], most_images=2, sample=5, rng=np.random.default_rng(seed))
        assert len(drawn) == 5
        assert drawn.frame["subject"].n_unique() == 3


@pytest.mark.parametrize("draw", [{"sample": 7}, {"most_images": 3}])
def test_what_is_drawn_does_not_depend_on_the_order_of_files(tree, monkeypatch, draw: dict[str, int]) -> None:
    root = photos(tree, "many", "ABCDEFGH", 5)
    drawn = read([root], **draw, rng=np.random.default_rng(0))
    scandir = os.scandir

    class Backwards:
        def __init__(self, path: str) -> None:
            self.entries = scandir(path)

        def __enter__(self):
            return reversed(list(self.entries))

        def __exit__(self, *_: object) -> None:
            self.entries.close()

    monkeypatch.setattr(os, "scandir", Backwards)
    assert read([root], **draw, rng=np.random.default_rng(0)).frame.equals(drawn.frame)


def test_samples_that_cannot_be_drawn(tree) -> None:
    root = photos(tree, "photos")
    with pytest.raises(InputError, match="expected 1 or more"):
        read([root], sample=0, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="give rng"):
        read([root], sample=2)
    for most in (1, 0, -3):
        with pytest.raises(InputError, match=f"at most {most} images .* no genuine comparison: expected 2 or more"):
            read([root], most_images=most, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="the images of each subject are drawn at random: give rng"):
        read([root], most_images=2)


def test_a_sample_of_saved_embeddings_keeps_rows_together(tmp_path: Path) -> None:
    numbers = np.arange(40)
    np.savez(tmp_path / "v.npz", embedding=numbers[:, None], subject=numbers % 8, number=numbers)
    source = read_source([tmp_path / "v.npz"], sample=15, rng=np.random.default_rng(0))
    assert isinstance(source, SavedEmbeddings)
    assert source.vectors[:, 0].tolist() == source.manifest.frame["number"].cast(int).to_list()


@pytest.mark.parametrize("one", ["photos", Path("photos")])
def test_one_text_is_not_taken_for_a_list_of_its_letters(one: str | Path) -> None:
    words = "takes a list: give \\['photos'\\] in place of 'photos'"
    with pytest.raises(InputError, match=f"inputs {words}"):
        read(one)  # pyright: ignore[reportArgumentType]
    for name in ("inputs", "models", "cohort_by"):
        with pytest.raises(InputError, match=f"{name} {words}"):
            Study(**{"inputs": ["somewhere"], name: one})  # pyright: ignore[reportArgumentType]


def test_every_error_is_one_line(tree) -> None:
    for layout in ("folders", "table", "pairs", "embeddings", "none\nsuch"):
        with pytest.raises(InputError) as raised:
            read([photos(tree, "photos")], layout=layout)
        assert "\n" not in str(raised.value)
