"""The `facegap` command: its sub-commands, and how errors reach a person."""

import errno
import sys
from typing import NoReturn

import typer
from typer.core import TyperGroup

from facegap.cli.adapt import adapt
from facegap.cli.audit import audit
from facegap.cli.calibrate import calibrate
from facegap.cli.check import check
from facegap.cli.cite import cite
from facegap.cli.compare import compare
from facegap.cli.console import Terminal
from facegap.cli.demo import demo
from facegap.cli.doctor import doctor
from facegap.cli.evaluate import evaluate
from facegap.cli.explain import explain
from facegap.cli.export import export
from facegap.cli.groups import expanded
from facegap.cli.inspect import inspect
from facegap.cli.lookalikes import lookalikes
from facegap.cli.plan import plan
from facegap.cli.shared import shared_first
from facegap.cli.store import store
from facegap.cli.streams import complaint, guarded
from facegap.cli.synth import synth
from facegap.cli.table import table
from facegap.cli.train import train
from facegap.cli.verify import verify
from facegap.errors import FacegapError, InputError
from facegap.run.visible import in_one_line, is_unicode

HELP_WIDTH = 120
"""Columns that help uses at most."""

GOING_ON = ("evaluate", "explain", "plan", "audit", "adapt", "train", "calibrate", "lookalikes", "demo")
"""Commands that keep what is finished in the store, so that the same command goes on after an interrupt."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class Commands(TyperGroup):
    """The sub-commands, which end in one line, in the language asked for, on Ctrl-C and on what a user can mend."""

    def invoke(self, ctx: typer.Context) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)  # pyright: ignore[reportArgumentType]
        except KeyboardInterrupt:
            goes_on = ctx.invoked_subcommand in GOING_ON
            _complain(_interrupted(goes_on), INTERRUPTED)
        except FacegapError as error:
            if ctx.params["traceback"]:
                raise
            _complain(_error_text(error))
        except OSError as error:  # the world outside can fail anywhere: a disk that is full, a folder that is closed
            if ctx.params["traceback"] or error.errno == errno.EPIPE:  # typer ends quietly where nobody reads
                raise
            _complain(_error_text(_of_system(error)))


app = typer.Typer(
    name="facegap",
    cls=Commands,
    help="Measure how well face-verification models work on your people, cohort by cohort.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # typer's rich help takes longer to import than all the rest of `facegap --help`
    context_settings={"max_content_width": HELP_WIDTH, "help_option_names": ["-h", "--help"]},
)
for command in (
    evaluate,
    explain,
    compare,
    table,
    cite,
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
    app.command()(expanded(command))


def _version(wanted: bool) -> None:
    if wanted:
        from facegap import __version__

        typer.echo(f"facegap {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", help="Show the version and leave.", is_eager=True, callback=_version
    ),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="Show what was found, and neither notes nor progress."),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Also log what is kept where, to standard error."),
    lang: str | None = typer.Option(
        None, "--lang", help="Language of what is shown, by its code, e.g. ja; that of the system by default."
    ),
    traceback: bool = typer.Option(False, "--traceback", help="Show where in the code an error arose."),
) -> None:
    """Options that every command shares; `main` lets them stand anywhere."""
    import os

    from facegap.report.text.language import in_language, preferred

    if language := lang or preferred(os.environ):
        context.with_resource(in_language(language))
    _refuse_bytes()
    Terminal.says_notes = not quiet
    if verbose:
        _log()


def main() -> None:
    """Run the command line. Errors a user can mend are one line and exit code 2."""
    sys.argv = [sys.argv[0], *shared_first(sys.argv[1:])]
    with guarded() as output:
        try:
            app()
        except SystemExit as left:
            if (lost := complaint(output)) and not left.code:
                _complain(lost)
            raise


def _refuse_bytes() -> None:
    """Refuse options that are not text, before they turn up in a table or a report."""
    if wrong := [argument for argument in sys.argv[1:] if not is_unicode(argument)]:
        raise InputError(
            "{option!a} is not valid Unicode: rename the file, or write the option in UTF-8", option=wrong[0]
        )


def _log() -> None:
    """Write what facegap logs to standard error, and nothing of its libraries."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logger = logging.getLogger("facegap")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _interrupted(goes_on: bool) -> str:
    from facegap.report.text.language import _

    return _("interrupted: the same command goes on where it stopped") if goes_on else _("interrupted")


def _of_system(error: OSError) -> FacegapError:
    reason = error.strerror or error
    if not error.filename:
        return FacegapError("a file cannot be used ({reason}): check it and its disk", reason=reason)
    return FacegapError("{path} cannot be used ({reason}): check it and its disk", path=error.filename, reason=reason)


def _error_text(error: FacegapError) -> str:
    from facegap.report.text.errors import error_text

    return error_text(error)


def _complain(line: str, code: int = 2) -> NoReturn:
    Terminal(stderr=True, soft_wrap=True).print(f"facegap: {in_one_line(line)}", style="red")
    raise SystemExit(code) from None
