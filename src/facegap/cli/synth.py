"""`facegap synth`: a folder of synthetic faces."""

from pathlib import Path
from typing import Annotated

import typer

from facegap.cli.console import Terminal


def synth(
    out: Annotated[Path, typer.Argument(help="Folder to write, one folder per subject inside.")],
    subjects: Annotated[int, typer.Option(help="Number of subjects.")] = 60,
    images: Annotated[int, typer.Option(help="Images of each.")] = 5,
    spread: Annotated[float, typer.Option(help="How much subjects differ: 0.8 is a general population.")] = 0.8,
    geometry_spread: Annotated[
        float | None, typer.Option(help="The same for the shape of the face alone; 0.5 is a hard population.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same faces.")] = 0,
    size: Annotated[int, typer.Option(help="Side of the pictures in pixels.")] = 224,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; all processors by default.")] = None,
) -> None:
    """Draw synthetic faces, procedurally: they show and test the tool and say nothing about any model."""
    from facegap.cli.terminal import Bars
    from facegap.report.text.language import _
    from facegap.run.executor import available_workers
    from facegap.synthetic import write_population

    console = Terminal()
    with Bars(console) as bars:
        write_population(
            out,
            subjects=subjects,
            images=images,
            spread=spread,
            geometry_spread=geometry_spread,
            seed=seed,
            size=size,
            workers=workers or available_workers(),
            progress=lambda done, total: bars("drawing faces", done, total),
        )
    made = _(
        "{images} synthetic images of {subjects} subjects in {folder}",
        images=subjects * images,
        subjects=subjects,
        folder=out,
    )
    console.print(made, soft_wrap=True)
