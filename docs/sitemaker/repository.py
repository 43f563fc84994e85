"""Links from docs to files of the repository that are pages of the site, too."""

import re

PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Files beside `docs`, and the pages that include them."""

_LINK = re.compile(r"\]\(\.\./(" + "|".join(map(re.escape, PAGES)) + r")")


def repository_links(text: str) -> str:
    """Return the Markdown with links such as `../CONTRIBUTING.md#words` led to pages of the site."""
    return _LINK.sub(lambda link: f"]({PAGES[link[1]]}", text)
