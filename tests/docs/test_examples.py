"""Commands of a page are run, and their output stands below them."""

import re
from pathlib import Path

import pytest

from sitemaker.examples import commands, renewed

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = """Text.

```console
$ facegap synth people \\
    --subjects 1 --images 2
old
```

    facegap evaluate photos --model dlib
"""


def test_only_blocks_of_a_console_are_run() -> None:
    assert commands(PAGE) == [["facegap", "synth", "people", "--subjects", "1", "--images", "2"]]


def test_what_a_command_prints_replaces_what_stood_below(tmp_path: Path) -> None:
    assert renewed(PAGE, tmp_path) == PAGE.replace("old", "2 synthetic images of 1 subjects in people")
    assert len(list((tmp_path / "people").rglob("*.jpg"))) == 2


def test_a_command_that_goes_wrong_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="exit code 2"):
        renewed("```console\n$ facegap check gone --rule 'auc >= 0.5'\n```\n", tmp_path)


def test_only_facegap_is_run(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="only facegap"):
        renewed("```console\n$ touch gone\n```\n", tmp_path)


def words(page: str) -> str:
    """Return a page without the digits and widths that another machine may round otherwise."""
    return re.sub(r"[\s━╇┃]+", " ", re.sub(r"[0-9]+", "0", page))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["start", "cite"])
def test_the_page_shows_what_its_commands_print_today(name: str, tmp_path: Path) -> None:
    """Where it does not: `make docs-messages`."""
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert words(renewed(page, tmp_path)) == words(page)
