import random
from pathlib import Path

import polars as pl
import pytest

from facegap.data.statement import in_english
from facegap.datasets.sheet import find_column, read_sheet
from facegap.errors import InputError


def sheet(tmp_path: Path, content: str | bytes, name: str = "t.csv"):
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_sheet(file)


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n", "\ufeffa,b\r\n1,2\r\n", "a\tb\n1\t2", "a;b\n1;2\n\n\n", "\n a , b \n1,2,"[:-1]]
)
def test_delimiters_and_line_ends(tmp_path: Path, content: str) -> None:
    assert sheet(tmp_path, content).frame.to_dict(as_series=False) == {"a": ["1"], "b": ["2"]}


def test_values_stay_text(tmp_path: Path) -> None:
    assert sheet(tmp_path, 'a,b\n007,"x, ""y""\nz"\n').frame.row(0) == ("007", 'x, "y"\nz')


def test_shift_jis_is_read_and_said(tmp_path: Path) -> None:
    read = sheet(tmp_path, "path,名前\na.png,佐藤\n".encode("cp932"))
    assert read.frame["名前"].to_list() == ["佐藤"]
    assert "Shift-JIS" in in_english(read.note)
    assert not sheet(tmp_path, "path,名前\na.png,佐藤\n").note


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_and_said(encoding: str, tmp_path: Path) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    read = sheet(tmp_path, f"{mark}path\t名前\r\na.png\t佐藤\r\n".encode(encoding))
    assert read.frame.row(0) == ("a.png", "佐藤")
    assert in_english(read.note) == "read as UTF-16"


@pytest.mark.parametrize("line", ["sep=,", '"sep=,"', "SEP=;\r", "\ufeffsep=\t", "sep=|"])
def test_the_separator_can_stand_before_the_header(line: str, tmp_path: Path) -> None:
    between = line.strip('"\r')[-1]
    read = sheet(tmp_path, f"{line}\npath{between}note\n1{between}2\n")
    assert read.frame.row(0) == ("1", "2")
    assert read.frame.columns[0] == "path"
    assert read.where(0).endswith("(line 3)")


def test_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    assert sheet(tmp_path, "a,b,,\n1,2,,\n").frame.columns == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "has no rows"),
        ("a,b\n", "has no rows"),
        ("a,b\n\n1,2,3\n", "line 3: found 3 fields, expected 2"),
        ("a,b\n1\n", "line 2: found 1 fields, expected 2"),
        ('a,b\n"1,2\n', "line 2: unexpected end of data"),
        ('a,b\n"1"x,2\n', "line 2: ',' expected"),
        ("a,a\n1,2\n", "two columns called 'a'"),
        (b"\xff\xfea\0,\0b\0", "has no rows"),
        (b"\xff\xfea\0,\0b", "neither UTF-8, UTF-16 nor Shift-JIS"),
        (b"a\0,\0b\0\n\0", "neither UTF-8, UTF-16 nor Shift-JIS"),
        (b"a,b\n\0,1\n", "neither UTF-8, UTF-16 nor Shift-JIS"),
        ("caf\u00e9,b\n1,2\n".encode("latin-1"), "neither UTF-8, UTF-16 nor Shift-JIS"),
        ("sep=;\na,b\n", "has no rows"),
        ("sep=;\na;b\n1;2;3\n", "line 3: found 3 fields, expected 2"),
    ],
)
def test_malformed_text(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as raised:
        sheet(tmp_path, content)
    assert "\n" not in str(raised.value)


def test_parquet(tmp_path: Path) -> None:
    folder = tmp_path / "sex=male [*]"
    folder.mkdir()
    pl.DataFrame({" a ": [1, 2]}).write_parquet(folder / "t[1].parquet")
    read = read_sheet(folder / "t[1].parquet")
    assert read.frame.to_dict(as_series=False) == {"a": [1, 2]}
    assert read.where(1).endswith("t[1].parquet, row 2")
    assert read_sheet(folder / "t[1].parquet", rows=1).frame.height == 1


def test_no_damage_to_a_parquet_file_escapes(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    pl.DataFrame({"path": [f"{i}.png" for i in range(50)], "subject": ["a", "b"] * 25}).write_parquet(file)
    whole = file.read_bytes()
    dice = random.Random(0)
    damaged = [b"", b"PAR1", b"PARE" + whole[4:-4] + b"PARE", whole[:-9], whole[9:], b"x" * 100]
    for _ in range(100):
        changed = bytearray(whole)
        for _ in range(8):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        damaged.append(bytes(changed))
    refusals = []
    for content in damaged:
        file.write_bytes(content)
        try:
            read_sheet(file)
        except InputError as error:
            refusals.append(str(error))
    assert len(refusals) > 20
    assert not [refusal for refusal in refusals if "\n" in refusal]


def test_the_file_must_be_readable(tmp_path: Path) -> None:
    for name in ("missing.csv", "missing.parquet"):
        with pytest.raises(InputError, match=r"readable|read"):
            read_sheet(tmp_path / name)


def test_columns_are_found_whatever_their_case() -> None:
    assert find_column(["Name", "IDENTITY"], ["subject", "identity", "name"], Path("t")) == "IDENTITY"
    assert find_column(["x"], ["subject"], Path("t")) is None
    with pytest.raises(InputError, match="two columns called 'path'"):
        find_column(["Path", "path"], ["path"], Path("t"))


def test_rows_are_told_by_line(tmp_path: Path) -> None:
    assert sheet(tmp_path, 'a\n"1\n2"\n\n3\n').where(1).endswith("t.csv, row 2 (line 5)")
