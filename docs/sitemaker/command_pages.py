"""The reference of the command line, made from the commands themselves."""

import re
from typing import Any

import typer

from facegap.cli.app import HELP_WIDTH, app


def commands() -> str:
    """Return, in Markdown, each command with its arguments and options as `--help` shows them."""
    group: Any = typer.main.get_command(app)
    root = group.make_context("facegap", [], resilient_parsing=True)
    parts = [_parameters(group, root)]
    for name, command in group.commands.items():
        context = command.make_context(name, [], parent=root, resilient_parsing=True, max_content_width=HELP_WIDTH)
        pieces = " ".join(["facegap", name, *command.collect_usage_pieces(context)])
        parts.append(
            f"\n## {name}\n\n{_prose(command.help)}\n\n```text\n{pieces}\n```\n\n{_parameters(command, context)}"
        )
    return "\n".join(parts)


def _parameters(command: Any, context: Any) -> str:
    records = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    rows = [f"| {_code(names)} | {_cell(text)} |" for names, text in records]
    return "\n".join(["| | |", "|---|---|", *rows, ""])


def _prose(text: str | None) -> str:
    return re.sub(r"[ \n]+", " ", (text or "").strip())


def _code(names: str) -> str:
    return "`` " + names.replace("|", "\\|") + " ``"


def _cell(text: str) -> str:
    """Return a text of `--help`, in which only options and names of pages mean anything, as a cell of a table."""
    plain = re.sub(r"([\\`*_<>\[\]|#$])", r"\\\1", _prose(text))
    plain = re.sub(r"--[a-z][a-z-]+", r"`\g<0>`", plain)
    return re.sub(r"docs/([a-z-]+)\.md", r"[\1](\1.md)", plain)
