"""The `facegap` command: its sub-commands, and how errors reach a person."""

import sys
from typing import NoReturn

import typer

from facegap.cli.adapt import adapt
from facegap.cli.audit import audit
from facegap.cli.calibrate import calibrate
from facegap.cli.check import check
from facegap.cli.console import Terminal
from facegap.cli.demo import demo
from facegap.cli.doctor import doctor
from facegap.cli.evaluate import evaluate
from facegap.cli.export import export
from facegap.cli.inspect import inspect
from facegap.cli.lookalikes import lookalikes
from facegap.cli.plan import plan
from facegap.cli.store import store
from facegap.cli.streams import complaint, guarded
from facegap.cli.synth import synth
from facegap.cli.train import train
from facegap.cli.verify import verify
from facegap.errors import FacegapError, InputError
from facegap.run.visible import in_one_line, is_unicode

HELP_WIDTH = 120
"""Columns that help uses at most."""

app = typer.Typer(
    name="facegap",
    help="Measure how well face-verification models work on your people, cohort by cohort.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # typer's rich help takes longer to import than all the rest of `facegap --help`
    context_settings={"max_content_width": HELP_WIDTH},
)
for command in (
    evaluate,
    check,
    plan,
    audit,
    adapt,
    train,
    verify,
    calibrate,
    lookalikes,
    inspect,
    export,
    store,
    synth,
    demo,
    doctor,
):
    app.command()(command)


@app.callback()
def options(
    traceback: bool = typer.Option(False, "--traceback", help="Show where in the code an error arose."),
) -> None:
    """Options that every command shares; `main` reads them."""


def main() -> None:
    """Run the command line. Errors a user can mend are one line and exit code 2."""
    wanted = "--traceback" in sys.argv
    sys.argv = [sys.argv[0], *(["--traceback"] if wanted else []), *(a for a in sys.argv[1:] if a != "--traceback")]
    with guarded() as output:
        try:
            _refuse_bytes()
            app()
        except FacegapError as error:
            if wanted:
                raise
            _complain(str(error))
        except OSError as error:  # the world outside can fail anywhere: a disk that is full, a folder that is closed
            if wanted:
                raise
            _complain(f"{error.filename or 'a file'} cannot be used ({error.strerror or error}): check it and its disk")
        except SystemExit as left:
            if (lost := complaint(output)) and not left.code:
                _complain(lost)
            raise


def _refuse_bytes() -> None:
    """Refuse options that are not text, before they turn up in a table or a report."""
    if wrong := [argument for argument in sys.argv[1:] if not is_unicode(argument)]:
        raise InputError(f"{wrong[0]!a} is not valid Unicode: rename the file, or write the option in UTF-8")


def _complain(line: str) -> NoReturn:
    Terminal(stderr=True, soft_wrap=True).print(f"facegap: {in_one_line(line)}", style="red")
    raise SystemExit(2) from None
