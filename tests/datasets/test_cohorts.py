"""Which images make a cohort: bins of numbers, inputs of one name, several lists, and names of combined cohorts."""

from pathlib import Path

import numpy as np
import pytest

import facegap
from facegap.cli.options import split_names
from facegap.data.cohort_names import written
from facegap.data.source import Images
from facegap.datasets import read, read_source
from facegap.datasets.cohorts import MOST_COHORTS, MOST_NUMBERS, check_number
from facegap.errors import InputError
from facegap.jobs.check import check
from facegap.jobs.study import Study
from facegap.metrics import ThresholdFrom


def saved(path: Path, ages, subjects=None, **more) -> Path:
    vectors = np.random.default_rng(0).normal(size=(len(ages), 4)).astype(np.float32)
    subject = subjects or [f"s{i // 2}" for i in range(len(ages))]
    np.savez(path, embedding=vectors, subject=subject, age=np.array(ages, str), **more)
    return path


def cohorts(path: Path, *by: str) -> dict[str, list[str]]:
    """Return the ages in each cohort, in report order."""
    manifest = read([path], cohort_by=by)
    return {name: sorted(manifest.frame.filter(cohort=name)["age"].fill_null("")) for name in manifest.cohorts}


def test_numbers_go_into_bins_and_what_lies_in_none_is_unknown(tmp_path):
    path = saved(tmp_path / "m.npz", ["3", "17", "17.9", "18", "29", "30", "99", "", "old", "120"])
    assert cohorts(path, "age:0-17,18-29,30-99") == {
        "0-17": ["17", "17.9", "3"],
        "18-29": ["18", "29"],
        "30-99": ["30", "99"],
        "unknown": ["", "120", "old"],
    }
    assert list(cohorts(path, "age:0.5-17,17.8-")) == ["0.5-17", "17.8-", "unknown"]
    assert "17.9" in cohorts(path, "age:0.5-17,17.8-")["17.8-"]


def test_quartiles_are_those_of_all_inputs_together(tmp_path):
    young, old = saved(tmp_path / "young.npz", range(20, 28)), saved(tmp_path / "old.npz", range(28, 36))
    assert list(read([young, old], cohort_by=["age:quartiles"], separate_subjects=True).cohorts) == [
        "young · 20-23", "young · 24-27", "old · 28-31", "old · 32-35"
    ]  # fmt: skip
    lopsided = saved(tmp_path / "same.npz", [30] * 12 + [40, 50])
    assert list(cohorts(lopsided, "age:quartiles")) == ["30-30", "40-50"]


def test_bins_that_make_no_sense_are_refused(tmp_path):
    path = saved(tmp_path / "m.npz", ["1", "2", "3", "4"])
    for bins in ("0-20,18-30", "30-40,0-20", "20-10,30-"):
        with pytest.raises(InputError, match="do not rise"):
            read([path], cohort_by=[f"age:{bins}"])
    with pytest.raises(InputError, match="no value of 'subject_group' is a number"):
        read([saved(tmp_path / "n.npz", [1, 2, 3, 4], subject_group=list("abab"))], cohort_by=["subject_group:0-3,4-"])


def test_bins_stay_together_among_attributes():
    assert split_names(["sex,age:0-17, 18-29,30-", "mask"]) == ["sex", "age:0-17,18-29,30-", "mask"]
    assert split_names(["age:quartiles,sex"]) == ["age:quartiles", "sex"]
    assert split_names(["0-17,sex"]) == ["0-17", "sex"]
    assert split_names(None) == []


def test_a_cohort_for_each_of_many_numbers_is_refused_before_anything_is_measured(tmp_path):
    path = saved(tmp_path / "m.npz", [20 + i % 12 for i in range(48)], subjects=[f"s{i % 24}" for i in range(48)])
    with pytest.raises(InputError, match=r"12 cohorts .*--cohort age:quartiles .*--many-cohorts"):
        facegap.evaluate(Study([path], cohort_by=["age"]))
    wanted = facegap.evaluate(Study([path], cohort_by=["age"], many_cohorts=True, intervals="none"))
    assert wanted.cohorts.height == 13
    check_number([str(k) for k in range(MOST_NUMBERS)], ["age"])
    check_number([f"c{k}" for k in range(MOST_COHORTS)], ["place"])
    with pytest.raises(InputError, match="place:quartiles"):
        check_number([f"c{k}" for k in range(MOST_COHORTS + 1)], ["place"])


def photos(folder: Path, *subjects: str) -> Path:
    for subject in subjects:
        (folder / subject).mkdir(parents=True)
        for number in range(2):
            (folder / subject / f"{number}.jpg").touch()
    return folder


def test_two_folders_of_one_name_are_one_cohort(tmp_path):
    a, b, c = (photos(tmp_path / name, "Aoi", "001") for name in "abc")
    manifest = read([f"young={a}", f"young={b}", f"old={c}"])
    assert manifest.cohorts == ("young", "old")
    assert manifest.name == "young + old"
    assert manifest.frame.filter(cohort="young").height == 8
    # A name is one person in all of them; a number is another person in each, also within the cohort.
    assert sorted(manifest.frame["subject"].unique()) == sorted(["Aoi", "old/001", f"{a}/001", f"{b}/001"])


def test_folders_that_happen_to_have_one_name_are_refused(tmp_path):
    first, second = photos(tmp_path / "x" / "people", "A", "B"), photos(tmp_path / "y" / "people", "C", "D")
    with pytest.raises(InputError, match="both called 'people'"):
        read([first, second])


def test_several_lists_of_pairs_are_a_cohort_each(tmp_path):
    images = photos(tmp_path / "lfw", "A", "B", "C", "D")
    lists = []
    for name, (one, other) in {"African": "AB", "Asian": "CD"}.items():
        lists.append(tmp_path / f"{name}.csv")
        rows = [f"{one}/0.jpg,{one}/1.jpg,{one},{one}", f"{other}/0.jpg,{one}/0.jpg,{other},{one}"]
        lists[-1].write_text("\n".join(["path_a,path_b,subject_a,subject_b", *rows]) + "\n", encoding="utf-8")
    source = read_source(lists, images=images)
    assert isinstance(source, Images)
    assert source.pairs is not None
    frame = source.manifest.frame
    assert source.manifest.cohorts == ("African", "Asian")
    compared = [
        (frame["subject"][a], frame["subject"][b], same)
        for a, b, same in zip(source.pairs.a.tolist(), source.pairs.b.tolist(), source.pairs.same.tolist(), strict=True)
    ]
    assert compared == [("A", "A", True), ("B", "A", False), ("C", "C", True), ("D", "C", False)]
    with pytest.raises(InputError, match="lists of pairs alone"):
        read_source([lists[0], images], images=images)


def test_a_combined_cohort_can_be_written_with_a_comma(tmp_path):
    known = ("lfw · male", "lfw · female", "a, b", "a · b", "id · f/selfie · f")
    assert written("lfw, male", known) == "lfw · male"
    assert written("a, b", known) == "a, b"
    assert written("id, f/selfie, f", known) == "id · f/selfie · f"
    assert written("nobody, here", known) == "nobody, here"
    rows = 120
    path = saved(tmp_path / "m.npz", ["1"] * rows, sex=np.tile(list("fm"), rows // 2),
                 mask=np.repeat(list("yn"), rows // 2), subjects=[f"s{i % 30}" for i in range(rows)])  # fmt: skip
    asked = Study([path], cohort_by=["sex", "mask"], threshold_from=[ThresholdFrom("f, y", 0.1)])
    evaluation = facegap.evaluate(asked)
    assert "f · y@fmr=0.1" in set(evaluation.metrics["at"])
    (judged,) = check(evaluation, ['auc["f, y"] >= 0'])
    assert judged.measured.value == evaluation.value("auc", model="saved embeddings", cohort="f · y")
    (judged,) = check(evaluation, ['auc["f, n/f, y"] >= 0'])
    assert judged.measured.value == evaluation.value("auc", model="saved embeddings", cohort="f · n/f · y")
