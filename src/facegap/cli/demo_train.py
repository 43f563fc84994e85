"""The part of the demo that trains a small network."""

from dataclasses import replace
from pathlib import Path

from facegap.cli.console import Terminal
from facegap.cli.drawn import drawn
from facegap.cli.outputs import CARD, LEARNT, SPLIT, reserved
from facegap.cli.terminal import Bars
from facegap.jobs.study import Study

BACKBONE, SIZE, EPOCHS = "test_efficientnet", 64, 16
"""A network of a quarter of a million weights, small faces and few epochs: minutes on a processor without a GPU."""

MORE_SUBJECTS, MORE_IMAGES = 4, 2
"""Training needs more than adaptation: so many times the subjects, and the images of each, that a cohort has."""


def train_small(console: Terminal, out: Path, study: Study, *, general: str, subjects: int, images: int) -> None:
    """Draw another hard population, train a small network on three quarters of it, and prove it on the rest.

    `study`: that of the demo; its inputs and models are not looked at. `subjects`, `images`: of a cohort of the demo.
    """
    from facegap.cli.train import show
    from facegap.jobs.train.job import train
    from facegap.jobs.train.order import Order
    from facegap.jobs.train.recipe import Machine, Recipe
    from facegap.report.page.writer import write_report
    from facegap.run.executor import available_workers
    from facegap.synthetic import HARD, write_population

    workers = study.workers or available_workers()
    subjects, images = MORE_SUBJECTS * subjects, MORE_IMAGES * images
    model = out / "trained.onnx"
    files = (model, LEARNT), (model.with_suffix(".md"), CARD), (model.with_suffix(".split.csv"), SPLIT)
    with reserved(*files, report=out / "trained.report"), Bars(console) as bars:

        def draw(folder: Path) -> None:
            write_population(
                folder,
                subjects=subjects,
                images=images,
                spread=HARD.all,
                geometry_spread=HARD.geometry,
                seed=study.seed,
                prefix="t",
                progress=lambda done, total: bars("drawing faces to learn from", done, total),
                workers=workers,
            )

        faces = drawn(out / f"faces-{subjects}x{images}-seed{study.seed}-to-learn", draw)
        recipe = Recipe(
            BACKBONE,
            from_scratch=True,
            size=SIZE,
            margin=20.0,
            scale=24.0,
            epochs=EPOCHS,
            batch_subjects=12,
            learning_rate=4e-3,
            held_out=1 / MORE_SUBJECTS,
            validation=0.1,
            seed=study.seed,
        )
        order = Order(
            replace(study, inputs=[f"hard={faces}"], models=()),
            model,
            recipe,
            Machine(workers=1),  # so small a network is slower on several threads
            general=[general],
        )
        trained = train(order, progress=bars, say=console.say)
        assert trained is not None
        page = write_report(trained.proof.evaluation, out / "trained.report", progress=bars)
    show(console, trained, page)
