"""Lists of pairs without a header, and CelebA's list of subjects."""

from pathlib import Path

import pytest

from facegap.data.source import Images
from facegap.datasets import read, read_source
from facegap.errors import InputError

NAMES = [f"{who}/{who}_000{k}.jpg" for who in ("m.01", "m.02") for k in (1, 2)]
A1, A2, B1, B2 = NAMES


def pairs(tree, text: str, name: str = "list.txt", folder: str = "photos") -> list[tuple[str, str, bool, int]]:
    root = tree(*NAMES, folder=folder)
    (root / name).write_text(text)
    source = read_source([root / name])
    assert isinstance(source, Images)
    assert source.pairs is not None
    files = [str(Path(path).relative_to(root)) for path in source.manifest.paths]
    listed = source.pairs
    rows = zip(listed.a, listed.b, listed.same.tolist(), listed.fold.tolist(), strict=True)
    return [(files[a], files[b], same, fold) for a, b, same, fold in rows]


WANTED = [(A1, A2, True, 0), (B1, B2, True, 0), (A1, B1, False, 0), (A2, B2, False, 0)]


@pytest.mark.parametrize(
    "line",
    ["{a} {b} {flag}", "{a},{b},{flag}", "{a}\t{b}\t{flag}", "{flag} {a} {b}", "{a} {flag}\n{b} {flag}"],
)
def test_images_and_flags(tree, line: str) -> None:
    text = "\n".join(line.format(a=a, b=b, flag=int(same)) for a, b, same, _ in WANTED)
    assert pairs(tree, text) == WANTED
    assert pairs(tree, text, "list.csv", "again") == WANTED


def test_minus_one_and_numbers_of_folds(tree) -> None:
    assert pairs(tree, f"{A1} {A2} 1\n{A1} {B1} -1\n") == [(A1, A2, True, 0), (A1, B1, False, 0)]
    calfw = f"{A1} 7\n{A2} 7\n{B1} 8\n{B2} 8\n{A1} 0\n{B1} 0\n"
    assert [same for _, _, same, _ in pairs(tree, calfw)] == [True, True, False]


def test_lines_of_lfw_without_a_count(tree) -> None:
    fold = "m.01\t1\t2\nm.02\t1\t2\nm.01\t1\tm.02\t1\nm.01\t2\tm.02\t2\n"
    assert pairs(tree, fold) == WANTED
    assert [fold for *_, fold in pairs(tree, fold + fold)] == [0] * 4 + [1] * 4
    assert [fold for *_, fold in pairs(tree, fold + "m.01 1 2\n")] == [0] * 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{A1} {A2} 1\n{A1} {B1} 0.5\n", "line 2: found .* expected two images and 1 or 0"),
        (f"{A1} {A2} 1\n{A1} {B1}\n", "line 2: found"),
        (f"{A1} {A1} 1\n{A1} {B1} 0\n", "line 1: .* is compared with itself"),
        (f"{A1} 1\n{A2} 1\n{B1} 0\n", "has 3 lines, but a pair takes two"),
        (f"{A1} 1\n{A2} 1\n{B1} 0\nnothing\n", "line 4: found 'nothing', expected an image and a number"),
        ("m.01 1 2\nm.01 1 m.02\n", "line 2: found"),
    ],
)
def test_malformed_lines(tree, text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        pairs(tree, text)


def test_a_list_of_subjects(tree) -> None:
    root = tree("000001.jpg", "000002.jpg", "000003.jpg", folder="img")
    file = root.parent / "identity_CelebA.txt"
    file.write_text("000001.jpg 2880\n000002.jpg 2937\n000003.jpg 2880\n")
    manifest = read([file], images=root)
    assert manifest.subjects == ["2880", "2880", "2937"]
    assert manifest.sources[0].layout == "table"
    file.write_text("000001.jpg 5\n000002.jpg 5\n000003.jpg 7\n000003.jpg 7\n")
    assert read([file], images=root).subjects == ["5", "5", "7"]
