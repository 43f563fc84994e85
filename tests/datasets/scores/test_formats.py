"""One set of scores in every format: the same numbers as from the embeddings that they came from."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import facegap
from facegap.data.comparator import Comparator
from facegap.data.source import GivenScores, Pairs
from facegap.jobs.evaluating import evaluate
from facegap.jobs.study import Study
from facegap.report.text.findings import shown_findings

KEYS = ("probe_cohort", "gallery_cohort", "metric", "at")
NUMBERS = ("threshold", "value", "low", "high", "n_comparisons", "n_errors", "n_subjects")


class Album:
    """Embeddings of 24 subjects with 3 or 4 images each, two of them failed, in two cohorts; and all their scores."""

    def __init__(self, comparator: Comparator = Comparator.COSINE) -> None:
        rng = np.random.default_rng(3)
        self.comparator = comparator
        self.subject = np.repeat(np.arange(24), rng.integers(3, 5, 24))
        n = len(self.subject)
        self.name = np.array([f"s{s:02}" for s in self.subject])
        self.sex = np.array(["fm"[s % 2] for s in self.subject])
        self.path = np.array([f"p/{s:02}_{k:03}.jpg" for k, s in enumerate(self.subject)])
        vectors = rng.normal(size=(24, 12))[self.subject] + 0.9 * rng.normal(size=(n, 12))
        self.vectors = vectors.astype(np.float32)
        self.vectors[[5, 40]] = np.nan
        self.a, self.b = np.triu_indices(n, 1)
        self.same = self.subject[self.a] == self.subject[self.b]
        self.score = comparator.sign * comparator.similarity(self.vectors[self.a], self.vectors[self.b])

    def from_embeddings(self, folder: Path, cohort_by: tuple[str, ...] = ()) -> facegap.Evaluation:
        """Measure the embeddings on a list of all comparisons."""
        np.savez(folder / "v.npz", embedding=self.vectors, subject=self.name, sex=self.sex, path=self.path)
        manifest = facegap.read([folder / "v.npz"], cohort_by=cohort_by)
        assert manifest.paths == self.path.tolist(), "row i is image i"
        embeddings = facegap.Embeddings(
            self.vectors,
            np.where(np.isnan(self.vectors[:, 0]), facegap.Outcome.MODEL_FAILED, facegap.Outcome.OK).astype(np.uint8),
            (None,) * len(self.path),
            np.full((len(self.path), 4), np.nan, np.float32),
        )
        spec = facegap.ModelSpec("m", "saved", "", "", 0, 12, self.comparator)
        pairs = Pairs(self.a, self.b, self.same, np.zeros(len(self.a), np.int64))
        return facegap.measure([facegap.score(embeddings, manifest, spec, pairs=pairs)], manifest, photos=False)

    def table(self, **columns) -> pl.DataFrame:
        sides = {f"path_{x}": self.path[i] for x, i in (("a", self.a), ("b", self.b))}
        score = pl.Series(self.score.astype(np.float64)).fill_nan(None)
        return pl.DataFrame({**sides, "score": score, **columns})

    def subjects(self) -> dict[str, np.ndarray]:
        return {"subject_a": self.name[self.a], "subject_b": self.name[self.b]}

    def attributes(self) -> dict[str, np.ndarray]:
        return {"sex_a": self.sex[self.a], "sex_b": self.sex[self.b]}


def written(score: np.float32) -> str:
    return f"{score:.9g}"


def csv(album: Album, folder: Path) -> Path:
    frame = album.table(**album.subjects(), **album.attributes())
    score = pl.Series("score", ["" if np.isnan(x) else written(x) for x in album.score])
    frame.with_columns(score).write_csv(folder / "scores.csv")
    return folder / "scores.csv"


def parquet(album: Album, folder: Path) -> Path:
    same = pl.Series("same", album.same)
    frame = album.table(**album.subjects(), **album.attributes()).with_columns(same)
    frame.sample(fraction=1, shuffle=True, seed=0).write_parquet(folder / "scores.parquet")
    return folder / "scores.parquet"


def bob_csv(album: Album, folder: Path) -> Path:
    columns = {
        "bio_ref_subject_id": album.name[album.a], "bio_ref_key": album.path[album.a],
        "probe_subject_id": album.name[album.b], "probe_key": album.path[album.b],
        "bio_ref_sex": album.sex[album.a], "probe_sex": album.sex[album.b],
        "score": [written(x) for x in album.score],
    }  # fmt: skip
    pl.DataFrame(columns).write_csv(folder / "bob.csv")
    return folder / "bob.csv"


def bob_5_columns(album: Album, folder: Path) -> Path:
    sides = zip(album.a, album.b, album.score, strict=True)
    lines = [f"{album.name[i]} {album.path[i]} {album.name[j]} {album.path[j]} {written(x)}" for i, j, x in sides]
    (folder / "scores-dev").write_text("\n".join(lines) + "\n")
    return folder / "scores-dev"


def square(album: Album) -> np.ndarray:
    matrix = np.ones((len(album.path), len(album.path)), np.float32)
    matrix[album.a, album.b] = matrix[album.b, album.a] = album.score
    return matrix


def beside(album: Album, folder: Path) -> None:
    people = {"path": album.path, "subject": album.name, "sex": album.sex}
    pl.DataFrame(people).write_csv(folder / "matrix.csv")


def matrix_npy(album: Album, folder: Path) -> Path:
    beside(album, folder)
    np.save(folder / "matrix.npy", square(album))
    return folder / "matrix.npy"


def matrix_mtx(album: Album, folder: Path, order: str = "<") -> Path:
    beside(album, folder)
    n = len(album.path)
    kind, magic = "S" if album.comparator.sign > 0 else "D", np.array([0x12345678], f"{order}u4").tobytes()
    head = f"{kind}2\nlist.csv\nlist.csv\nMF {n} {n} ".encode() + magic + b"\n"
    (folder / "matrix.mtx").write_bytes(head + square(album).astype(f"{order}f4").tobytes())
    return folder / "matrix.mtx"


def big_endian(album: Album, folder: Path) -> Path:
    return matrix_mtx(album, folder, ">")


def numbers(evaluation: facegap.Evaluation, columns=NUMBERS) -> pl.DataFrame:
    # The five columns of bob say nothing of failed images but that their scores are missing, as all formats do here.
    return evaluation.metrics.select(*KEYS, *columns).sort(KEYS)


FLOAT32 = 2**-23
"""Thresholds, and the ends of their intervals, may be float32 neighbours: those of given scores are rounded alike."""


@pytest.mark.parametrize("write", [csv, parquet, bob_csv, bob_5_columns, matrix_npy, matrix_mtx, big_endian])
@pytest.mark.parametrize("comparator", [Comparator.COSINE, Comparator.EUCLIDEAN])
def test_every_format_gives_the_numbers_of_the_embeddings(tmp_path: Path, write, comparator: Comparator) -> None:
    album = Album(comparator)
    path = write(album, tmp_path)
    expected = numbers(album.from_embeddings(tmp_path))
    found = evaluate(Study([f"v={path}"], seed=1))
    assert_frame_equal(numbers(found), expected, rel_tol=FLOAT32, abs_tol=0)
    assert found.models["comparator"].item() == comparator.unit
    assert expected.filter(metric="auc")["low"].item() is not None
    assert found.failures["path"].to_list() == album.path[[5, 40]].tolist()


@pytest.mark.parametrize("write", [csv, parquet, bob_csv, matrix_npy])
def test_attributes_make_cohorts(tmp_path: Path, write) -> None:
    album = Album()
    path = write(album, tmp_path)
    expected = numbers(album.from_embeddings(tmp_path, ("sex",)))
    found = evaluate(Study([f"v={path}"], cohort_by=["sex"]))
    assert_frame_equal(numbers(found), expected, rel_tol=FLOAT32, abs_tol=0)
    assert set(expected["probe_cohort"]) == {"f", "m", "all"}
    assert found.differences.filter(metric="auc")["low"].null_count() == 0


def test_two_files_give_the_rates_without_intervals(tmp_path: Path) -> None:
    album = Album()
    for name, same in (("genuine", True), ("impostor", False)):
        chosen = album.same == same
        lines = [f"{k} {written(x)}" for k, x in enumerate(album.score[chosen])]
        (tmp_path / f"Exp1_{name}.txt").write_text("\n".join(lines) + "\n")
    found = evaluate(Study([f"v={tmp_path / 'Exp1_genuine.txt'}"]))
    other = evaluate(Study([f"v={tmp_path / 'Exp1_impostor.txt'}"]))
    assert found.metrics.equals(other.metrics)
    counted = ("threshold", "value", "n_comparisons", "n_errors")
    expected = numbers(album.from_embeddings(tmp_path), counted)
    both = numbers(found, counted).join(expected, on=KEYS, how="semi")
    expected = expected.join(both, on=KEYS, how="semi")
    assert {"auc", "eer", "tar", "f1", "d_prime"} <= set(both["metric"])
    assert_frame_equal(both, expected, rel_tol=FLOAT32, abs_tol=0)
    assert found.metrics["low"].null_count() == found.metrics.height
    (finding,) = [one.text for one in shown_findings(found) if one.kind == "unknown-subjects"]
    assert "no intervals, no significance, no cohorts" in finding


def test_bob_in_four_columns_compares_probes_with_references(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = [f"c{k}" for k in range(12)]
    rows = [(a, b, k, rng.normal(3 * (a == b))) for a in names for b in names for k in range(2)]
    (tmp_path / "dev.txt").write_text("".join(f"{a}  {b}\t{b}/{k} {x:.7f}\n" for a, b, k, x in rows))
    source = facegap.read_source([tmp_path / "dev.txt"])
    assert isinstance(source, GivenScores)
    assert len(source.manifest) == 12 + 24
    assert {"reference of c0", "c0/0", "c0/1"} == set(source.manifest.frame.filter(subject="c0")["path"])
    genuine = sum(int(block.same.sum()) for block in source.blocks())
    assert genuine == 24
