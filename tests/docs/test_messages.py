"""The translated pages: each of their texts has its translation, and none is of an older page."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog, pofile
from markdown_it import MarkdownIt

from sitemaker.messages import LOCALES, extract, translated

JAPANESE = ("cite", "faq", "gallery", "glossary", "index", "law", "questions", "report", "start")


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the texts of every page as they are now."""
    folder = tmp_path_factory.mktemp("gettext")
    extract(folder)
    return folder


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return pofile.read_po(file)


def ids(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}


def catalogue(language: str, page: str) -> Catalog:
    return read(LOCALES / language / "LC_MESSAGES" / f"{page}.po")


def test_these_pages_are_in_japanese() -> None:
    assert set(JAPANESE) <= set(translated("ja"))


@pytest.mark.parametrize("page", translated("ja"))
def test_every_text_of_the_page_is_translated(texts: Path, page: str) -> None:
    """After a change of a page: `make docs-messages`, then fill what is empty or marked fuzzy."""
    known = catalogue("ja", page)
    assert ids(known) == ids(read(texts / f"{page}.pot"))
    unfinished = [message.id for message in known if message.id and (message.fuzzy or not message.string)]
    assert unfinished == []


@pytest.mark.parametrize("page", translated("ja"))
def test_a_translation_keeps_the_links_the_code_and_the_emphasis_of_its_text(page: str) -> None:
    """As rendered: `**` after a Japanese full stop and before a letter is no emphasis."""
    for message in filter(lambda message: message.id, catalogue("ja", page)):
        assert marked(str(message.id)) == marked(str(message.string)), message.string


def marked(text: str) -> list[str]:
    return sorted(re.findall(r'href="[^"]+"|<code>.+?</code>|<strong>|<em>', MarkdownIt().renderInline(text)))
