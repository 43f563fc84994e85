"""From an Altair chart to what is shown: a specification for the page, SVG and PNG files; the network is not used."""

import base64
import gzip
import json
import re
import textwrap
from typing import Any

import vl_convert
from altair import SCHEMA_VERSION

from facegap.report.charts.charts import HOVER, Chart
from facegap.report.charts.fonts import FAMILY, font_folder
from facegap.report.charts.rows import Rows, rows_in
from facegap.run.cache import compiled_root
from facegap.run.kept import kept
from facegap.run.versions import version
from facegap.run.visible import shown

VEGA_LITE = ".".join(SCHEMA_VERSION.removeprefix("v").split(".")[:2])
FILE_FONTS = f"DejaVu Sans, {FAMILY}, sans-serif"
FILE_WIDTH = 560
PNG_SCALE = 2.0
TITLE_LINES = 4

_QUIET = {"labelColor": "#333333", "titleColor": "#333333", "labelFontSize": 12, "titleFontSize": 12}
_CONFIG = {
    "background": "white",
    "view": {"stroke": "#d0d0d0"},
    "axis": {**_QUIET, "titleFontWeight": "normal", "gridColor": "#ececec", "domain": False, "tickColor": "#b0b0b0"},
    "legend": {
        **_QUIET,
        "orient": "bottom",
        "direction": "vertical",
        "columnPadding": 24,
        "symbolType": "stroke",
        "symbolSize": 300,
    },
    "title": {"anchor": "start", "fontSize": 15, "fontWeight": "normal", "color": "#222222", "offset": 12},
    "text": {"fontSize": 12},
}


def page_spec(chart: Chart, fonts: str) -> tuple[dict[str, Any], list[Rows]]:
    """Return the specification of a chart as wide as its container, and apart from it the rows it names."""
    spec = chart.to_dict(validate=False)
    rows = rows_in(spec)
    legend = {**_CONFIG["legend"], "labelLimit": 250, "labelFontSize": 11}
    config = {**_CONFIG, "background": None, "font": fonts, "legend": legend}
    return {**fit(spec), "config": config, "width": "container"}, rows


def svg(chart: Chart, title: str) -> str:
    """Return a chart as SVG with its title; the same chart gives the same text."""
    spec = chart.to_dict(validate=False)
    datasets = {str(rows): rows.frame.to_dicts() for rows in rows_in(spec)}
    spec = fit(spec)
    spec["datasets"] = spec.get("datasets", {}) | datasets
    spec["layer"] = [layer for layer in spec["layer"] if layer.get("name") != HOVER]
    legend = {**_CONFIG["legend"], "labelLimit": FILE_WIDTH}
    spec.update(
        config={**_CONFIG, "font": FILE_FONTS, "legend": legend},
        width=FILE_WIDTH,
        title=textwrap.wrap(shown(title), 72, max_lines=TITLE_LINES, placeholder="…"),
        padding=12,
    )
    vl_convert.register_font_directory(str(font_folder()))
    return _renumbered(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[]))


def png(drawn: str) -> bytes:
    """Return a drawn SVG as PNG at twice its size."""
    return vl_convert.svg_to_png(drawn, scale=PNG_SCALE)


def pdf(drawn: str) -> bytes:
    """Return a drawn SVG as PDF."""
    return vl_convert.svg_to_pdf(drawn)


def script() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that sets `window.vegaEmbed`."""
    folder = compiled_root()  # it runs in the reader's browser, so nobody else may write it
    if folder is None:
        return _bundle().decode()
    name = f"vega-lite-{VEGA_LITE}-{version('vl-convert-python')}.js"
    return kept(name, _bundle, folder=folder).decode()


def _bundle() -> bytes:
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE).encode()


def packed(text: str) -> str:
    """Return a text as gzip in Base64, as a script of the page reads it; the same text gives the same."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def embedded_json(value: object) -> str:
    """Return JSON that is safe inside a script element, whatever the strings in it say."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def fit(value: Any) -> Any:
    """Return a specification whose texts, names among them, are fit to be shown; equal texts stay equal."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [fit(one) for one in value]
    return {key: fit(one) for key, one in value.items()} if isinstance(value, dict) else value


def _renumbered(drawn: str) -> str:
    """Number clip paths from 0: Vega counts them over the life of the process."""
    numbers: dict[str, str] = {}
    return re.sub(r"\bclip\d+\b", lambda found: numbers.setdefault(found[0], f"clip{len(numbers)}"), drawn)
