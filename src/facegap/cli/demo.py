"""`facegap demo`: the main job on a synthetic population."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from facegap.errors import InputError

WORDS = (
    "These faces are synthetic: drawn by a program, no photograph of anyone. The cohort 'hard' is hard by construction "
    "(its subjects differ less). The numbers show what facegap does; they say nothing about dlib on real people."
)


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the faces and the report.")] = Path("demo"),
    subjects: Annotated[int, typer.Option(min=2, help="Subjects in each cohort.")] = 60,
    images: Annotated[int, typer.Option(min=2, help="Images of each.")] = 5,
    seed: Annotated[int, typer.Option(help="Same seed, same faces.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; all processors by default.")] = None,
) -> None:
    """Draw two cohorts of synthetic faces and evaluate dlib on them: nothing is downloaded."""
    from facegap.cli.evaluate import show
    from facegap.cli.terminal import Bars
    from facegap.executor import available_workers
    from facegap.metrics import ThresholdFrom
    from facegap.pipeline import evaluate
    from facegap.report.writer import write_report
    from facegap.study import Study
    from facegap.synthetic import write_demo

    console = Console(highlight=False)
    faces = out / f"faces-{subjects}x{images}-seed{seed}"
    with Bars(console) as bars:
        if not faces.exists():
            with TemporaryDirectory(prefix=".unfinished-", dir=_folder(out)) as unfinished:
                write_demo(
                    Path(unfinished) / "faces",
                    subjects=subjects,
                    images=images,
                    seed=seed,
                    workers=workers or available_workers(),
                    progress=lambda done, total: bars("drawing faces", done, total),
                )
                (Path(unfinished) / "faces").rename(faces)
        study = Study(
            inputs=[f"general={faces / 'general'}", f"hard={faces / 'hard'}"],
            models=["dlib"],
            seed=seed,
            threshold_from=[ThresholdFrom("general", 1e-2)],
            store=out / "store",
            workers=workers,
            notice=WORDS,
            command=f"facegap demo --subjects {subjects} --images {images} --seed {seed}",
        )
        evaluation = evaluate(study, progress=bars, say=lambda line: console.print(line, style="dim", markup=False))
        page = write_report(evaluation, out / "report", progress=bars)
    show(console, evaluation, page)


def _folder(out: Path) -> Path:
    """Return the folder, made if it was not there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {out} cannot be made ({error}): name another with --out") from None
    return out
