"""A study in a file: the options that `facegap evaluate` declares, as keys of TOML."""

import os
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from facegap.cli.groups import RunningOptions
from facegap.errors import InputError, Phrase

ELSEWHERE = {"config", "out", "anonymous", "same_data", "memory", *(field.name for field in fields(RunningOptions))}
"""Options that say where a study runs and is written to, and change no number: a report's own file leaves them out."""

HEAD = "# A study: `facegap evaluate --config FILE` runs it. Relative paths start from the folder you are in.\n\n"


def take_config(ctx: typer.Context, path: Path | None) -> Path | None:
    """Let the keys of a file stand for options that are not given; a callback of the option `--config`.

    Raises:
        InputError: the file is no TOML, or a key is no option or has a value that an option cannot have.
    """
    if path is not None:
        ctx.default_map = {**(ctx.default_map or {}), **_read(path, _keys(ctx))}
    return path


Config = Annotated[
    Path | None,
    typer.Option(
        help="Take what is not given here from this TOML file, e.g. a report's study.toml: see docs/publish.md.",
        is_eager=True,
        callback=take_config,
    ),
]


def study_text(ctx: typer.Context) -> str:
    """Return the study that a command was asked for as a file for `--config`, its defaults too."""
    import tomli_w

    kept = {key: _plain(ctx.params[name]) for key, name in _kept(ctx)}
    return HEAD + tomli_w.dumps({key: value for key, value in kept.items() if value not in (None, [])})


def study_command(ctx: typer.Context) -> str:
    """Return the command line of a study, however it was given, without where it ran and was written to."""
    words = []
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if param.name in ELSEWHERE - {"anonymous"} or value in (None, [], (), param.default):
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, bool):
                words.append(param.opts[0] if one else param.secondary_opts[0])
            else:
                words += [*([_longest(param.opts)] if param.param_type_name == "option" else []), str(one)]
    return shlex.join(["facegap", "evaluate", *words])


def _kept(ctx: typer.Context) -> Iterator[tuple[str, str]]:
    return ((key, param.name) for key, param in _keys(ctx).items() if param.name not in ELSEWHERE)


def _keys(ctx: typer.Context) -> Mapping[str, Any]:
    """Return the arguments and options of a command by the names that they have in a file: `--at` is `at`."""
    named = [one for one in ctx.command.params if one.name not in ("config", "help")]
    return {
        (_longest(one.opts) if one.param_type_name == "option" else one.name or "").lstrip("-"): one for one in named
    }


def _longest(names: list[str]) -> str:
    return max(names, key=len)


def _read(path: Path, keys: Mapping[str, Any]) -> dict[str, Any]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({reason}): give a study's TOML file with --config", path=path, reason=error.strerror
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(
            '{path} is no TOML ({reason}): write e.g. inputs = ["photos"]',
            path=path,
            reason=" ".join(str(error).split()),
        ) from None
    found = {}
    for key, value in given.items():
        if key not in keys:
            near = get_close_matches(key, keys, n=1, cutoff=0)[0]
            raise InputError(
                "{path}: there is no key {key!r}: did you mean {near!r}? The keys are {keys}",
                path=path,
                key=key,
                near=near,
                keys=", ".join(keys),
            )
        found[keys[key].name] = _fit(path, key, value, several=keys[key].multiple or keys[key].nargs == -1)
    return found


def _fit(path: Path, key: str, value: object, *, several: bool) -> object:
    """Return a value as an option takes it: a single text is a list of one where there may be several."""
    values = value if isinstance(value, list) else [value]
    if (isinstance(value, list) and not several) or not all(isinstance(one, str | int | float) for one in values):
        wanted = Phrase("a list of texts") if several else Phrase("one text, number, true or false")
        raise InputError("{path}: {key!r} is {value!r}: write {wanted}", path=path, key=key, value=value, wanted=wanted)
    return values if several else value


def _plain(value: Any) -> Any:
    """Return a value as TOML has it."""
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return str(value) if isinstance(value, os.PathLike) else value
