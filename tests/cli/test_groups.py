"""Groups of options: how typer sees them, what they ask for, and that every command that embeds takes them."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from facegap.cli.app import app
from facegap.cli.groups import DeviceOptions, RunningOptions, expanded
from facegap.errors import InputError, ModelError
from facegap.run.executor import Processes

EMBED = ("evaluate", "plan", "audit", "adapt", "calibrate", "lookalikes")


@dataclass(frozen=True)
class Colour:
    """A group of two."""

    red: Annotated[int, typer.Option(help="How red.")] = 1
    shades: Annotated[list[str] | None, typer.Option("--shade", help="Which shades.")] = None


@dataclass(frozen=True)
class Darker(Colour):
    """The same group with another default, in the same place."""

    red: Annotated[int, typer.Option(help="How dark a red.")] = 0


def painter(group: type) -> typer.Typer:
    """Return a program whose command takes the group between two options of its own."""
    made = typer.Typer(rich_markup_mode=None)

    def paint(wall: Annotated[str, typer.Argument()], *, coats: int = 2, colour: group, slow: bool = False) -> None:  # pyright: ignore[reportInvalidTypeForm]
        """Paint a wall."""
        typer.echo(f"{wall} {coats} {colour} {slow}")

    made.command()(expanded(paint))
    return made


@pytest.mark.parametrize(("group", "red"), [(Colour, 1), (Darker, 0)])
def test_a_command_gets_its_group_whole(group, red):
    run = CliRunner().invoke
    assert run(painter(group), ["north"]).output == f"north 2 {group(red)} False\n"
    given = ["north", "--coats", "3", "--red", "5", "--shade", "a", "--shade", "b", "--slow"]
    assert run(painter(group), given).output == f"north 3 {group(5, ['a', 'b'])} True\n"


def test_the_options_of_a_group_stand_where_the_group_stands():
    shown = CliRunner().invoke(painter(Darker), ["--help"]).output
    places = [shown.index(text) for text in ("Paint a wall", "--coats", "--red", "--shade", "--slow")]
    assert places == sorted(places)
    assert "How dark a red." in shown
    assert "How red." not in shown


@pytest.mark.parametrize("command", EMBED)
def test_every_command_that_embeds_says_how_inputs_are_read_and_where_it_runs(command):
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "120"}).output
    for option in ("store", "workers", "executor", "max-cpu-temp", "device", "layout", "subject-from", "cohort"):
        assert f"  --{option} <" in shown or f"  --{option}-by <" in shown, option


@pytest.mark.parametrize("command", ["verify", "inspect"])
def test_commands_that_embed_a_few_images_take_a_device_too(command):
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "120"}).output
    assert "  --device <" in shown


def test_an_executor_is_asked_for_by_name_and_workers():
    assert RunningOptions(workers=3).chosen() is None
    assert DeviceOptions(workers=3, executor="processes").chosen() == Processes(3)
    with pytest.raises(InputError, match="--executor 'spark' is unknown: choose one of threads, processes, serial"):
        RunningOptions(executor="spark").chosen()


@pytest.mark.parametrize("command", EMBED)
def test_every_command_that_embeds_runs_models_on_the_device(command, tmp_path):
    out = ["--out", str(tmp_path / "out")]
    with pytest.raises(ModelError, match="unknown device 'abacus': choose one of cpu, cuda"):
        CliRunner().invoke(
            app,
            ["--traceback", command, str(tmp_path), "--model", "dlib", "--device", "abacus", *out],
            catch_exceptions=False,
        )
