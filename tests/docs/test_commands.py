"""Every command that the documentation shows has the options that it is shown with."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from facegap.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
LINE = re.compile(r"^(?: {4,}|\$ )(?:\S+=\S+ )*facegap (.*(?:(?<=\\)\n.*)*)|`facegap ([^`]+)`", re.MULTILINE)
OPTION = re.compile(r"(?<=\s)(--?[a-z][a-z-]*)")


def options() -> dict[str, set[str]]:
    """Return the options of each command, and those that all share under ""."""
    group: Any = typer.main.get_command(app)
    known = {name: of(command) for name, command in group.commands.items()}
    return {**known, "": of(group)}


def of(command: Any) -> set[str]:
    context = command.make_context("", [], resilient_parsing=True)
    return {name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)}


def shown(page: Path) -> list[str]:
    found = LINE.findall(page.read_text(encoding="utf-8"))
    return [without_comment(one or other) for one, other in found]


def without_comment(line: str) -> str:
    return re.sub(r"'[^']*'|\s#.*| [|>] .*| && .*", " ", line)


def test_options_are_seen() -> None:
    assert "--rule" in options()["check"]
    assert len(shown(ROOT / "README.md")) > 10
    assert OPTION.findall(without_comment("check r/ --rule 'x --gone' -o a.csv   # or --other")) == ["--rule", "-o"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_options_of_each_command_exist(page: Path) -> None:
    known = options()
    for line in shown(page):
        name = line.split()[0]
        if name in known:
            assert set(OPTION.findall(line)) <= known[name] | known[""], line
        else:
            assert name.startswith("-") or name in {"COMMAND", "…", "..."}, line
