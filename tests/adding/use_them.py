"""Uses what was added to a copy of facegap, in a process of its own, and prints what it saw as JSON.

`python use_them.py FOLDER`: a folder for photos and scores.
"""

import base64
import gzip
import json
import sys
from pathlib import Path

import numpy as np
from facegap.run.in_turn import InTurn
from PIL import Image

import facegap
import facegap.scoring
from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.datasets import read_source
from facegap.faces.registration import asked_detector
from facegap.jobs.chunks import Chunk
from facegap.models import Model
from facegap.report.charts.figures import figures_of
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.text.inputs import input_text
from facegap.report.text.language import in_language
from facegap.testing import check_detector, check_executor

folder = Path(sys.argv[1])
SUBJECTS, IMAGES, SIDE = 24, 3, 8


def photos(name: str, noise: float, rng: np.random.Generator) -> str:
    """Draw a cohort of lit squares in dark pictures, and return it as an input."""
    (folder / name).mkdir()
    faces = rng.uniform(80, 250, (SUBJECTS, SIDE, SIDE))
    for number in range(SUBJECTS * IMAGES):
        subject = number // IMAGES
        picture = np.zeros((40, 60), np.uint8)
        left = rng.integers(10, 40)
        picture[16:24, left : left + SIDE] = np.clip(faces[subject] + noise * rng.normal(size=(SIDE, SIDE)), 80, 255)
        Image.fromarray(picture).convert("RGB").save(folder / name / f"{number}@{name}{subject}.png")
    return f"{name}={folder / name}"


def embedded(crops: np.ndarray) -> np.ndarray:
    """Return the pixels themselves."""
    return (crops[..., 0].reshape(len(crops), -1) - 165.0) / 85


spec = ModelSpec("pixels", "python", "1", "box", SIDE, SIDE * SIDE, Comparator.COSINE, threshold=0.15)
rng = np.random.default_rng(0)
executor = InTurn()
study = facegap.Study(
    inputs=[photos("calm", 70, rng), photos("noisy", 110, rng)],
    models=[Model(embed=embedded, spec=spec)],
    faces=facegap.FaceOptions(detector="lit"),
    store=folder / "store",
)
evaluation = facegap.evaluate(study, executor=executor)
with in_language("eo"):
    page = render(evaluation, figures_of(evaluation), shown_faces(evaluation), None)

(folder / "some.scores").write_text("a.png@Aoi b.png@Aoi 0.9\na.png@Aoi c.png@Emi 0.1\n", encoding="utf-8")
scores = read_source([folder / "some.scores"])
check_executor(lambda _: InTurn())
check_detector(asked_detector("lit").open(), [np.asarray(Image.open(next(folder.glob("calm/*.png"))))])
measured = evaluation.metrics.filter(metric="balanced_accuracy").drop_nulls("value")
print(
    json.dumps(
        {
            "copy": facegap.__file__,
            "scoring": facegap.scoring.__file__,
            "layouts": evaluation.sources["layout"].to_list(),
            "subjects": evaluation.cohorts["subjects"].to_list(),
            "scored": [scores.manifest.frame["subject"].to_list(), input_text(scores.manifest.sources[0])],
            "detectors": evaluation.models["detector"].to_list(),
            "failures": evaluation.failures.height,
            "measured": measured.select("value", "low", "high").rows(),
            "compared": evaluation.differences.filter(metric="balanced_accuracy")["kind"].to_list(),
            "embedded": sum(len(item.tasks) for item in executor.done if isinstance(item, Chunk)),
            "others": sum(not isinstance(item, Chunk) for item in executor.done),
            "page": page,
            "charts": gzip.decompress(base64.b64decode(page.split('id="charts">', 1)[1].split("<", 1)[0])).decode(),
        }
    )
)
