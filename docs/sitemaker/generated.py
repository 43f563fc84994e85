"""A Sphinx extension that fills in what facegap's own code knows: its commands, and the tables that it writes."""

import re
from collections.abc import Callable

from sphinx.application import Sphinx

from sitemaker.command_pages import commands
from sitemaker.repository import repository_links
from sitemaker.table_pages import tables

MADE: dict[str, Callable[[], str]] = {"commands": commands, "tables": tables}
"""Pages whose last part is made from the code when the site is built, by name."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", _complete)
    app.connect("autodoc-process-signature", _readable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _complete(app: Sphinx, page: str, source: list[str]) -> None:
    """Add what is made from the code, and lead links into the repository to its pages on the site.

    Where texts are listed for translators, of a page that nobody translates the title is enough.
    """
    if app.builder.name == "gettext" and page not in app.config.html_context["translated"]:
        source[0] = "# Not translated"
        return
    made = MADE[page]() if page in MADE else ""
    source[0] = repository_links(source[0]) + made


def _readable(  # Sphinx says what is documented, too
    _app: Sphinx, _what: str, _name: str, _it: object, _options: object, signature: str | None, returned: str | None
) -> tuple[str, str | None] | None:
    """Show a default that is no Python, such as that of a dataclass's list, as `...`."""
    return (re.sub(r"<[\w .]+>", "...", signature), returned) if signature else None
