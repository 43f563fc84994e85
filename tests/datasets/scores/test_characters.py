"""Lists of scores that were not written in UTF-8."""

from pathlib import Path

import pytest

from facegap.data.source import GivenScores
from facegap.datasets import read_source
from facegap.datasets.scores import batches
from facegap.errors import InputError
from facegap.report.text.inputs import input_text

NAMES = ["佐藤", "鈴木", "表_ソ", "\u0a0aguru"]
"""Shift-JIS writes 表 and ソ with the byte of a backslash; U+0A0A holds that of a line's end twice in UTF-16."""


def rows(names: list[str]) -> list[tuple[str, str, str, str, float]]:
    images = [(name, f"{name}/{k}.jpg") for name in names for k in range(20)]
    return [(s, t, a, b, 0.9 if s == t else 0.1) for s, a in images for t, b in images if a < b]


def columns(names: list[str]) -> str:
    lines = [f"{a},{b},{s},{t},男,{score}" for s, t, a, b, score in rows(names)]
    return "\r\n".join(["path_a,path_b,subject_a,subject_b,性別,score", *lines, ""])


def bob(names: list[str]) -> str:
    return "".join(f"{s} {a} {t} {b} {score}\n" for s, t, a, b, score in rows(names))


def given(path: Path) -> GivenScores:
    source = read_source([path])
    assert isinstance(source, GivenScores)
    return source


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("form", [columns, bob])
def test_scores_are_read_in_every_encoding_that_tables_are_read_in(
    tmp_path: Path, form, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BYTES", 999)  # parts end within characters and lines
    names = NAMES[:3] if encoding == "cp932" else NAMES
    path = tmp_path / "scores.csv"
    path.write_bytes(form(names).encode(encoding))
    source = given(path)
    assert sorted(set(source.manifest.frame["subject"])) == sorted(names)
    read = [(block.same.sum(), len(block.same)) for block in source.blocks()]
    assert read == [(sum(s == t for s, t, *_ in rows(names)), len(rows(names)))]
    note = {"cp932": "read as Shift-JIS (cp932), as it is not UTF-8", "utf-16": "read as UTF-16"}.get(encoding, "")
    summary = input_text(source.manifest.sources[0])
    assert note in summary
    assert ("read as" in summary) == bool(note)


@pytest.mark.parametrize("encoding", ["cp932", "utf-16"])
def test_two_files_of_scores_may_have_any_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "genuine.txt").write_bytes("佐藤 0.9\n鈴木 0.8\n".encode(encoding))
    (tmp_path / "impostor.txt").write_bytes("佐藤 0.1\n鈴木 0.2\n".encode(encoding))
    assert sum(len(block.same) for block in given(tmp_path / "genuine.txt").blocks()) == 4


def test_a_file_that_is_no_text_is_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes("path_a,path_b,score,same\nä,b,0.9,1\n".encode("latin-1"))
    with pytest.raises(InputError, match="neither UTF-8, UTF-16 nor Shift-JIS"):
        read_source([path])
