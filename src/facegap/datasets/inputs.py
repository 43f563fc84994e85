"""What the user gave: `PATH` or `NAME=PATH`."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facegap.errors import InputError
from facegap.run.places import exists, is_folder
from facegap.run.remote import is_url, place, refusal_of, split_named
from facegap.run.text import clean
from facegap.run.visible import is_unicode


@dataclass(frozen=True)
class Input:
    """A file or folder that exists, and the name it goes by; `given`: it was named, and not called after its place.

    What stands at a URL is a `RemotePath`.
    """

    name: str
    path: Path
    given: bool = False


def parse_inputs(inputs: Sequence[str | Path]) -> list[Input]:
    """Return the inputs in the order given.

    Raises:
        InputError: there are none, a path does not exist, or two go by the same name that nobody gave them.
    """
    if not inputs:
        raise InputError("no data set was given: give a folder of photos, a table, a list of pairs or saved embeddings")
    parsed = [_parse(str(given)) for given in inputs]
    names = [each.name for each in parsed]
    for first, each in enumerate(parsed):
        if each.name in names[:first] and not each.given:
            other = parsed[names.index(each.name)].path
            raise InputError(
                "{other} and {path} are both called {name!r}: name one, as in NAME={path}",
                other=other,
                path=each.path,
                name=each.name,
            )
    return parsed


def named(inputs: Sequence[str | Path], word: str) -> list[str]:
    """Return the inputs, those without a name called `word` and their place: a file or folder may be called after
    somebody."""
    nameless = [is_url(str(given)) or exists(given) for given in inputs]
    return [f"{word} {i}={given}" if nameless[i - 1] else str(given) for i, given in enumerate(inputs, 1)]


def _parse(given: str) -> Input:
    if not is_unicode(given):
        raise InputError("the path {given!a} is not valid Unicode: rename it", given=given)
    if (remote := split_named(given)) is not None:
        return _parse_url(given, *remote)
    if exists(given):
        path = Path(given)
        own = path.name if path.name not in ("", "..") else path.resolve().name
        return Input(clean(own if path.is_dir() else path.stem) or str(path), path)
    name, equals, rest = given.partition("=")
    place = os.path.expanduser(rest)  # noqa: PTH111 (Path.expanduser raises where there is no such user)
    if not equals or not exists(place):
        raise InputError("{rest!r} does not exist: expected a file or folder, as PATH or NAME=PATH", rest=rest or given)
    if not clean(name):
        raise InputError("the name in {given!r} is empty: expected NAME=PATH", given=given)
    return Input(clean(name), Path(place), given=True)


def _parse_url(given: str, name: str, url: str) -> Input:
    path = place(url)
    try:
        found, folder = exists(path), is_folder(path)
    except OSError as error:
        raise InputError("{url} cannot be read: {reason}", url=url, reason=error.strerror) from None
    if not found:
        if (refusal := refusal_of(str(path))) is not None:
            raise InputError("{url} cannot be read: {reason}", url=url, reason=refusal.strerror)
        raise InputError(
            "there is nothing at {url}: check the address; a file or folder was expected, as URL or NAME=URL", url=url
        )
    own = clean(path.name if folder else path.stem) or url
    return Input(clean(name) or own, path, given=bool(clean(name)))
