import base64
import io

from fontTools.ttLib import TTFont

from facegap.report.charts.fonts import embedded_font, font_folder


def test_the_font_holds_just_the_japanese_glyphs_in_use() -> None:
    uri = embedded_font("dlib in 若年女性 é →")
    assert uri is not None
    font = TTFont(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
    assert font.flavor == "woff"
    assert set(font.getBestCmap() or ()) == set(map(ord, "若年女性"))
    original = TTFont(font_folder() / "ipaexg.ttf")
    assert font["head"].modified == original["head"].modified


def test_latin_text_and_unknown_glyphs_need_no_font() -> None:
    assert embedded_font("general, Ærø, 1 − FNMR") is None
    assert embedded_font("\U0001f600") is None


def test_the_font_folder_holds_the_font() -> None:
    assert (font_folder() / "ipaexg.ttf").is_file()
