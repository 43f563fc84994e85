"""The main job end to end, with a model whose embeddings are plain to see: the mean colours of a picture's quarters."""

import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from rich.console import Console

import facegap
from facegap.cli.evaluate import show
from facegap.data.comparator import Comparator
from facegap.report.text.methods import method_text
from running import Run

SIDE = 32


def quarters(batch: np.ndarray) -> np.ndarray:
    n, half = len(batch), SIDE // 2
    return batch.reshape(n, 2, half, 2, half, 3).mean(axis=(2, 4)).reshape(n, 12).astype(np.float32)


def model(name: str = "quarters", embed=quarters, threshold: float | None = 60.0) -> facegap.Model:
    spec = facegap.ModelSpec(
        name=name, runtime="python", weights=name, crop="whole", size=SIDE, dimension=12,
        comparator=Comparator.EUCLIDEAN, threshold=threshold,
    )  # fmt: skip
    return facegap.Model(embed=embed, spec=spec)


def draw(folder: Path, subjects: int, images: int, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    for s in range(subjects):
        colours = rng.integers(40, 216, (2, 2, 3))
        for k in range(images):
            noisy = np.clip(colours + rng.normal(0, 25, colours.shape), 0, 255).astype(np.uint8)
            picture = Image.fromarray(noisy).resize((SIDE, SIDE), Image.Resampling.NEAREST)
            path = folder / f"{folder.name}{s:02}" / f"{k}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path)
    return folder


@pytest.fixture
def folders(tmp_path):
    return [draw(tmp_path / "plain", 8, 4, 1), draw(tmp_path / "若年女性", 6, 4, 2)]


def study(folders, tmp_path, **options) -> facegap.Study:
    return facegap.Study(inputs=folders, store=tmp_path / "store", **{"models": [model()], **options})


def test_the_main_job(folders, tmp_path):
    said = []
    evaluation = facegap.evaluate(study(folders, tmp_path), say=said.append)
    assert evaluation.value("images", model="quarters", cohort="若年女性") == 24
    assert evaluation.value("genuine", model="quarters", cohort="all") == 14 * 6
    assert evaluation.value("auc", model="quarters", cohort="plain") > 0.9
    assert any("0 of 56 embeddings found" in line for line in said)
    page = facegap.write_report(evaluation, tmp_path / "report", charts=())
    assert "若年女性" in page.read_text(encoding="utf-8")


def test_subjects_may_be_in_two_cohorts(folders, tmp_path):
    other = tmp_path / "again"
    shutil.copytree(folders[0], other)
    draw(tmp_path / "more", 6, 4, 3)
    shutil.copytree(tmp_path / "more", other, dirs_exist_ok=True)
    evaluation = facegap.evaluate(study([folders[0], other], tmp_path))
    across = evaluation.metrics.filter(probe_cohort="plain", gallery_cohort="again", metric="genuine")
    assert across["value"].item() == 8 * 4 * 4
    shown = evaluation.metrics.filter(probe_cohort="plain", gallery_cohort="again", metric="fmr", at="shipped")
    assert shown["high"].item() is not None


def test_a_second_run_embeds_only_what_is_new_and_gives_the_same_report(folders, tmp_path):
    calls = []

    def counting(batch):
        calls.append(len(batch))
        return quarters(batch)

    first = facegap.evaluate(study(folders, tmp_path, models=[model(embed=counting)]))
    assert sum(calls) == 56
    second = facegap.evaluate(study(folders, tmp_path, models=[model(embed=counting)]))
    assert sum(calls) == 56
    assert second.timed(0).to_json() == first.timed(0).to_json()
    (folders[0] / "plain00" / "0.png").rename(folders[0] / "plain00" / "renamed.png")
    Image.new("RGB", (SIDE, SIDE), "red").save(folders[0] / "plain01" / "new.png")
    facegap.evaluate(study(folders, tmp_path, models=[model(embed=counting)]))
    assert sum(calls) == 57


def test_models_that_failed_on_different_images_are_also_compared_on_common_ones(folders, tmp_path):
    def picky(batch):
        vectors = quarters(batch)
        vectors[vectors[:, 0] < 100] = np.nan
        return vectors

    evaluation = facegap.evaluate(study(folders, tmp_path, models=[model(), model("picky", picky)]))
    assert set(evaluation.metrics["images"]) == {"own", "common"}
    failed = evaluation.failures.filter(pl.col("model") == "picky").height
    assert failed > 0
    own = evaluation.value("images", model="quarters", cohort="all")
    common = {evaluation.value("images", model=m, cohort="all", images="common") for m in ("quarters", "picky")}
    assert (own, common) == (56, {56 - failed})
    same = [evaluation.value("auc", model=m, cohort="all", images="common") for m in ("quarters", "picky")]
    assert same[0] == same[1]
    assert evaluation.value("fta", model="picky", cohort="all") == pytest.approx(failed / 56)


def test_bad_and_odd_files_are_counted_listed_and_never_fatal(tmp_path):
    folder = draw(tmp_path / "mixed", 10, 3, 3)
    good = (folder / "mixed00" / "0.png").read_bytes()
    odd = {
        "zero.png": b"",
        "text.jpg": b"no image at all",
        "cut.png": good[: len(good) // 2],
        "half.jpeg": b"\xff\xd8\xff\xe0" * 9,
        "gif.gif": b"GIF89a" + b"\0" * 5,
        "bmp.bmp": b"BM" + b"\xff" * 60,
        "tiff.TIFF": b"II*\0" + b"\xff" * 30,
        "webp.webp": b"RIFF\0\0\0\0WEBPVP8 ",
        "ppm.ppm": b"P6 99999 99999 255\n",
    }
    for name, data in odd.items():
        (folder / "mixed00" / name).write_bytes(data)
    for k, mode in enumerate(("L", "P", "RGBA", "CMYK", "1", "I;16")):
        suffix = ".tif" if mode == "CMYK" else ".PNG"
        Image.new(mode, (SIDE, SIDE)).save(folder / "mixed01" / f"mode{k}{suffix}")
    (folder / "mixed02" / ".hidden.png").write_bytes(b"")
    (folder / "mixed02" / "loop").symlink_to(folder)
    evaluation = facegap.evaluate(study([folder], tmp_path))
    listed = evaluation.failures["path"].to_list()
    assert sorted(Path(path).name for path in listed) == sorted(odd)
    assert set(evaluation.failures["outcome"]) == {"unreadable"}
    assert all(evaluation.failures["detail"])
    assert evaluation.value("images", model="quarters", cohort="mixed") == 30 + len(odd) + 6
    facegap.write_report(evaluation, tmp_path / "report", charts=())


def test_duplicates_are_reported_and_kept(folders, tmp_path):
    data = (folders[0] / "plain00" / "0.png").read_bytes()
    (folders[0] / "plain00" / "again.png").write_bytes(data)
    (folders[0] / "plain01" / "mislabelled.png").write_bytes(data)
    evaluation = facegap.evaluate(study(folders, tmp_path))
    kinds = evaluation.findings["kind"].to_list()
    assert "label-conflict" in kinds
    assert evaluation.value("images", model="quarters", cohort="all") == 58


def test_saved_embeddings_need_no_model_and_give_the_same_numbers(folders, tmp_path):
    manifest = facegap.read(folders)
    embeddings = facegap.embed(manifest, model())
    saved = tmp_path / "saved.npz"
    np.savez(saved, embedding=embeddings.vectors, subject=manifest.subjects, group=manifest.frame["cohort"].to_list())
    direct = facegap.evaluate(study(folders, tmp_path))
    again = facegap.evaluate(facegap.Study(inputs=[saved], cohort_by=["group"], comparator=Comparator.EUCLIDEAN))
    for cohort in ("plain", "若年女性", "all"):
        for metric in ("auc", "eer", "d_prime", "genuine", "impostor"):
            expected = direct.value(metric, model="quarters", cohort=cohort)
            assert again.value(metric, model="saved embeddings", cohort=cohort) == pytest.approx(expected, abs=1e-6)


def list_of(folder: Path, out: Path) -> Path:
    """Write a list of a genuine and an impostor pair of each of eight subjects, in four folds."""
    paths = {p.parent.name: sorted(str(q) for q in p.parent.iterdir()) for p in folder.rglob("0.png")}
    names = sorted(paths)
    lines = ["path_a,path_b,same,fold"]
    for k, name in enumerate(names):
        other = paths[names[k - 1]]
        lines += [f"{paths[name][0]},{paths[name][1]},1,{k % 4}", f"{paths[name][2]},{other[3]},0,{k % 4}"]
    out.write_text("\n".join(lines), encoding="utf-8")
    return out


def test_an_official_list_with_folds_compares_its_pairs_alone(folders, tmp_path):
    evaluation = facegap.evaluate(study([list_of(folders[0], tmp_path / "list.csv")], tmp_path))
    row = evaluation.row("fold_accuracy", model="quarters", cohort="list")
    assert row is not None
    assert row["n_comparisons"] == 16
    assert method_text(row).startswith("4 folds, standard error 0.")
    assert method_text(row).endswith(", 16 of 16 pairs")
    assert 0.5 <= row["value"] <= 1
    assert evaluation.value("genuine", model="quarters", cohort="list") == 8


def test_failures_that_count_as_rejected_lower_the_accuracy_over_folds(folders, tmp_path):
    listed = list_of(folders[0], tmp_path / "list.csv")
    (folders[0] / "plain03" / "0.png").write_bytes(b"no image")
    evaluation = facegap.evaluate(study([listed], tmp_path))
    row = evaluation.row("fold_accuracy", model="quarters", cohort="list")
    strict = facegap.evaluate(study([listed], tmp_path, failures="rejected"))
    lower = strict.row("fold_accuracy", model="quarters", cohort="list")
    assert row is not None
    assert lower is not None
    assert (row["n_comparisons"], lower["n_comparisons"]) == (15, 16)
    assert method_text(row).endswith("15 of 16 pairs")
    assert method_text(lower).endswith("16 of 16 pairs, 1 of them rejected for a failed image")
    assert (row["value"], lower["value"]) == (1, pytest.approx((3 + 3 / 4) / 4)), "one of four is wrong in one fold"


def test_accuracy_over_folds_is_printed_with_its_images(folders, tmp_path):
    def picky(batch):
        vectors = quarters(batch)
        vectors[vectors[:, 0] < 100] = np.nan
        return vectors

    listed = list_of(folders[0], tmp_path / "list.csv")
    models = [model(), model("picky", picky)]
    evaluation = facegap.evaluate(study([listed], tmp_path, models=models, failures="rejected"))
    printed = io.StringIO()
    show(Console(file=printed, width=400), evaluation, tmp_path)
    said = [line for line in printed.getvalue().splitlines() if ": accuracy " in line]
    assert [line.partition(": ")[0] for line in said] == [
        "quarters (every image the model could embed)",
        "picky (every image the model could embed)",
        "quarters (the images that every model could embed)",
        "picky (the images that every model could embed)",
    ]
    assert said[0].endswith("16 of 16 pairs, 0 of them rejected for a failed image")
    assert "16 of 16 pairs, " in said[1]
    assert said[2].endswith(" of 16 pairs")
    assert said[2].split(", ")[-1] == said[3].split(", ")[-1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": []}, "no model"),
        ({"models": [model(), model()]}, "two models are called 'quarters'"),
        ({"threshold_from": [facegap.ThresholdFrom("nobody", 0.01)]}, "no cohort 'nobody'"),
        ({"sample": 0}, "sample"),
        ({"most_images": 1}, "no genuine comparison"),
        ({"cohort_by": ["age"]}, "age"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_line(folders, tmp_path, options, message):
    with pytest.raises(facegap.InputError, match=message) as error:
        facegap.evaluate(study(folders, tmp_path, **options))
    assert "\n" not in str(error.value)


def test_a_random_sample_is_the_same_for_the_same_seed(folders, tmp_path):
    def sheet(seed):
        return facegap.evaluate(study(folders, tmp_path, sample=12, seed=seed)).sheet["path"].to_list()

    assert sheet(1) == sheet(1)
    assert sheet(1) != sheet(2)


def test_at_most_some_images_of_each_subject(folders, tmp_path):
    said = []
    evaluation = facegap.evaluate(study(folders, tmp_path, most_images=3), say=said.append)
    assert evaluation.value("images", model="quarters", cohort="plain") == 8 * 3
    assert evaluation.value("genuine", model="quarters", cohort="all") == 14 * 3
    assert evaluation.provenance["most images"] == "3"
    assert [line for line in said if "24 images kept, at most 3 of each subject" in line]
    assert "most images" not in facegap.evaluate(study(folders, tmp_path)).provenance


def test_a_killed_run_goes_on_where_it_stopped(run: Run, shared_dir, tmp_path, monkeypatch):
    """`kill -9` in the middle of dlib's work; the second run finds what was embedded, and its report is the same."""
    images = sorted((shared_dir / "data" / "johns").glob("*/*.jpg"))
    for path in images:
        target = tmp_path / "johns" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path)

    def command(store: str, out: str) -> list[str]:
        return [
            "evaluate", "johns", "--model", "dlib", "--store", store, "--out", out,
            "--workers", "1", "--charts", "none",
        ]  # fmt: skip

    monkeypatch.chdir(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "facegap", *command("store", "report")], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not list((tmp_path / "store").rglob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "report" / "index.html").exists()
    code, printed, wrong = run(*command("store", "report"))
    assert code == 0, wrong
    found = re.search(r"dlib: (\d+) of 55 embeddings found", printed)
    assert found, printed
    assert int(found[1]) > 0
    code, _, wrong = run(*command("fresh", "report2"))
    assert code == 0, wrong
    both = [json.loads((tmp_path / name / "evaluation.json").read_bytes()) for name in ("report", "report2")]
    for evaluation in both:
        evaluation.pop("seconds")
        evaluation["provenance"].pop("command")
    assert both[0] == both[1]
