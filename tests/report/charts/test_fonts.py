import base64
import io

import pytest
import uharfbuzz
from PIL import ImageFont

from facegap.report.charts.fonts import FAMILY, FILE, embedded_font, font_folder


def held_by(uri: str | None) -> bytes:
    assert uri is not None
    return base64.b64decode(uri.partition(",")[2])


def test_the_font_holds_just_the_glyphs_in_use() -> None:
    font = held_by(embedded_font("dlib in 若年女性 é →"))
    assert set(uharfbuzz.Face(font).unicodes) == set(map(ord, "若年女性"))
    assert len(font) < 10_000


@pytest.mark.parametrize("text", ["若年女性", "김민수", "李小龙", "李小龍", "やまだ ハナコ"])
def test_glyphs_are_those_of_the_whole_font(text: str) -> None:
    ours = ImageFont.truetype(io.BytesIO(held_by(embedded_font(text))), 40)
    whole = ImageFont.truetype(font_folder() / FILE, 40)
    for letter in text.replace(" ", ""):
        assert bytes(ours.getmask(letter)) == bytes(whole.getmask(letter)) != bytes(whole.getmask("\ufffe"))


def test_latin_text_and_unknown_glyphs_need_no_font() -> None:
    assert embedded_font("general, Ærø, 1 − FNMR") is None
    assert embedded_font("\U0001f600") is None


def test_the_same_text_gives_the_same_font() -> None:
    assert embedded_font("山田 花子") == embedded_font("花子 山田")


def test_files_name_the_font_as_it_calls_itself() -> None:
    assert ImageFont.truetype(font_folder() / FILE).getname()[0] == FAMILY
