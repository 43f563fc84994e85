"""`facegap train`: a face network for your people."""

import os
import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from facegap.cli import groups, options
from facegap.cli.console import Terminal
from facegap.errors import InputError
from facegap.run.remote import place

if TYPE_CHECKING:
    from facegap.jobs.train.job import Trained
    from facegap.jobs.train.smaller import Smaller

PRECISIONS = ("float16", "int8")


@dataclass(frozen=True)
class RunningWithCrops(groups.RunningOptions):
    """Where the work runs, and what it keeps: crops too."""

    store: Annotated[
        Path | None,
        typer.Option(
            parser=place, metavar="<path>", help="Folder, or URL, that keeps crops and embeddings between runs."
        ),
    ] = None


def train(
    inputs: Annotated[
        list[str], typer.Argument(metavar="[NAME=]PATH...", help="The people it is for: folders of images or tables.")
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The ONNX file that is written.")],
    backbone: Annotated[str, typer.Option(help="Any network of timm.")] = "tf_efficientnetv2_s.in21k_ft_in1k",
    weights: Annotated[
        Path | None, typer.Option(help="Start from the weights in this .safetensors or .pth file.")
    ] = None,
    from_scratch: Annotated[bool, typer.Option("--from-scratch", help="Start from random weights.")] = False,
    general: options.General = None,
    no_general: options.NoGeneral = False,
    against: Annotated[str, typer.Option(help="The model it is held against, as --model of evaluate.")] = "dlib",
    margin: Annotated[float, typer.Option(help="How much AUC the general cohorts may lose.")] = 0.01,
    crop: Annotated[
        str, typer.Option(help="What the network sees: arcface-112, dlib-150, box or whole.")
    ] = "arcface-112",
    size: Annotated[
        int | None, typer.Option(min=16, help="Side of that in pixels; by default 112, 150 or 224.")
    ] = None,
    dimension: Annotated[int, typer.Option(min=2, help="Length of an embedding.")] = 512,
    arc_margin: Annotated[float, typer.Option(help="Margin of ArcFace in degrees.")] = 28.6,
    scale: Annotated[float, typer.Option(help="Scale of ArcFace.")] = 64.0,
    sub_centres: Annotated[int, typer.Option(min=1, help="Centres of each subject; 3 where labels are noisy.")] = 1,
    class_weights: Annotated[
        bool, typer.Option("--class-weights", help="Subjects weigh the same, however many images they have.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training images.")] = 20,
    patience: Annotated[int, typer.Option(min=1, help="Epochs without a better AUC after which training stops.")] = 10,
    batch: Annotated[str, typer.Option(help="Subjects x images of each in a batch.")] = "16x4",
    learning_rate: Annotated[float, typer.Option(help="Its peak; a tenth of it for a backbone with weights.")] = 1e-3,
    weight_decay: Annotated[float, typer.Option(help="Of AdamW.")] = 5e-4,
    held_out: Annotated[float, typer.Option(help="Share of the subjects that judge the result.")] = 0.2,
    validation: Annotated[float, typer.Option(help="Share of the subjects that choose the best epoch.")] = 0.1,
    least_images: Annotated[int, typer.Option(min=2, help="Fewer usable images of a subject are not learnt from.")] = 2,
    also: Annotated[list[str] | None, typer.Option(help="Also write the network as float16 or int8.")] = None,
    signature: Annotated[str, typer.Option(help="Text that is written into the file.")] = "",
    licence: Annotated[str, typer.Option(help="Licence that is written into the file.")] = "",
    precision: Annotated[str, typer.Option(help="32-true, 16-mixed or bf16-mixed while training.")] = "32-true",
    devices: Annotated[
        str, typer.Option(help="Processors on each machine, on Ray workers on all of them; or auto.")
    ] = "auto",
    nodes: Annotated[int, typer.Option(min=1, help="Machines that train together.")] = 1,
    checkpoints: Annotated[
        Path | None,
        typer.Option(
            parser=place,
            metavar="<path>",
            help="Folder, or URL, that keeps the state of a training on Ray; by default beside the model.",
        ),
    ] = None,
    detection: groups.DetectionOptions,
    reading: groups.ReadingOptions,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    running: RunningWithCrops,
    report: Annotated[
        Path | None,
        typer.Option(help="Folder the report on the held-out subjects is written to; by default OUT.report."),
    ] = None,
    anonymous: options.Anonymous = False,
) -> None:
    """Train a face network on some of your subjects, write it as ONNX, and prove it on the others.

    Interrupted, the same command goes on where it stopped. The exit code is 1 unless the network is shown to be better.
    """
    from facegap.cli.outputs import CARD, LEARNT, SPLIT, check_training_folder, reserved
    from facegap.cli.terminal import Bars
    from facegap.jobs.proof import Result
    from facegap.jobs.train.needs import require_training
    from facegap.jobs.train.recipe import Machine, Recipe
    from facegap.report.page.writer import check_report_folder, write_report

    require_training()
    from facegap.jobs.train.job import train as run
    from facegap.jobs.train.order import Order

    subjects, images = _batch(batch)
    recipe = Recipe(
        backbone=backbone,
        weights=weights,
        from_scratch=from_scratch,
        crop=crop,
        size=size or 0,
        dimension=dimension,
        margin=arc_margin,
        scale=scale,
        sub_centres=sub_centres,
        class_weights=class_weights,
        epochs=epochs,
        patience=patience,
        batch_subjects=subjects,
        batch_images=images,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        held_out=held_out,
        validation=validation,
        least_images=least_images,
        seed=seed,
    )
    folder = out.with_suffix(".report") if report is None else report
    check_report_folder(folder)
    study = groups.study(inputs, [], detection, reading, running, anonymous=anonymous, seed=seed)
    order = Order(
        study,
        out,
        recipe,
        Machine(precision, devices, nodes, running.workers, running.max_cpu_temp, checkpoints),
        general=options.others(general, no_general),
        against=against,
        margin=margin,
        precisions=tuple(cast("Smaller", options.one_of("--also", name, PRECISIONS)) for name in also or ()),
        signature=signature,
        licence=licence,
    )
    console = Terminal()
    files = [(out, LEARNT), (out.with_suffix(".md"), CARD), (out.with_suffix(".split.csv"), SPLIT)]
    files += [(out.with_suffix(f".{name}.onnx"), LEARNT) for name in also or ()]
    given = [*inputs, *(general or ()), against, weights, reading.image_root, detection.detector]
    with ExitStack() as claims, Bars(console) as progress:
        if _leads():
            check_training_folder(out.with_suffix(".training"))
            claims.enter_context(reserved(*files, report=folder, given=given))
        trained = run(order, executor=running.chosen(), progress=progress, say=console.say)
        if trained is None:  # another process that trained with this one goes on
            return
        page = write_report(trained.proof.evaluation, folder, images=not anonymous, progress=progress)
    show(console, trained, page, anonymous=anonymous)
    raise typer.Exit(0 if trained.proof.result is Result.GAIN else 1)


def show(console: Terminal, trained: "Trained", page: Path, *, anonymous: bool = False) -> None:
    """Print what was found on unseen subjects, the verdict, and which files were written."""
    from facegap.cli.proved import show_proof
    from facegap.cli.terminal import place as shown
    from facegap.report.text.language import _, in_a_row

    show_proof(console, trained.proof)
    model, *beside = trained.written
    model = shown(model, anonymous=anonymous)
    names = in_a_row([path.name for path in beside])
    written = _("Written: {file}, with {names} beside it", file=model, names=names)
    console.print(f"\n{written}", soft_wrap=True)
    console.print(f"facegap evaluate PHOTOS --model {model}", style="dim", soft_wrap=True)
    console.print(_("Report: {page}", page=shown(page, anonymous=anonymous)), style="bold", soft_wrap=True)


def _leads() -> bool:
    """Return whether this is the one process, or the first of several that train together."""
    return all(os.environ.get(name, "") in ("", "0") for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID"))


def _batch(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,9})x(\d{1,9})", text)
    if found is None:
        raise InputError("--batch {text!r} is not understood: write subjects x images, e.g. --batch 16x4", text=text)
    return int(found[1]), int(found[2])
