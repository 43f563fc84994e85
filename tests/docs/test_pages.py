"""The documentation site: every page can be reached, and what must be complete is complete."""

import re
from pathlib import Path

import facegap
import facegap.testing
from sitemaker.command_pages import commands
from sitemaker.examples import commands as examples
from sitemaker.repository import repository_links
from sitemaker.table_pages import tables

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {path.stem for path in DOCS.glob("*.md")}


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def listed() -> list[str]:
    """Return the pages of the tables of contents."""
    return re.findall(r"^[^:\n].* <(.+)>$", page("index"), re.MULTILINE)


def test_every_page_is_in_a_table_of_contents_once() -> None:
    assert sorted(listed()) == sorted(PAGES - {"index"})


def test_the_reference_of_python_has_every_public_name() -> None:
    documented = set(re.findall(r"^\.\. auto\w+:: (\S+)$", page("api"), re.MULTILINE))
    public = {f"facegap.{name}" for name in facegap.__all__}
    suites = {f"facegap.testing.{name}" for name in facegap.testing.__all__}
    assert documented == public | suites


def test_the_reference_of_commands_shows_their_options_and_links_to_pages() -> None:
    shown = commands()
    assert "## lookalikes" in shown
    assert re.search(r"`` --most-images <int> `` \| Take at most this many", shown)
    assert "[privacy](privacy.md)" in shown
    assert set(re.findall(r"\]\(([\w-]+)\.md", shown)) <= PAGES


def test_the_reference_of_tables_has_words_for_every_column() -> None:
    shown = tables()  # raises where one has none
    assert "| `p_holm` | number | p-value adjusted over all claims" in shown
    assert "### `explanation.gaps`" in shown


def test_links_into_the_repository_lead_to_its_pages_on_the_site() -> None:
    assert (
        repository_links("[a](../CONTRIBUTING.md#words) [b](../CHANGELOG.md)")
        == "[a](contributing.md#words) [b](changelog.md)"
    )


def test_the_start_page_has_commands_to_run() -> None:
    assert {command[1] for command in examples(page("start"))} == {"synth", "evaluate", "table", "check"}
