"""How Sphinx makes the documentation site: `make docs` builds it in English and in Japanese."""

import logging
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))
logging.getLogger("facegap").setLevel(logging.WARNING)  # a style of code that furo brings shows all that is logged

project = "facegap"
author = copyright = "The facegap developers"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sitemaker.generated",
]
exclude_patterns = ["sitemaker", "_templates", "_static", "locales"]

myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 4
myst_url_schemes = ["http", "https"]

default_role = "code"  # docstrings write `name` as Markdown does
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
maximum_signature_line_length = 80

language = "en"
locale_dirs = ["locales"]
gettext_compact = False
gettext_location = False
gettext_last_translator = gettext_language_team = ""

html_theme = "furo"  # its fonts and scripts come with it: the pages ask no other site for anything
html_title = "facegap"
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"top_of_page_buttons": []}
html_context = {"translated": sorted(path.stem for path in (DOCS / "locales/ja/LC_MESSAGES").glob("*.po"))}
