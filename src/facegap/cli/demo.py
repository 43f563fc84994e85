"""`facegap demo`: the whole story on a synthetic population: a gap, and how it is closed."""

from pathlib import Path
from typing import Annotated

import typer

from facegap.cli.console import Terminal

LEAST = 20
"""As many subjects as facegap.jobs.enough asks of each cohort; that module is too heavy to be imported for --help."""


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the faces, the model and the report.")] = Path(
        "demo"
    ),
    subjects: Annotated[
        int, typer.Option(min=LEAST, help="Subjects in each cohort, and as many again to learn from.")
    ] = 60,
    images: Annotated[int, typer.Option(min=2, help="Images of each.")] = 5,
    seed: Annotated[int, typer.Option(help="Same seed, same faces.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; all processors by default.")] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Also train a small network: some minutes, needs `facegap[train]`.")
    ] = False,
) -> None:
    """Draw two cohorts of synthetic faces, show dlib's gap between them and close it: nothing is downloaded."""
    from facegap.cli.adapt import show
    from facegap.cli.demo_train import train_small
    from facegap.cli.drawn import drawn
    from facegap.cli.outputs import CARD, LEARNT, SPLIT, reserved
    from facegap.cli.terminal import Bars
    from facegap.jobs.adapt import adapt
    from facegap.jobs.study import Study
    from facegap.jobs.train.needs import require_training
    from facegap.metrics import ThresholdFrom
    from facegap.report.page.writer import write_report
    from facegap.report.text.language import in_each_language
    from facegap.report.text.models import synthetic_faces
    from facegap.run.executor import available_workers
    from facegap.run.places import check_output_folder
    from facegap.synthetic import write_demo

    check_output_folder(out)
    if train:
        require_training()
    console = Terminal()
    model = out / "adapted.onnx"
    files = (model, LEARNT), (model.with_suffix(".md"), CARD), (model.with_suffix(".split.csv"), SPLIT)
    with reserved(*files, report=out / "report"), Bars(console) as bars:

        def draw(folder: Path) -> None:
            write_demo(
                folder,
                subjects=subjects,
                images=images,
                seed=seed,
                workers=workers or available_workers(),
                progress=lambda done, total: bars("drawing faces", done, total),
            )

        faces = drawn(out / f"faces-{subjects}x{images}-seed{seed}", draw)
        general = f"general={faces / 'general'}"
        study = Study(
            inputs=[f"hard={faces / 'hard'}"],
            models=["dlib"],
            seed=seed,
            threshold_from=[ThresholdFrom("general", 1e-2)],
            store=out / "store",
            workers=workers,
            notice=in_each_language(synthetic_faces),
            command=f"facegap demo --subjects {subjects} --images {images} --seed {seed}{' --train' if train else ''}",
        )
        done = adapt(
            study,
            model,
            general=[general],
            held_out=0.5,
            progress=bars,
            say=console.say,
        )
        page = write_report(done.proof.evaluation, out / "report", progress=bars)
    show(console, done, model, page)
    if train:
        train_small(console, out, study, general=general, subjects=subjects, images=images)
