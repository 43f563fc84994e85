"""`facegap store`: what is kept between runs, and how it is forgotten."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from facegap.cli import options
from facegap.cli.as_json import Json, print_json
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal
from facegap.errors import InputError
from facegap.run.remote import place

if TYPE_CHECKING:
    import polars as pl

    from facegap.store.upkeep import Removed

SHA256 = re.compile("[0-9a-f]{64}")

VERSION = 1
"""Schema version of what `--json` prints."""


def store(
    folder: Annotated[
        Path | None,
        typer.Argument(parser=place, metavar="[DIR]", help="The store; by default the one that commands use."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show what is kept, by model.")] = False,
    forget: Annotated[
        list[str] | None,
        typer.Option(help="Remove all of an image: its FILE or sha256, or with --in all of a SUBJECT."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what is never read; with --in also all of other images.")
    ] = False,
    share: Annotated[bool, typer.Option("--share", help="Let the folder's group read and write the store.")] = False,
    inputs: Annotated[
        list[str] | None, typer.Option("--in", metavar="[NAME=]PATH", help="Folders or tables that name the subjects.")
    ] = None,
    layout: options.Layout = None,
    image_root: options.ImageRoot = None,
    json: Json = False,
) -> None:
    """List what the store keeps (by default), forget subjects or images, or remove what is not needed."""
    from facegap.report.text.language import _, ngettext
    from facegap.run.places import exists
    from facegap.store import upkeep
    from facegap.store.folders import share as open_to_group
    from facegap.store.mirror import shown, store_root

    asked = [bool(list_), bool(forget), prune, share]
    if sum(asked) > 1:
        raise InputError("--list, --forget, --prune and --share exclude each other: give one of them")
    if inputs and not (forget or prune):
        raise InputError("--in goes with --forget or --prune: leave it out")
    root = store_root(folder)
    console = Terminal()
    if share:
        open_to_group(root)
        if json:
            print_json(VERSION, {"store": shown(root), "shared": True})
            return
        console.print(_("The group of {folder} can read it and write to it.", folder=root), soft_wrap=True)
        return
    if not root.is_dir() or (folder is not None and not exists(folder)):
        raise InputError("there is no store {root}: name the folder that --store names", root=folder or root)
    if forget:
        images = _of_subjects(forget, inputs, layout, image_root) if inputs else _of_files(forget)
        asked_for = ngettext("{n} image asked", "{n} images asked", len(images), n=len(images))
        removed = upkeep.forget(root, images)
    elif prune:
        asked_for = _("pruned")
        removed = upkeep.prune(root, _of_inputs(inputs, layout, image_root) if inputs else None)
    else:
        kept = upkeep.contents(root)
        if json:
            print_json(VERSION, {"store": shown(root), "kept": kept.to_dicts()})
        else:
            _show(console, root, kept)
        return
    if json:
        print_json(VERSION, {"store": shown(root), "removed": removed})
    else:
        _say(console, removed, asked_for)


def _of_files(wanted: list[str]) -> set[str]:
    """Return the sha256 of image files, or those that were given themselves.

    Raises:
        InputError: one is no file that can be read.
    """
    from facegap.data.containers import member_exists
    from facegap.jobs.hashing import hash_images

    files = [name for name in wanted if not SHA256.fullmatch(name)]
    for name in files:
        if not (Path(name).is_file() or member_exists(name)):
            raise InputError(
                "{name!r} is no file: give an image, or its sha256; a subject is known only to the folder or table "
                "with its images, so name that too, with --in PATH",
                name=name,
            )
    return {*wanted} - {*files} | _hashed(files, hash_images(files))


def _of_subjects(wanted: list[str], inputs: list[str], layout: str | None, image_root: Path | None) -> set[str]:
    """Return the sha256 of all images of some subjects.

    Raises:
        InputError: the inputs do not have one of them, or an image cannot be read.
    """
    from facegap.jobs.hashing import hash_images

    frame = _frame(inputs, layout, image_root)
    if absent := [name for name in wanted if name not in set(frame["subject"])]:
        raise InputError(
            "{absent!r} is no subject of {inputs}: nothing was removed", absent=absent[0], inputs=", ".join(inputs)
        )
    paths = [path for path, subject in frame.select("path", "subject").iter_rows() if subject in wanted]
    return _hashed(paths, hash_images(paths))


def _of_inputs(inputs: list[str], layout: str | None, image_root: Path | None) -> set[str]:
    """Return the sha256 of all images.

    Raises:
        InputError: the inputs cannot be used, or an image cannot be read.
    """
    from facegap.jobs.hashing import hash_images

    paths = _frame(inputs, layout, image_root)["path"].to_list()
    return _hashed(paths, hash_images(paths))


def _frame(inputs: list[str], layout: str | None, image_root: Path | None) -> "pl.DataFrame":
    """Return the images of all inputs, `path` and `subject`."""
    import polars as pl

    from facegap.datasets.discover import discover
    from facegap.datasets.inputs import parse_inputs

    parts = [discover(each.path, layout, image_root) for each in parse_inputs(inputs)]
    if any(part.vectors is not None for part in parts):
        raise InputError("saved embeddings are in no store: give the folder or table with the images to --in")
    return pl.concat(part.frame.select("path", "subject") for part in parts)


def _hashed(paths: list[str], hashes: list[str]) -> set[str]:
    if unread := [path for path, image in zip(paths, hashes, strict=True) if not image]:
        raise InputError(
            "{unread} cannot be read, so what the store holds of it cannot be found: nothing was removed",
            unread=unread[0],
        )
    return {*hashes}


def _say(console: Terminal, removed: "Removed", what: str) -> None:
    from facegap.report.text.language import _

    said = _(
        "{what}: {embeddings} embeddings, {crops} crops, {measures} measured images and {scores} scores removed, and "
        "{files} files that are never read",
        what=what,
        embeddings=removed.embeddings,
        crops=removed.crops,
        measures=removed.measures,
        scores=removed.scores,
        files=removed.files,
    )
    console.print(said, soft_wrap=True)


def _show(console: Terminal, root: Path, found: "pl.DataFrame") -> None:
    from facegap.report.text.formatting import count
    from facegap.report.text.language import _
    from facegap.store.mirror import shown

    console.print(shown(root), style="bold", soft_wrap=True)
    if not len(found):
        console.print(_("empty"))
        return
    table = Columns()
    table.add_column(_("Key"), overflow="fold")
    table.add_column(_("Of"), no_wrap=True)
    for column in (_("Images"), _("Failed"), _("Parts"), _("MB"), _("Last written (UTC)")):
        table.add_column(column, justify="right", no_wrap=True)
    for row in found.iter_rows(named=True):
        written = "" if row["written"] is None else f"{row['written']:%Y-%m-%d %H:%M}"
        counts = (count(row[name]) for name in ("images", "failed", "parts"))
        size = f"{row['bytes'] / 1e6:.1f}"
        table.add_row(*map(Text, (row["key"][:12], row["kind"], *counts, size, written)))
    console.print(table)
