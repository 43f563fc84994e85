"""`facegap adapt`: the cheap step before training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.cli import groups, options
from facegap.cli.console import Terminal

if TYPE_CHECKING:
    from facegap.jobs.adapt import Adaptation


def adapt(
    inputs: Annotated[
        list[str], typer.Argument(metavar="[NAME=]PATH", help="Folders or tables of images of your people.")
    ],
    *,
    model: Annotated[
        str, typer.Option("--model", "-m", help="dlib, dlib:WEIGHTS.dat or FILE.onnx; NAME=... names it.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The ONNX file that is written if it helps.")],
    general: options.General = None,
    no_general: options.NoGeneral = False,
    margin: Annotated[float, typer.Option(min=0, help="How much AUC they may lose.")] = 0.01,
    held_out: Annotated[float, typer.Option(help="Share of your subjects that is kept to judge on.")] = 0.3,
    report: Annotated[Path | None, typer.Option(help="Folder of the report; by default beside the model.")] = None,
    networks: groups.NetworkOptions,
    detection: groups.DetectionOptions,
    reading: groups.ReadingOptions,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the split and of all else that is random.")] = 0,
    running: groups.DeviceOptions,
    images: Annotated[bool, typer.Option("--images/--no-images", help="Show faces in the report, or none.")] = True,
    anonymous: options.Anonymous = False,
) -> None:
    """Adapt a model to your people by a linear step, and keep it only if people it never saw say that it helps.

    The exit code is 1, and no model is written, unless it is shown to be better.
    """
    from facegap.cli.outputs import CARD, LEARNT, SPLIT, reserved
    from facegap.cli.terminal import Bars
    from facegap.jobs.adapt import adapt as run
    from facegap.report.page.writer import check_report_folder, write_report

    folder = out.with_suffix(".report") if report is None else report
    check_report_folder(folder)
    asked = [networks.parsed(model, running.device)]
    study = groups.study(inputs, asked, detection, reading, running, anonymous=anonymous, seed=seed)
    console = Terminal()
    files = (out, LEARNT), (out.with_suffix(".md"), CARD), (out.with_suffix(".split.csv"), SPLIT)
    given = [*inputs, *(general or ()), model, reading.image_root, detection.detector]
    with reserved(*files, report=folder, given=given), Bars(console) as progress:
        done = run(
            study,
            out,
            general=options.others(general, no_general),
            held_out=held_out,
            margin=margin,
            executor=running.chosen(),
            progress=progress,
            say=console.say,
        )
        page = write_report(done.proof.evaluation, folder, images=images and not anonymous, progress=progress)
    show(console, done, out, page, anonymous=anonymous)
    raise typer.Exit(0 if done.written else 1)


def show(console: Terminal, done: "Adaptation", out: Path, page: Path, *, anonymous: bool = False) -> None:
    """Print what was found on unseen subjects, the verdict, and which files were written."""
    from facegap.cli.proved import show_proof
    from facegap.cli.terminal import place
    from facegap.report.text.language import _

    model = place(out, anonymous=anonymous)
    show_proof(console, done.proof)
    if done.written is not None:
        card, split = out.with_suffix(".md").name, out.with_suffix(".split.csv").name
        written = _("Written: {file}, with {card} and {split} beside it", file=model, card=card, split=split)
        console.print(f"\n{written}", soft_wrap=True)
        console.print(f"facegap evaluate PHOTOS --model {model}", style="dim", soft_wrap=True)
    elif out.exists():
        older = _("Nothing was written; {file} is an older file, left as it was", file=model)
        console.print(f"\n{older}", soft_wrap=True)
    else:
        console.print("\n" + _("No model was written"))
    console.print(_("Report: {page}", page=place(page, anonymous=anonymous)), style="bold", soft_wrap=True)
