"""Files that outlive the facegap that wrote them: older ones are read, newer ones refused, unknown keys kept."""

import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import facegap
from facegap.data.evaluation import Evaluation
from facegap.data.formats import unknown_part, with_unknown
from facegap.data.manifest import Manifest
from facegap.data.report_files import read_report
from facegap.errors import InputError
from facegap.jobs.audit import AUDIT_SCHEMA
from facegap.jobs.calibrate import Calibration, calibrate
from facegap.jobs.lookalike import LOOKALIKE_SCHEMA
from facegap.jobs.schemas import schemas
from facegap.jobs.split import split_subjects, write_split
from facegap.jobs.verify.verifying import Comparison, Verification, VerifiedImage
from facegap.report.charts.figures import figures_of
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.text.findings import shown_findings
from facegap.report.text.inputs import source_text
from facegap.report.text.methods import method_text

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "tests" / "fixtures" / "0.1.0"
NEWER = "made by a newer facegap: schema 3, this one reads up to 1: update facegap"


def of_0_1_0(name: str) -> bytes:
    """Return a file of a report that facegap 0.1.0 made of synthetic faces."""
    return lzma.decompress((OLD / f"{name}.xz").read_bytes())


@pytest.fixture(scope="module")
def old() -> Evaluation:
    return Evaluation.from_json(of_0_1_0("evaluation.json"))


@pytest.fixture(scope="module")
def plain(old: Evaluation) -> dict[str, Any]:
    """The same, as this facegap writes it."""
    return json.loads(old.to_json())


def obeys(name: str, written: object) -> None:
    """Hold what was written against the schema that the docs give."""
    schema = json.loads((ROOT / "docs" / "schema" / f"{name}.json").read_bytes())
    jsonschema.validate(written, schema, cls=jsonschema.Draft202012Validator)


def test_the_schemas_in_the_docs_are_up_to_date():
    kept = {path.stem: json.loads(path.read_bytes()) for path in (ROOT / "docs" / "schema").iterdir()}
    assert kept == json.loads(json.dumps(schemas())), "run `make schemas`"
    for schema in kept.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_report_of_0_1_0_is_read(old, plain):
    given = json.loads(of_0_1_0("evaluation.json"))
    assert "schema_version" not in given
    assert old.value("auc", model="dlib", cohort="hard") is not None
    assert old.subjects["auc_loss_share"].is_null().all(), "it did not know that"
    written = json.loads(json.dumps(plain))
    assert written.pop("schema_version") == 1
    assert written.pop("limits") == {"fmr": 0.001, "fnmr": 0.05}, "it had none, and is held to the usual ones"
    assert len(written["subjects"].pop("auc_loss_share")) == old.subjects.height > 0
    for table in ("metrics", "differences", "differentials"):
        assert not any(written[table].pop("method_values")), "its methods are sentences"
    assert written["failures"].pop("detail_values") == []
    assert not any(written["sources"].pop("summary_values")), "and so is how its inputs were read"
    assert not any(written["findings"].pop("values")), "and so are its findings"
    written["findings"]["message"] = written["findings"].pop("code")
    assert written == given, "nothing is lost"
    assert [one.text for one in shown_findings(old)] == given["findings"]["message"]
    assert [source_text(row) for row in old.sources.iter_rows(named=True)] == given["sources"]["summary"]
    assert {method_text(row) for row in old.metrics.iter_rows(named=True)} == set(given["metrics"]["method"])


def test_a_report_of_0_1_0_is_read_from_parquet_shown_judged_and_calibrated(tmp_path, old):
    (tmp_path / "evaluation.parquet").write_bytes(of_0_1_0("evaluation.parquet"))
    found = read_report(tmp_path)
    assert found.to_json() == old.to_json()
    assert [one.verdict for one in facegap.check(found, ["auc[hard] >= 0.1"])] == ["holds"]
    assert "soft + hard" in render(found, figures_of(found), shown_faces(found), None)
    theirs, ours = Calibration.read(OLD / "calibration.json"), calibrate(found).calibration
    assert theirs.use == ours.use
    assert theirs.of(0.3) == pytest.approx(ours.of(0.3), abs=0.3)


def test_written_files_obey_their_schemas(tmp_path, old, plain):
    for written in (plain, json.loads(of_0_1_0("evaluation.json"))):
        obeys("evaluation", written)
    kept = calibrate(old).calibration
    obeys("calibration", json.loads(kept.to_json()))
    obeys("calibration", json.loads((OLD / "calibration.json").read_bytes()))
    rows = [(f"{s}/{k}.png", s, "c") for s in "abcdefgh" for k in range(3)]
    manifest = Manifest(pl.DataFrame(rows, schema=["path", "subject", "cohort"], orient="row"), ("c",), "c")
    write_split(split_subjects(manifest, [], held_out=0.5, seed=0), manifest, tmp_path / "m.split.csv")
    for row in pl.read_csv(tmp_path / "m.split.csv").to_dicts():
        obeys("split", row)
    for name, schema in (("audit", AUDIT_SCHEMA), ("lookalikes", LOOKALIKE_SCHEMA)):
        empty = pl.DataFrame({column: [None] for column in schema}, schema=schema)
        obeys(name, empty.to_dicts()[0])
    photos = tuple(VerifiedImage(name, "ok") for name in "ab")
    found = Verification("m", "cosine", "similarity", photos, None, (Comparison("a", "b", 0.5),))
    obeys("verification", json.loads(msgspec.json.encode({"schema_version": 1, **msgspec.to_builtins(found)})))


def _first_row(table: Any) -> Any:
    columns = isinstance(table, dict) and all(isinstance(column, list) for column in table.values())
    return {name: column[:1] for name, column in table.items()} if columns else table


@pytest.mark.parametrize("name", ["evaluation", "calibration", "split"])
def test_the_schemas_refuse_what_is_none(name, plain, old):
    written = {
        "evaluation": {key: _first_row(value) for key, value in plain.items()},
        "calibration": json.loads(calibrate(old).calibration.to_json()),
        "split": {"path": "a", "subject": "b", "cohort": "c", "role": "train", "schema_version": 1},
    }[name]
    obeys(name, {**written, "another": 1})
    with pytest.raises(jsonschema.ValidationError):
        obeys(name, {**written, "schema_version": 3})
    for key in written.keys() - {"schema_version", "notice", "seconds", "limits"}:
        with pytest.raises(jsonschema.ValidationError):
            obeys(name, {other: value for other, value in written.items() if other != key})


def test_a_newer_file_is_refused_by_name_in_one_line(tmp_path, plain, old):
    report, calibration, table = (tmp_path / name for name in ("evaluation.json", "calibration.json", "r.parquet"))
    newer = json.dumps({**plain, "schema_version": 3, "metrics": "otherwise"})
    report.write_text(newer)
    old.metrics.write_parquet(table, metadata={"facegap": newer})
    calibration.write_text(json.dumps({"schema_version": 3}))
    for path, read in ((report, read_report), (table, read_report), (calibration, Calibration.read)):
        with pytest.raises(InputError) as refused:
            read(path)
        assert str(refused.value) == f"{path}: {NEWER}"


def test_unknown_keys_are_kept_at_any_depth(plain, old, tmp_path):
    new = json.loads(json.dumps(plain))
    new["model_families"] = {"dlib": ["ResNet", {"depth": 29}]}
    new["metrics"]["unit"] = ["share"] * len(new["metrics"]["value"])
    new["subjects"]["odd"] = [["two", None, {"three": 3.0}]] * old.subjects.height
    read = Evaluation.from_json(json.dumps(new).encode())
    assert read.metrics.equals(old.metrics), "what is known is as it was"
    assert json.loads(read.to_json()) == new
    read.timed(3.0).to_parquet(tmp_path / "r.parquet")
    assert json.loads(Evaluation.from_parquet(tmp_path / "r.parquet").to_json()) == {**new, "seconds": 3.0}

    kept = json.loads(calibrate(old).calibration.to_json())
    kept |= {"by": "somebody", "unknown": 7}
    kept["use"]["precision"] = "float16"
    kept["judged"][0]["weight"] = 2
    (tmp_path / "c.json").write_text(json.dumps(kept))
    assert json.loads(Calibration.read(tmp_path / "c.json").to_json()) == kept


SPOILT: dict[str, Callable[[dict], object]] = {
    "a list": lambda plain: [plain],
    "a column of another length": lambda plain: plain["roc"]["fmr"].pop(),
    "a column that is none": lambda plain: plain["roc"].update(fmr=3),
    "words for numbers": lambda plain: plain["metrics"].update(value=["x"] * len(plain["metrics"]["value"])),
    "no provenance": lambda plain: plain.pop("provenance"),
    "no column of values": lambda plain: plain["metrics"].pop("value"),
    "a table that is a list": lambda plain: plain.update(models=[]),
    "a name that is none": lambda plain: plain.update(name=None),
    "a version that is none": lambda plain: plain.update(schema_version="1"),
    "a version below": lambda plain: plain.update(schema_version=-1),
    "a true version": lambda plain: plain.update(schema_version=True),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_damaged_evaluation_is_one_line(plain, how):
    spoilt = json.loads(json.dumps(plain))
    made = SPOILT[how](spoilt)
    text = json.dumps(made if isinstance(made, list) and how == "a list" else spoilt)
    with pytest.raises(InputError, match="this is no facegap evaluation") as refused:
        Evaluation.from_json(text.encode())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff", b'{"a":' * 5000, b"[" * 10**6, b'{"schema_version": 1e400}']
)
def test_what_is_no_json_of_ours_is_one_line(tmp_path, data):
    (tmp_path / "c.json").write_bytes(data)
    for read in (lambda: Evaluation.from_json(data), lambda: Calibration.read(tmp_path / "c.json")):
        with pytest.raises(InputError) as refused:
            read()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        {"score": [], "log10_lr": []},
        {"score": [1.0, 2.0, 3.0]},
        {"score": [0.1, 0.7], "log10_lr": [0, 1]},
        {"score": "all"},
        {"use": {}},
    ],
)
def test_a_damaged_calibration_is_one_line(tmp_path, change):
    spoilt = json.loads((OLD / "calibration.json").read_bytes()) | change
    (tmp_path / "c.json").write_text(json.dumps(spoilt))
    with pytest.raises(InputError, match="is no calibration") as refused:
        Calibration.read(tmp_path / "c.json")
    assert "\n" not in str(refused.value)


anything = st.recursive(
    st.none() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
keys = st.sampled_from("abc")
objects = st.dictionaries(keys, anything, max_size=4)


def _without(value: Any, unknown: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, unknown) for key, inner in value.items() if key not in unknown}
    return [_without(inner, unknown) for inner in value] if isinstance(value, list) else value


@given(objects, st.sets(keys))
def test_what_a_reader_does_not_know_comes_back(file, unknown):
    known = _without(file, unknown)
    assert with_unknown(known, unknown_part(file, known)) == file
