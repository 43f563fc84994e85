"""Adapting end to end: a gain is proved and written, no gain is noticed, and bad input is one line."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest
from PIL import Image

import facegap
from facegap.data.statement import in_english
from facegap.errors import FacegapError, InputError, ModelError
from facegap.jobs.adapt import adapt, adapting
from facegap.jobs.adapt import adapted_model as exporting
from facegap.jobs.adapt.adapted_model import write_adapted
from facegap.jobs.proof import Result
from facegap.jobs.study import Study
from facegap.models.onnx.inspection import inspect_onnx
from jobs.adapt.conftest import leave_few_recipes, quarters_network, write_people


def study(tmp_path: Path, network: Path | str, *inputs: Path, **options) -> Study:
    return Study(inputs=inputs, models=[str(network)], store=tmp_path / "store", workers=1, **options)


@pytest.fixture(scope="module")
def adapted(tmp_path_factory):
    """An adaptation that helps, the study it came from, what was said, and the record that was written.

    No test changes its folder.
    """
    folder = tmp_path_factory.mktemp("gained")
    ours = write_people(folder / "ours", subjects=50)
    general = write_people(folder / "others", subjects=20, told=9, seed=1)
    asked = study(folder, quarters_network(folder / "quarters.onnx"), ours, command="facegap adapt ours")
    said, records = [], []

    def written(record, out: Path) -> None:
        records.append(record)
        write_adapted(record, out)

    with pytest.MonkeyPatch.context() as patch:
        leave_few_recipes(patch)
        patch.setattr(adapting, "write_adapted", written)
        done = adapt(asked, folder / "out" / "new.onnx", general=[general], held_out=0.4, margin=0.05, say=said.append)
    return done, asked, said, records[0]


@pytest.fixture(scope="module")
def gained(adapted):
    """An adaptation that helps, the study it came from, and what was said."""
    return adapted[:3]


@pytest.fixture(scope="module")
def another_record(adapted):
    """The record of that adaptation as if other images had been learnt from, so that its file differs."""
    return replace(adapted[3], data="0" * 64)


def test_a_gain_is_proved_on_unseen_subjects_and_written(gained):
    done, _, said = gained
    assert done.proof.result is Result.GAIN, done.proof.sentences
    out = done.written.parent
    assert done.written == out / "new.onnx"
    assert sorted(path.name for path in out.iterdir()) == ["new.md", "new.onnx", "new.split.csv"]
    split = pl.read_csv(out / "new.split.csv")
    trained = set(split.filter(role="train")["subject"])
    judged = set(done.proof.evaluation.subjects["subject"])
    assert len(trained) == 30
    assert not trained & judged
    counts = dict(done.proof.evaluation.cohorts.select("cohort", "subjects").iter_rows())
    assert counts == {"ours": 20, "others": 20, "all": 40}
    assert any(
        "50 subjects: 30 to learn from, 20 held out to judge on; others: 20 subjects to judge on" in s for s in said
    )
    assert "did not learn from. Gain: quarters adapted is better on ours" in done.proof.evaluation.notice


def test_the_file_needs_no_options_and_says_where_it_comes_from(gained):
    done, asked, _ = gained
    found = inspect_onnx(done.written)
    assert in_english(found.note) == "contract from the metadata in the file"
    assert found.file.metadata["who"] == "tests"
    assert found.file.metadata["signature"] == "quarters, adapted by facegap"
    contract = found.contract
    assert contract is not None
    assert (contract.comparator, contract.licence, contract.dimension) == (
        "cosine",
        "CC0-1.0",
        done.choice.recipe.dimension,
    )
    assert contract.threshold_rule.startswith("FMR <= ")
    assert "that it was not trained on" in contract.threshold_cohort
    assert len(contract.data) == 64
    again = facegap.evaluate(replace(asked, models=[str(done.written)], inputs=[asked.inputs[0].with_name("others")]))
    before = done.proof.evaluation.value("auc", model="quarters adapted", cohort="others")
    assert again.value("auc", model="new", cohort="others") == pytest.approx(before, abs=1e-4)
    shipped = again.row("fmr", model="new", cohort="others", at="shipped")
    assert shipped is not None
    assert shipped["threshold"] == contract.threshold
    assert done.proof.suggested is not None
    assert shipped["value"] <= done.proof.suggested.fmr, "the suggested threshold holds for other people too"


def test_the_card_says_what_was_measured_and_names_nobody(gained):
    done, asked, _ = gained
    card = done.written.with_suffix(".md").read_text(encoding="utf-8")
    for words in (
        "# new.onnx",
        "| ours | train | 30 | 120 |",
        "licence: CC0-1.0",
        "## Limits",
        asked.command,
        "cosine",
    ):
        assert words in card
    for sentence in done.proof.sentences:
        assert sentence in card
    assert "ours000" not in card
    assert card.endswith("<!-- facegap model card, schema_version 1 -->\n")


@pytest.mark.usefixtures("few_recipes")
def test_the_same_seed_gives_the_same_files_with_any_number_of_workers(tmp_path, gained):
    done, asked, _ = gained
    again = adapt(
        replace(asked, workers=2, store=tmp_path / "another"), tmp_path / "again" / "new.onnx",
        general=[asked.inputs[0].with_name("others")], held_out=0.4, margin=0.05,
    )  # fmt: skip
    for name in ("new.onnx", "new.md", "new.split.csv"):
        assert (tmp_path / "again" / name).read_bytes() == done.written.with_name(name).read_bytes()
    assert again.proof.evaluation.to_json() == done.proof.evaluation.to_json()


def untouched(*_, **__):
    raise AssertionError("an image was embedded")


@pytest.mark.parametrize(
    ("subjects", "others", "says"),
    [(38, 20, r": 19 in ours, and 20 are needed"), (40, 19, r": 19 in others, and 20 are needed")],
)
def test_too_few_judges_are_refused_before_any_image_is_embedded(
    tmp_path, network, people, monkeypatch, subjects, others, says
):
    monkeypatch.setattr(adapting, "embed_images", untouched)
    ours, general = people("ours", subjects=subjects), people("others", subjects=others, seed=1)
    with pytest.raises(InputError, match=says):
        adapt(study(tmp_path, network, ours), tmp_path / "new.onnx", general=[general], held_out=0.5)


def test_judges_without_usable_images_do_not_count(tmp_path, network, people, monkeypatch):
    monkeypatch.setattr(adapting, "choose", untouched)
    ours, general = people("ours", subjects=40), people("others", subjects=20, seed=1)
    for name in ("0", "1", "2"):
        (general / "others000" / f"{name}.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r": 19 in others, and 20 are needed"):
        adapt(study(tmp_path, network, ours), tmp_path / "new.onnx", general=[general], held_out=0.5)


def test_other_people_are_asked_for_before_anything_is_read(tmp_path, network):
    with pytest.raises(InputError, match="no other people are given"):
        adapt(study(tmp_path, network, tmp_path / "nowhere"), tmp_path / "new.onnx")


@pytest.mark.usefixtures("few_recipes")
def test_without_other_people_the_notice_and_the_card_say_what_is_unknown(tmp_path, network, people):
    ours = people("ours", subjects=50)
    done = adapt(study(tmp_path, network, ours), tmp_path / "new.onnx", general=None, held_out=0.4)
    assert done.proof.result is Result.GAIN
    assert done.proof.evaluation.notice.endswith("What it costs other people was not measured.")
    limits = (tmp_path / "new.md").read_text(encoding="utf-8").partition("## Limits")[2]
    assert "What it costs other people was not measured. Neither was how often the suggested threshold" in limits


@pytest.mark.usefixtures("few_recipes")
def test_where_there_is_nothing_to_gain_it_says_so_and_writes_nothing(tmp_path, network, people):
    crowd = people("crowd", subjects=40, told=12, noise=4, spread=4)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "new.onnx").write_text("an older model")
    done = adapt(study(tmp_path, network, crowd), tmp_path / "out" / "new.onnx", general=None, held_out=0.5)
    assert done.proof.result is Result.NO_GAIN
    assert done.written is None
    assert done.proof.sentences[-1].startswith("No gain: keep quarters as it is (")
    assert [path.read_text() for path in (tmp_path / "out").iterdir()] == ["an older model"]


@pytest.mark.usefixtures("few_recipes")
def test_a_gain_at_the_expense_of_others_is_not_taken(tmp_path, network, people):
    ours = people("ours", subjects=50)
    upside_down = tmp_path / "others"
    for path in sorted(people("turned", subjects=20, seed=1).rglob("*.png")):
        place = upside_down / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.asarray(Image.open(path))
        Image.fromarray(pixels[::-1, ::-1, ::-1].copy()).save(place)
    done = adapt(study(tmp_path, network, ours), tmp_path / "new.onnx", general=[upside_down], held_out=0.4)
    assert done.proof.result is Result.TOO_DEAR, done.proof.sentences
    assert "but it is worse on others" in done.proof.sentences[-1]
    assert not (tmp_path / "new.onnx").exists()


@pytest.mark.usefixtures("few_recipes")
def test_general_subjects_that_were_learnt_from_are_left_out(tmp_path, network, people):
    ours, others = people("ours", subjects=50), people("others", subjects=20, told=9, seed=1)
    shutil.copytree(ours, others, dirs_exist_ok=True)
    said = []
    adapt(study(tmp_path, network, ours), tmp_path / "new.onnx", general=[others], held_out=0.4, say=said.append)
    assert any(
        "others: 40 subjects to judge on, 30 more left out because they are among those" in line for line in said
    )


def test_a_full_disk_leaves_the_older_files(gained, another_record, monkeypatch):
    done, _, _ = gained
    out = done.written.parent
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "card", full)
    with pytest.raises(InputError, match=r"No space left on device.*older files are as they were"):
        write_adapted(another_record, done.written)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_file_that_differs_from_its_parts_is_not_written(tmp_path, another_record, monkeypatch):
    monkeypatch.setattr(exporting, "TOLERANCE", -1.0)
    with pytest.raises(ModelError, match="nothing was written"):
        write_adapted(another_record, tmp_path / "other" / "new.onnx")
    assert not (tmp_path / "other").exists()


@pytest.mark.usefixtures("few_recipes")
def test_a_fixed_batch_is_kept(tmp_path, network, people):
    model = onnx.load(network)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(model, network)
    ours = people("ours", subjects=50)
    done = adapt(study(tmp_path, network, ours), tmp_path / "new.onnx", general=None, held_out=0.4)
    assert done.written is not None
    assert inspect_onnx(done.written).file.outputs[0].shape == (1, done.choice.recipe.dimension)


def mine(crops: np.ndarray) -> np.ndarray:
    return crops.reshape(len(crops), -1)[:, :12]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A folder with a network, and inputs that nothing can be learnt from."""
    folder = tmp_path_factory.mktemp("odd")
    quarters_network(folder / "quarters.onnx")
    crowd = write_people(folder / "crowd", subjects=40)
    write_people(folder / "single", subjects=6, images=1)
    few = write_people(folder / "few", subjects=3)
    shutil.copytree(crowd / "crowd000", folder / "alone" / "crowd000")
    shutil.copytree(crowd, folder / "twice")
    for name in ("one", "two"):
        shutil.copytree(few / "few000", folder / "twice" / name)
    np.savez(folder / "saved.npz", embedding=np.eye(4, dtype=np.float32), subject=list("aabb"), path=list("1234"))
    pair = {"path_a": ["crowd/crowd000/0.png"], "path_b": ["crowd/crowd001/1.png"], "same": ["0"]}
    pl.DataFrame(pair).write_csv(folder / "pairs.csv")
    return folder


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"models": ["dlib:reference"]}, ModelError, "is no ONNX network, so nothing can be joined to it"),
        ({"models": []}, InputError, "0 models were named"),
        ({"models": ["quarters.onnx", "b=quarters.onnx"]}, InputError, "2 models were named"),
        ({"inputs": ["alone"]}, InputError, "alone has one subject"),
        ({"inputs": ["single"]}, InputError, "0 subjects of 6 in single with 2 or more different images"),
        ({"inputs": ["few"]}, InputError, "too few to learn from some"),
        ({"inputs": ["saved.npz"]}, InputError, "saved embeddings bring no network that could be adapted"),
        ({"inputs": ["pairs.csv"]}, InputError, "list of pairs"),
        ({"inputs": ["twice"]}, InputError, "filed under 'crowd000' and 'one' and 'two': "),
    ],
)
def test_bad_input_is_one_line_before_anything_is_written(tmp_path, odd, monkeypatch, change, error, says):
    monkeypatch.chdir(odd)
    asked = replace(study(tmp_path, odd / "quarters.onnx", odd / "crowd"), **change)
    with pytest.raises(error, match=says) as raised:
        adapt(asked, Path("new.onnx"), general=None, held_out=0.5)
    assert isinstance(raised.value, FacegapError)
    assert "\n" not in str(raised.value)
    assert not list(odd.glob("new*"))


def test_a_python_function_and_a_wrong_name_are_refused(tmp_path, network, people):
    crowd = people("crowd", subjects=6)
    spec = facegap.ModelSpec(
        name="mine", runtime="python", weights="1", crop="whole", size=16, dimension=12,
        comparator=facegap.Comparator.COSINE,
    )  # fmt: skip
    with pytest.raises(ModelError, match="mine is no ONNX network"):
        adapt(
            replace(study(tmp_path, network, crowd), models=[facegap.Model(embed=mine, spec=spec)]),
            Path("a.onnx"),
            general=None,
        )
    with pytest.raises(InputError, match=r"a\.bin is no name of an ONNX file"):
        adapt(study(tmp_path, network, crowd), Path("a.bin"), general=None)


def test_cohorts_of_one_name_are_refused(tmp_path, network, people):
    ours = people("ours", subjects=40)
    with pytest.raises(InputError, match="both have a cohort 'ours': name one apart"):
        adapt(study(tmp_path, network, ours), tmp_path / "new.onnx", general=[ours], held_out=0.5)
