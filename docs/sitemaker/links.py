"""Checks a built site: `python -m sitemaker.links FOLDER`, in `docs`.

Every link inside the site leads to a file that is there, and to a place on it that is there; and no page needs anything
from elsewhere: no script, style, font or picture.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
"""Attributes whose address a browser fetches by itself, by element."""

OF_STYLE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?!data:)([^"')]+)""")


class Page(HTMLParser):
    """What a page links to, what it loads, and the places on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif LOADED.get(tag) in given:
            self.loaded.append(given[LOADED[tag]])


def faults(site: Path) -> list[str]:
    """Return what is wrong with the pages of a folder, a line each."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        here = path.relative_to(site)
        found += [f"{here} loads {it}" for it in page.loaded if _away(it) or not _target(path, it).is_file()]
        for link in page.links:
            if _away(link):
                continue
            target, place = _target(path, link), unquote(urlsplit(link).fragment)
            if not target.is_file():
                found.append(f"{here} links to {link}: no such file")
            elif place and target in pages and place not in pages[target].places:
                found.append(f"{here} links to {link}: no such place on that page")
    for style in sorted(site.rglob("*.css")):
        found += [
            f"{style.relative_to(site)} loads {it}" for it in OF_STYLE.findall(style.read_text("utf-8")) if _away(it)
        ]
    return found


def _away(address: str) -> bool:
    return bool(urlsplit(address).scheme or urlsplit(address).netloc)


def _target(page: Path, link: str) -> Path:
    path = unquote(urlsplit(link).path)
    return (page.parent / path).resolve() if path else page


if __name__ == "__main__":
    print(*(wrong := faults(Path(sys.argv[1]).resolve())), sep="\n")
    sys.exit(bool(wrong))
