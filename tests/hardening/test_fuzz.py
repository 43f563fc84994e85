"""Whatever a file or a rule says, reading it gives a result or a `FacegapError`, and nothing else.

Each parser is given seeds that are right, changed at random: a hundred in every run, a hundred thousand in the slow
part. A case that fails is named by its number, which makes it again.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.datasets.discover import discover
from facegap.errors import FacegapError
from facegap.jobs.calibrate import Calibration, Judged
from facegap.jobs.check import check, junit_xml
from facegap.jobs.use import Use
from facegap.models.dlib.dat_file import read_face_network
from facegap.models.onnx.contract import contract_from_toml
from facegap.models.onnx.onnx_file import parse_onnx
from facegap.models.onnx.resolve import resolve_contract
from hardening.mutants import of_bytes, of_json
from jobs.check.made import difference, differential, evaluation, metric, models
from models.dlib.dlib_writer import STYLES, Writer

FEW, MANY = 100, 100_000

RULES = [
    *("auc[young] >= 0.97", "auc@fmr=1e-3[general, new] <= 0.5", "fmr_ratio(young-women/general) <= 2"),
    *("not_worse(new, old, auc, 0.01)[general]", "better(new, old, auc)", "auc_gap(general - young-women)[new] <= 0.1"),
    *('auc["a "" b"] >= 1e-3', "fmr_max_min@shipped[new] <= 5", "equivalent(new, old, fnmr@fmr=0.01, 0.1)"),
]


@cache
def small_evaluation() -> Evaluation:
    return evaluation(
        [metric("auc", 0.95, 0.9, 0.98), metric("fmr", 0.01, 0.0, 0.1, at="shipped", cohort="young-women")],
        [difference(0.03, 0.01, 0.05), models(0.01, -0.01, 0.02)],
        [differential("fmr max/min", 2.0, 1.0, 4.0)],
        models=("new", "old"),
    )


@cache
def calibration() -> bytes:
    use = Use("m", "0" * 64, Comparator.EUCLIDEAN, "dlib-150", "dlib-hog", "main", 2048, None)
    judged = (Judged("others", True, 100, 1000, 0.5, 0.3, 0.2),)
    return Calibration(use, "made", "general", "logistic", (1.2, 0.3), (-1.0, 2.0), judged).to_json()


@cache
def network() -> bytes:
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 16, 16])
    out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3, 16, 16])
    made = helper.make_model(
        helper.make_graph([helper.make_node("Relu", ["image"], ["embedding"])], "g", [image], [out])
    )
    said = {"crop": "whole", "size": "16", "mean": "[1, 2, 3]", "std": "1,1,1", "comparator": "cosine"}
    more = {"threshold": "0.5", "dimension": "5", "colour": "BGR", "output": "embedding", "licence": "none"}
    helper.set_model_props(made, {f"facegap.{key}": value for key, value in {**said, **more}.items()})
    return made.SerializeToString()


TOML = b"""crop = "whole"
size = 16
mean = [1.0, 2.0, 3.0]
std = [1.0, 1.0, 1.0]
comparator = "cosine"
threshold = 0.5
dimension = 5
"""
TABLES = [
    b"path,subject,sex,age\na.png,Anna,f,30\nb.png,Anna,f,30\nc.png,Bert,m,9\n",
    'path;subject\n若.png;若\nb.png;"a ""b"""\n'.encode(),
    "path\tlabel\nあ.png\tあおい\n".encode("cp932"),
]
PAIRS = [
    b"2\nAnna 1 2\nBert 1 2\nAnna 1 Bert 1\nAnna 2 Bert 3\n",
    b"2 1\nAnna 1 2\nAnna 1 Bert 1\nBert 1 2\nBert 1 Anna 2\n",
    b"path_a,path_b,same,subject_a,subject_b,fold\na.png,b.png,1,Anna,Anna,1\na.png,c.png,0,Anna,Bert,2\n",
]


@cache
def saved() -> bytes:
    import io

    packed = io.BytesIO()
    np.savez(packed, embedding=np.eye(4, dtype=np.float32), subject=np.array(list("aabb")), age=np.arange(4.0))
    return packed.getvalue()


@dataclass(frozen=True)
class Parser:
    """Where its seeds come from, how they are changed, and what reads them from a file or from bytes."""

    seeds: Callable[[], list[bytes]]
    reads: Callable[[bytes, Path], object]
    mutants: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (of_bytes,)


def in_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes, Path], object]:
    def reads(content: bytes, folder: Path) -> object:
        (folder / name).write_bytes(content)
        return read(folder / name)

    return reads


def listed(path: Path) -> object:
    """Read a table or a list in a folder that holds one of its images, so that it is read to the end."""
    (path.parent / "a.png").touch()
    return discover(path, None, None)


def used_onnx(content: bytes, folder: Path) -> object:
    return resolve_contract(parse_onnx(content, folder / "net.onnx"))


def metadata_of(seed: bytes, rng: np.random.Generator) -> bytes:
    """Change one text of the metadata, to whatever bytes."""
    made = onnx.load_model_from_string(seed)
    entry = made.metadata_props[int(rng.integers(len(made.metadata_props)))]
    part = "value" if rng.random() < 0.7 else "key"
    text = of_bytes(getattr(entry, part).encode(), rng).decode(errors="replace")
    with suppress(ValueError):
        setattr(entry, part, text)
    return made.SerializeToString()


def judged(content: bytes, folder: Path) -> object:
    found = Evaluation.from_json(content)
    for rule in RULES:
        with suppress(FacegapError):
            judgements = check(found, [rule])
            junit_xml(judgements, [""], allow_undecided=False, properties={"name": found.name, "notice": found.notice})
    return found


def ruled(content: bytes, folder: Path) -> object:
    return check(small_evaluation(), [content.decode(errors="replace")])


PARSERS = {
    "table": Parser(lambda: TABLES, in_file("t.csv", listed)),
    "pairs": Parser(lambda: PAIRS, in_file("p.txt", listed)),
    "saved embeddings": Parser(lambda: [saved()], in_file("s.npz", listed)),
    "dlib": Parser(
        lambda: [Writer(style).content for style in STYLES],
        lambda content, _: read_face_network(content, Path("w.dat")),
    ),
    "ONNX": Parser(lambda: [network()], used_onnx, (of_bytes, metadata_of, metadata_of)),
    "TOML": Parser(lambda: [TOML], in_file("net.toml", contract_from_toml)),
    "rules": Parser(lambda: [rule.encode() for rule in RULES], ruled),
    "calibration": Parser(lambda: [calibration()], in_file("c.json", Calibration.read), (of_bytes, of_json)),
    "evaluation": Parser(lambda: [small_evaluation().to_json()], judged, (of_bytes, of_json, of_json)),
}


def cases(parser: Parser, count: int) -> Iterator[tuple[int, bytes]]:
    seeds = parser.seeds()
    for case in range(count):
        rng = np.random.default_rng(case)
        mutant = parser.mutants[case % len(parser.mutants)]
        yield case, mutant(seeds[int(rng.integers(len(seeds)))], rng)


def lawful(parser: Parser, content: bytes, folder: Path) -> str:
    """Return whether the content is read or refused; whatever else is raised goes on."""
    try:
        parser.reads(content, folder)
    except FacegapError:
        return "refused"
    return "read"


@pytest.mark.parametrize("name", PARSERS)
def test_what_is_right_is_read(name: str, tmp_path: Path) -> None:
    for seed in PARSERS[name].seeds():
        with suppress(FacegapError):  # some rules ask for what the small evaluation lacks
            PARSERS[name].reads(seed, tmp_path)


def fuzz(name: str, count: int, folder: Path) -> None:
    parser, ends = PARSERS[name], set()
    for case, content in cases(parser, count):
        try:
            ends.add(lawful(parser, content, folder))
        except BaseException as error:
            error.add_note(f"{name}, case {case}")
            raise
    assert ends == {"read", "refused"}


@pytest.mark.parametrize("name", PARSERS)
def test_what_is_almost_right_is_read_or_refused(name: str, tmp_path: Path) -> None:
    fuzz(name, FEW, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_what_is_almost_right_a_hundred_thousand_times(name: str, tmp_path: Path) -> None:
    fuzz(name, MANY, tmp_path)


DEEP = 5000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("TOML", b"a = " + b"[" * DEEP + b"]" * DEEP),
        ("TOML", b"a = " + b"{a=" * DEEP + b"1" + b"}" * DEEP),
        ("TOML", b"size = \xff"),
        ("calibration", b"[" * DEEP + b"]" * DEEP),
        ("calibration", b'{"use": "\xff"}'),
        ("calibration", b"\xff\xfe"),
        ("evaluation", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
        ("evaluation", b'{"name": "\xff"}'),
        ("evaluation", b"[]"),
        ("evaluation", b'"a"'),
        ("evaluation", b""),
        ("table", b"a.png " + b"7" * DEEP),
        ("pairs", b"a.png " + b"7" * DEEP + b"\nb.png " + b"7" * DEEP),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_deep_or_no_text_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    assert lawful(PARSERS[name], content, tmp_path) == "refused"


def test_lines_may_end_in_a_carriage_return_alone(tmp_path: Path) -> None:
    assert lawful(PARSERS["table"], b"path,subject\ra.png,Anna\rb.png,Anna\n", tmp_path) == "read"
