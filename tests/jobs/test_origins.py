"""What is said of cohorts that come from different inputs, and what the headers of their images add."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facegap.data.source import Source
from facegap.datasets import read_source
from facegap.jobs.collect import find
from facegap.jobs.collected import Collected
from facegap.jobs.origins import origin_findings
from facegap.jobs.study import Study
from facegap.jobs.subset import only, together
from facegap.report.text.findings import finding_text


def photos(folder: Path, sizes=((60, 40),), suffix="png", subjects=2) -> Path:
    for s in range(subjects):
        for k, size in enumerate(sizes):
            path = folder / f"{folder.name}{s}" / f"{k}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", size).save(path)
    return folder


def said(source: Source) -> list[str]:
    return [finding_text(finding) for finding in origin_findings(source)]


def test_cohorts_of_different_inputs_are_said_with_their_names_and_paths(tmp_path: Path) -> None:
    a, b = photos(tmp_path / "a"), photos(tmp_path / "b")
    (message,) = said(read_source([f"general={a}", f"young={b}"]))
    assert f"different inputs (general: {a}, young: {b}): a gap between them can also come from the camera" in message
    assert "pixels" not in message, "their images are alike"


def test_sizes_and_formats_are_said_where_they_differ(tmp_path: Path) -> None:
    a = photos(tmp_path / "a", [(250, 250), (250, 250), (900, 30)], "jpg")
    b = photos(tmp_path / "b", [(40, 60), (60, 40), (61, 39)])
    (message,) = said(read_source([a, b]))
    assert "their images do differ: a 250 x 250 pixels, JPEG, b 60 x 40 pixels, PNG (medians" in message
    (message,) = said(read_source([a, photos(tmp_path / "c", [(250, 250)], "png")]))
    assert "c 250 x 250 pixels, PNG" in message


def test_a_camera_held_upright_is_no_difference(tmp_path: Path) -> None:
    (message,) = said(read_source([photos(tmp_path / "a", [(60, 40)]), photos(tmp_path / "b", [(40, 60)])]))
    assert "pixels" not in message


def test_files_that_are_no_images_are_passed_over(tmp_path: Path) -> None:
    a, b = photos(tmp_path / "a", [(30, 30)] * 3), photos(tmp_path / "b", [(90, 90)] * 3)
    (a / "a0" / "0.png").write_bytes(b"no image")
    (message,) = said(read_source([a, b]))
    assert "a 30 x 30 pixels, PNG, b 90 x 90 pixels, PNG" in message
    for path in a.rglob("*.png"):
        path.write_bytes(b"")
    (message,) = said(read_source([a, b]))
    assert "pixels" not in message


def test_only_some_headers_are_read(tmp_path: Path, monkeypatch) -> None:
    a, b = photos(tmp_path / "a", [(30, 30)] * 60), photos(tmp_path / "b", [(90, 90)] * 3)
    opened = []
    monkeypatch.setattr("facegap.jobs.origins.header", opened.append)
    assert len(said(read_source([a, b]))) == 1
    assert len(opened) == 50 + 6
    assert {Path(path).parent.name for path in opened} == {"a0", "a1", "b0", "b1"}


@pytest.mark.parametrize("cohort_by", [[], ["sex"]])
def test_cohorts_of_one_input_are_no_finding(tmp_path: Path, cohort_by: list[str]) -> None:
    photos(tmp_path / "a")
    table = tmp_path / "people.csv"
    table.write_text("path,subject,sex\n" + "".join(f"a/a{s}/0.png,{s},{'fm'[s]}\n" for s in range(2)))
    assert said(read_source([table], cohort_by=cohort_by)) == []
    empty = tmp_path / "empty"
    empty.mkdir()
    assert said(read_source([tmp_path / "a", empty])) == []
    assert said(read_source([f"x={tmp_path / 'a'}", f"y={empty / '..' / 'a'}"])) == []


def test_attributes_within_several_inputs(tmp_path: Path) -> None:
    tables = []
    for name in "ab":
        photos(tmp_path / name)
        tables.append(tmp_path / f"{name}.csv")
        rows = "".join(f"{name}/{name}{s}/0.png,{name}{s},{'fm'[s]}\n" for s in range(2))
        tables[-1].write_text("path,subject,sex\n" + rows)
    source = read_source(tables, cohort_by=["sex"])
    manifest = source.manifest
    assert manifest.cohorts == ("a · f", "a · m", "b · f", "b · m")
    assert manifest.origin == (0, 0, 1, 1)
    (message,) = said(source)
    assert f"(a: {tables[0]}, b: {tables[1]})" in message


def test_saved_embeddings_have_no_size(tmp_path: Path) -> None:
    for name in "ab":
        np.savez(tmp_path / f"{name}.npz", embedding=np.eye(4), subject=[name + str(k // 2) for k in range(4)])
    (message,) = said(read_source([tmp_path / "a.npz", tmp_path / "b.npz"]))
    assert "different inputs (a: " in message
    assert "pixels" not in message


def collected(*inputs: Path) -> Collected:
    return find(Study(inputs=inputs))


def test_an_evaluation_says_it(tmp_path: Path) -> None:
    found = collected(photos(tmp_path / "a"), photos(tmp_path / "b"))
    assert [finding.kind for finding in found.manifest.findings].count("different-inputs") == 1


def test_collections_that_are_cut_and_joined_know_where_their_cohorts_come_from(tmp_path: Path) -> None:
    a, b, c = (photos(tmp_path / name, [(size, size)]) for name, size in (("a", 30), ("b", 60), ("c", 90)))
    both, third = collected(a, b), collected(c)
    rows = np.array([cohort == "b" for cohort in both.manifest.frame["cohort"]])
    one = only(both, rows)
    assert one.manifest.origin == (1,)
    assert said(one.source) == []
    joined = together(one, third).manifest
    assert (joined.cohorts, joined.origin) == (("b", "c"), (1, 2))
    (message,) = [finding_text(finding) for finding in joined.findings if finding.kind == "different-inputs"]
    assert f"(b: {b}, c: {c})" in message
    assert "b 60 x 60 pixels, PNG, c 90 x 90 pixels, PNG" in message
