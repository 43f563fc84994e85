"""Japanese, Chinese and Korean text where no such font is: Noto Sans CJK, of which a page gets what it uses."""

# uharfbuzz's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

import base64
from importlib.util import find_spec
from pathlib import Path

import uharfbuzz

FAMILY = "Noto Sans CJK JP"
PACKAGE = "noto_cjk_sans_jp_regular"
FILE = "NotoSansCJKjp-Regular.otf"
_BEYOND_LATIN = 0x2E80
"""Chinese, Japanese and Korean scripts start here; system fonts cover what comes before."""


def font_folder() -> Path:
    """Return the folder with the font."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {PACKAGE}, which carries the Japanese font, is not installed")
    return Path(spec.origin).parent


def needed_glyphs(text: str) -> set[int]:
    """Return the characters of a text that a Latin font does not hold."""
    return {ord(char) for char in set(text) if ord(char) >= _BEYOND_LATIN}


def embedded_font(text: str) -> str | None:
    """Return a data URI of a font with just the Chinese, Japanese and Korean glyphs of `text`, None if it has none."""
    if not (asked_for := needed_glyphs(text)):
        return None
    font = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(font_folder() / FILE))
    needed = asked_for & set(font.unicodes)
    if not needed:
        return None
    asked = uharfbuzz.SubsetInput()
    asked.unicode_set.update(needed)
    asked.layout_feature_tag_set.clear()
    subset = uharfbuzz.subset(font, asked)
    return f"data:font/otf;base64,{base64.b64encode(subset.blob.data).decode()}"
