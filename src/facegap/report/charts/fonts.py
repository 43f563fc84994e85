"""Japanese text on machines without a Japanese font: the IPAex Gothic that matplotlib-fontja carries."""

import base64
import io
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "IPAexGothic"
_BEYOND_LATIN = 0x2E80
"""Chinese, Japanese and Korean scripts start here; system fonts cover what comes before."""


def font_folder() -> Path:
    """Return the folder with the font. The package is not imported: it would import matplotlib."""
    spec = find_spec("matplotlib_fontja")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package matplotlib-fontja, which carries the Japanese font, is not installed")
    return Path(spec.origin).parent / "fonts"


def embedded_font(text: str) -> str | None:
    """Return a data URI of a WOFF font with just the Japanese glyphs of `text`, None where it needs none."""
    font = TTFont(font_folder() / "ipaexg.ttf", recalcTimestamp=False)
    needed = {ord(char) for char in set(text) if ord(char) >= _BEYOND_LATIN} & set(font.getBestCmap() or ())
    if not needed:
        return None
    options = subset.Options()
    options.layout_features = []
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=needed)
    subsetter.subset(font)
    font.flavor = "woff"
    packed = io.BytesIO()
    font.save(packed)
    return f"data:font/woff;base64,{base64.b64encode(packed.getvalue()).decode()}"
