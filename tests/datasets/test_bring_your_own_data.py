"""Every command of the page "Bring your own data" runs on inputs that look as the page says."""

import io
import json
import pickle
import shlex
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from PIL import Image
from typer.testing import CliRunner

from data.containers.made import write_rec, write_tar, write_zip
from facegap.cli.app import app
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import Manifest
from facegap.jobs.collect import find
from facegap.jobs.study import Study
from facegap.synthetic import write_population

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bring-your-own-data.md"
ROWS = [
    line.strip("|\n ").split(" | ")
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and "`facegap" in line
]
COMMANDS = [row[-1].strip("`") for row in ROWS]
WHO = ("Aoi", "Emi", "Kim", "Lee")
COHORTS = {
    "races": ["African", "Asian"], "ages.csv": ["0-39", "40-"], "people=general": ["people"],
    **{name: ["f", "m"] for name in ("agedb", "people.csv", "bfw.csv", "shard.tar")},
}  # fmt: skip


def _names(k: int, i: int) -> list[str]:
    """Return the places of image `i` of subject `k` in the folders of the page."""
    who, sex = WHO[k], "fm"[k % 2]
    return [
        f"photos/{who}/{i}.jpg", f"{('general', 'young')[k % 2]}/{who}/{i}.jpg",
        f"races/{('African', 'Asian')[k % 2]}/{k}{who}/{i}.jpg", f"named/{who}_{i}.jpg",
        f"flat/{who}_Yamada_{i + 1:04d}.jpg", f"copies/{who} ({i}).jpg", f"fgnet/00{k}A{i:02d}.JPG",
        f"agedb/{k}{i}_{who}_3{i}_{sex}.jpg", f"morph/00905{k}_{i}{sex.upper()}54.JPG",
        f"cfd/CFD-W{sex.upper()}-00{k}-00{i}-N.jpg", f"own/202{i}/{sex}-001{k}-a.jpg", f"celeba/00000{k * 3 + i}.jpg",
        f"lfw/{who}/{who}_{i + 1:04d}.jpg", f"{('id', 'selfie')[i > 0]}/{who}/{i}.jpg",
        f"crops/{k * 3 + i}.jpg",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("page")
    write_population(home / "drawn", subjects=len(WHO), images=3, spread=1.0, seed=3)
    drawn = sorted(path for path in (home / "drawn").rglob("*") if path.is_file() and path.suffix in (".jpg", ".png"))
    for number, image in enumerate(drawn):
        for name in _names(*divmod(number, 3)):
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).hardlink_to(image)
    genuine = [(f"{who}_Yamada_0001.jpg", f"{who}_Yamada_0002.jpg") for who in WHO]
    impostor = [(f"{a}_Yamada_0001.jpg", f"{b}_Yamada_0003.jpg") for a, b in zip(WHO, WHO[2:] + WHO[:2], strict=True)]
    flagged = [(*pair, 1) for pair in genuine] + [(*pair, 0) for pair in impostor]
    lfw = [f"{who}\t1\t2" for who in WHO] + [f"{a}\t1\t{b}\t3" for a, b in zip(WHO, WHO[1:] + WHO[:1], strict=True)]
    sex = {who: "fm"[k % 2] for k, who in enumerate(WHO)}
    texts = {
        "people.csv": [
            "path,subject,sex",
            *(f"photos/{who}/{i}.jpg,{who},{sex[who]}" for who in WHO for i in range(3)),
        ],
        "videos.csv": [
            "path,subject,template",
            *(f"photos/{who}/{i}.jpg,{who},{'enrolled' if i < 2 else 'visit'}" for who in WHO for i in range(3)),
        ],
        "face_tid_mid.txt": [f"{k * 3 + i}.jpg {k * 2 + (i > 1)} {i}" for k in range(4) for i in range(3)],
        "template_pair_label.txt": [*(f"{2 * k} {2 * k + 1} 1" for k in range(4)), "0 2 0", "1 7 0", "3 4 0"],
        "identity_CelebA.txt": [f"00000{k * 3 + i}.jpg {2880 + k}" for k in range(4) for i in range(3)],
        "pairs.txt": ["4", *lfw],
        "African_pairs.txt": lfw,
        "Asian_pairs.txt": lfw,
        "ages.csv": [
            "path,subject,age",
            *(f"photos/{who}/{i}.jpg,{who},{20 + 15 * k}" for k, who in enumerate(WHO) for i in range(3)),
        ],
        "pairs_CPLFW.txt": [f"{name} {flag}" for a, b, flag in flagged for name in (a, b)],
        "list.txt": [f"{a} {b} {flag}" for a, b, flag in flagged],
        "bfw.csv": [
            "p1,p2,label,id1,id2,att1,att2",
            *(f"{a},{b},{flag},{a[:3]},{b[:3]},{sex[a[:3]]},{sex[b[:3]]}" for a, b, flag in flagged),
        ],
    }
    for name, lines in texts.items():
        (home / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    _pack(home, sex)
    return home


def _pack(home: Path, sex: dict[str, str]) -> None:
    """Write the files of the page that hold images inside, the photos of an iPhone and Excel's table."""
    photos = {f"{who}/{i}.jpg": (home / "photos" / who / f"{i}.jpg").read_bytes() for who in WHO for i in range(3)}
    heif = pytest.importorskip("pillow_heif", reason="the means to write HEIC are of the extra `dev`")
    for name, data in photos.items():
        place = home / "phone" / Path(name).with_suffix(".HEIC")
        place.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(io.BytesIO(data)) as image:
            heif.from_pillow(image.convert("RGB")).save(place)
    write_zip(home / "people.zip", photos)
    said = {name: {"subject": who, "sex": sex[who]} for name in photos if (who := name.split("/")[0])}
    files = [(name.replace("/", ""), data, json.dumps(said[name]).encode()) for name, data in photos.items()]
    beside = {name.replace(".jpg", ".json"): text for name, _, text in files}
    write_tar(home / "shard.tar", {name: data for name, data, _ in files} | beside)
    images = [{"bytes": data, "path": name} for name, data in photos.items()]
    table = pl.DataFrame({"image": images, "label": [name.split("/")[0] for name in photos]})
    table.write_parquet(home / "hf.parquet")
    (home / "hub" / "data").mkdir(parents=True)
    for part in range(2):
        table[part::2].write_parquet(home / "hub" / "data" / f"train-0000{part}-of-00002.parquet")
    write_rec(home / "train.rec", [(WHO.index(name.split("/")[0]), data) for name, data in photos.items()])
    chains = [(f"{who}/{i}.jpg", f"{who}/{i + 1}.jpg") for who in WHO for i in range(2)]
    others = [(f"{a}/0.jpg", f"{b}/0.jpg") for a, b in pairwise(WHO)]
    same = [True] * len(chains) + [False] * len(others)
    (home / "lfw.bin").write_bytes(pickle.dumps(([photos[name] for pair in chains + others for name in pair], same)))
    lines = ["sep=;", "path;subject", *(f"PHOTOS\\{name.replace('/', chr(92))};{name[:3]}" for name in photos)]
    (home / "excel.csv").write_text("\r\n".join(lines), encoding="utf-16")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_reads_its_people(command: str, home: Path, monkeypatch) -> None:
    """The commands run up to the images: what comes after is the same for all of them."""
    found: list[Manifest] = []

    def only_read(study: Study, **_: object) -> None:
        found.append(find(study).manifest)
        raise SystemExit(0)

    monkeypatch.chdir(home)
    monkeypatch.setattr("facegap.jobs.evaluating.evaluate", only_read)
    _, *arguments = shlex.split(command)
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    (manifest,) = found
    guessed = arguments[1] in ("pairs_CPLFW.txt", "list.txt")
    assert manifest.frame["subject"].n_unique() == (len(WHO) * 2 if guessed else len(WHO))
    assert list(manifest.cohorts) == COHORTS.get(arguments[1], list(manifest.cohorts))


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command(command: str, home: Path, monkeypatch) -> None:
    monkeypatch.chdir(home)
    _, *arguments = shlex.split(command)
    extra = ["--no-images", "--intervals", "none", "--store", "store", "-o", "report"]
    done = CliRunner().invoke(app, [*arguments, *extra], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert Evaluation.from_parquet(home / "report" / "evaluation.parquet").metrics.height


def test_the_page_has_a_command_for_each_layout() -> None:
    assert len(COMMANDS) >= 26
    assert {"lfw-flat", "fgnet", "agedb", "morph", "cfd", "numbered"} <= {word for c in COMMANDS for word in c.split()}
