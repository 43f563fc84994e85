"""A made-up evaluation with the exact tables of a real one: two models, three cohorts, simulated scores."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from facegap.data.evaluation import Evaluation
from facegap.data.evaluation_tables import TABLES
from facegap.data.failure import FailureCode
from facegap.data.input_summary import InputCode, InputSummary
from facegap.data.statement import Statement, cell_of
from report.filled import filled

JAPANESE, HOSTILE = "若年女性", '<b>&"quoted"\x0b'
COHORTS = ("general", JAPANESE, HOSTILE)
MODELS: dict[str, tuple[str, float | None]] = {"dlib": ("euclidean", 0.6), "mobilefacenet_ms1m_112": ("cosine", 0.36)}
LEVELS = (0.1, 0.01, 0.001, 0.0001, 1e-05, 1e-06)
IMAGES, SUBJECTS = 300, 140
SINGLE = '{"cohort":"general","single":1,"subjects":140,"names":["</script><script>alert(1)</script>"]}'
FOLDS = Statement.of("folds", folds=10, error=0.0041, judged=5990, listed=6000)
FACELESS = Statement.of(FailureCode.NO_FACE, width=640, height=480)
TRUNCATED = Statement.of(FailureCode.NOT_DECODED, error="image file is truncated")
READ = InputSummary(
    "general", "photos/general", "prefix",
    (
        Statement.of(InputCode.PREFIXES),
        Statement.of(InputCode.IMAGES, images=IMAGES, templates=None, subjects=SUBJECTS),
        Statement.of(InputCode.ATTRIBUTES, attributes=["sex", "age"]),
    ),
)  # fmt: skip
UNRESOLVED = Statement.of("too_few_impostors", expected=0.3, impostor=30_000, subjects=SUBJECTS, least=3)

Scores = tuple[np.ndarray, np.ndarray]


def simulate(comparator: str, cohort: int, rng: np.random.Generator, *, gap: float = 0.0) -> Scores:
    """Return genuine and impostor scores of one cohort in the comparator's native unit."""
    genuine, impostor = rng.normal(size=900), rng.normal(size=30_000)
    cohort %= 3
    if comparator == "euclidean":
        return 0.39 + 0.09 * genuine - gap, (0.68, 0.52, 0.63)[cohort] + 0.07 * impostor + gap
    return 0.52 + 0.15 * genuine + gap, 0.05 + 0.03 * cohort + 0.09 * impostor - gap


def rates(scores: Scores, sign: int, thresholds: np.ndarray) -> dict[str, np.ndarray]:
    """Return the rates of a sweep; precision is null where nothing is accepted."""
    genuine, impostor = (np.sort(sign * s) for s in scores)
    tp = len(genuine) - np.searchsorted(genuine, sign * thresholds)
    fp = len(impostor) - np.searchsorted(impostor, sign * thresholds)
    recall, fmr = tp / len(genuine), fp / len(impostor)
    precision = np.where(tp + fp > 0, tp / np.maximum(tp + fp, 1), np.nan)
    f1 = 2 * tp / (len(genuine) + tp + fp)
    accuracy = (tp + len(impostor) - fp) / (len(genuine) + len(impostor))
    return {
        "accuracy": accuracy,
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "fmr": fmr,
        "fnmr": 1 - recall,
    }


def measured(scores: Scores, sign: int, shipped: float | None) -> list[dict]:
    """Return the metric rows of one cell, without the columns that name it."""
    genuine, impostor = scores
    count = len(genuine) + len(impostor)
    ordered = np.sort(sign * np.concatenate(scores))[::-1] * sign
    ordered = ordered[np.unique(np.geomspace(1, count, 6000).astype(int)) - 1]
    sweep = rates(scores, sign, ordered)
    ranks = np.searchsorted(np.sort(sign * impostor), sign * genuine) / len(impostor)
    eer = int(np.argmin(np.abs(sweep["fmr"] - sweep["fnmr"])))
    auc = float(ranks.mean())
    rows = [
        {"metric": "images", "value": float(IMAGES)},
        {"metric": "subjects", "value": float(SUBJECTS)},
        {"metric": "fta", "value": 0.02, "n_errors": 6},
        {"metric": "genuine", "value": float(len(genuine))},
        {"metric": "impostor", "value": float(len(impostor))},
        {"metric": "genuine_share", "value": len(genuine) / count},
        {"metric": "auc", "value": auc},
        {"metric": "auc_bound", "value": 3.2e-9},
        {"metric": "pauc", "at": "fmr=0.01", "value": max(auc - 0.1, 0.5)},
        {"metric": "eer", "value": float(sweep["fmr"][eer]), "threshold": float(ordered[eer])},
        {"metric": "d_prime", "value": 3.4},
        {"metric": "precision", "at": "best-f1, share=0.5", "value": 0.97},
        {"metric": "f1", "at": "best-f1, share=0.5", "value": 0.93},
        {"metric": "fold_accuracy", "value": 0.9731, **cell_of(FOLDS)},
    ]
    for level in LEVELS:
        at = f"fmr={level:g}"
        if level * len(impostor) < 10:
            rows.append({"metric": "tar", "at": at, **cell_of(UNRESOLVED)})
            continue
        i = int(np.searchsorted(sweep["fmr"], level, side="right")) - 1
        errors = round(float(sweep["fmr"][i]) * len(impostor))
        here = {"at": at, "threshold": float(ordered[i]), "n_errors": errors}
        rows.append({"metric": "tar", "value": float(sweep["recall"][i]), **here})
        rows.append({"metric": "fmr", "value": float(sweep["fmr"][i]), **here})
    for best in ("f1", "accuracy"):
        i = int(np.argmax(sweep[best]))
        here = {"at": f"best-{best}", "threshold": float(ordered[i])}
        rows += [{"metric": m, "value": float(sweep[m][i]), **here} for m in ("f1", "accuracy", "precision", "recall")]
    if shipped is not None:
        there = rates(scores, sign, np.array([shipped]))
        here = {"at": "shipped", "threshold": shipped}
        rows += [{"metric": m, "value": float(there[m][0]), **here} for m in ("f1", "accuracy")]
        for m, these in (("fmr", impostor), ("fnmr", genuine)):
            errors = round(float(there[m][0]) * len(these))
            rows.append(
                {"metric": m, "value": float(there[m][0]), **here, "n_comparisons": len(these), "n_errors": errors}
            )
    return [{"n_comparisons": count, "n_subjects": SUBJECTS, "method": "", "at": "", **row} for row in rows]


def curves(scores: Scores, sign: int) -> tuple[dict, dict, dict]:
    """Return the columns of `roc`, `sweep` and `histogram` of one cell."""
    every = np.sort(sign * np.concatenate(scores))[::-1] * sign
    kept = every[np.unique(np.geomspace(1, len(every), 300).astype(int)) - 1]
    roc = rates(scores, sign, kept)
    grid = np.linspace(-0.6, 1.4, 151)
    edges = np.linspace(grid[0], grid[-1], 61)
    counts = [np.histogram(s, edges)[0] for s in scores]
    return (
        {"threshold": kept, "fmr": roc["fmr"], "fnmr": roc["fnmr"]},
        {"threshold": grid, **rates(scores, sign, grid)},
        {"left": edges[:-1], "right": edges[1:], "genuine": counts[0], "impostor": counts[1]},
    )


def build(
    paths: list[str],
    *,
    models: dict[str, tuple[str, float | None]] = MODELS,
    cohorts: tuple[str, ...] = COHORTS,
    common: bool = True,
    gap: float = 0.0,
) -> Evaluation:
    """Return an evaluation over `paths`; `gap` pulls genuine and impostor scores apart."""
    rng = np.random.default_rng(7)
    tables: dict[str, list] = {table: [] for table in TABLES}
    sets = ("own", "common") if common else ("own",)
    several = len(cohorts) > 1
    for model, (comparator, shipped) in models.items():
        sign = -1 if comparator == "euclidean" else 1
        tables["models"].append(
            {
                "model": model,
                "comparator": comparator,
                "threshold": shipped,
                "crop": "arcface-112",
                "detector": "yunet",
                "rule": "main",
                "weights": "sha256:" + "0f" * 32,
                "dimension": 128,
                "licence": "Apache-2.0",
            }
        )
        cells = {(c, c): simulate(comparator, i, rng, gap=gap) for i, c in enumerate(cohorts)}
        if several:
            for a, b in combinations(cohorts, 2):
                cells[a, b] = (np.empty(0), simulate(comparator, cohorts.index(a), rng, gap=gap)[1])
            cells["all", "all"] = (
                np.concatenate([g for g, _ in cells.values()]),
                np.concatenate([i for _, i in cells.values()]),
            )
        for (probe, gallery), scores in cells.items():
            for images in sets:
                cell = {"model": model, "images": images, "probe_cohort": probe, "gallery_cohort": gallery}
                if probe != gallery and shipped is None:
                    continue
                if probe != gallery:
                    fmr = float(rates((scores[1], scores[1]), sign, np.array([shipped]))["fmr"][0])
                    row = {"metric": "fmr", "at": "shipped", "threshold": shipped, "value": fmr}
                    counts = {"n_comparisons": 30_000, "n_errors": round(fmr * 30_000)}
                    tables["metrics"].append({**cell, **row, **counts})
                    continue
                tables["metrics"] += [{**cell, **row} for row in measured(scores, sign, shipped)]
                for name, columns in zip(("roc", "sweep", "histogram"), curves(scores, sign), strict=True):
                    tables[name].append(
                        pl.DataFrame(columns).select(
                            **{k: pl.lit(v) for k, v in cell.items()}, **{c: pl.col(c) for c in columns}
                        )
                    )
                for chosen in cohorts if several else ():
                    threshold = float(np.sort(sign * cells[chosen, chosen][1])[-30] * sign)
                    there = rates(scores, sign, np.array([threshold]))
                    for m in ("fmr", "fnmr"):
                        at = f"{chosen}@fmr=0.001"
                        tables["metrics"].append(
                            {**cell, "metric": m, "at": at, "threshold": threshold, "value": float(there[m][0])}
                        )
        for kind, top in (("impostor", 1), ("genuine", -1)):
            for rank in range(1, 21):
                a, b = paths[rank % len(paths)], paths[(rank * 7 + 3) % len(paths)]
                tables["extremes"].append(
                    {
                        "model": model,
                        "kind": kind,
                        "rank": rank,
                        "score": 0.5 - sign * top * (0.2 - 0.005 * rank),
                        "path_a": a,
                        "subject_a": f"{Path(a).parent.name} {rank}",
                        "cohort_a": cohorts[0],
                        "path_b": b,
                        "subject_b": "山田花子",
                        "cohort_b": cohorts[rank % len(cohorts)],
                    }
                )
        for i in range(70):
            path = paths[i] if i < min(5, len(paths)) else f"missing/{model}/{i}.png"
            tables["failures"].append(
                {
                    "model": model,
                    "path": path,
                    "subject": f"subject {i}",
                    "cohort": cohorts[i % len(cohorts)],
                    "outcome": "no face found" if i < 5 else "unreadable",
                    **cell_of(TRUNCATED if i >= 5 else FACELESS, column="detail"),
                }
            )
    for cohort in cohorts:
        tables["cohorts"].append({"cohort": cohort, "images": IMAGES, "subjects": SUBJECTS})
        tables["sheet"] += [{"cohort": cohort, "path": p, "subject": f"subject {i}"} for i, p in enumerate(paths[:24])]
    if several:
        tables["cohorts"].append({"cohort": "all", "images": IMAGES * 3, "subjects": SUBJECTS * 3})
    tables["sources"].append(
        {"name": cohorts[0], "path": "photos/general", "layout": "prefix", **cell_of(*READ.said, column="summary")}
    )
    tables["findings"] += [
        {"kind": "duplicate", "code": "same-bytes", "values": '{"files":2,"subject":"A"}', "paths": paths[:2]},
        {"kind": "single-image", "code": "single-image", "values": SINGLE, "paths": []},
    ]
    frames = {
        name: pl.concat(tables[name]).cast(dict(TABLES[name]))
        if name in ("roc", "sweep", "histogram")
        else pl.DataFrame(tables[name], schema=TABLES[name])
        for name in TABLES
    }
    frames["sweep"] = frames["sweep"].fill_nan(None)
    frames["metrics"] = frames["metrics"].with_columns(pl.col("at", "method").fill_null(""), dataset=pl.lit("study"))
    provenance = {"command": "facegap evaluate general=photos/general --model dlib", "facegap": "0.1.0", "seed": "0"}
    return Evaluation(name="Young women & others", provenance=provenance, notice="", seconds=12.5, **frames)


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the paths of small image files, two of them broken or absent."""
    folder = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(1)
    for i in range(6):
        Image.fromarray(rng.integers(0, 256, (90, 60, 3), dtype=np.uint8)).save(folder / f"face {i}.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 this is no JPEG")
    return [*sorted(map(str, folder.iterdir())), str(folder / "absent.jpg")]


@pytest.fixture(scope="session")
def make_evaluation(faces: list[str]) -> Callable[..., Evaluation]:
    """Return a function that builds an evaluation; see `build` for its options."""
    return lambda **options: build(faces, **options)


@pytest.fixture(scope="session")
def evaluation(make_evaluation: Callable[..., Evaluation]) -> Evaluation:
    """Return the full made-up evaluation."""
    return make_evaluation()


@pytest.fixture(scope="session")
def sure(evaluation: Evaluation) -> Evaluation:
    """Return the same evaluation with intervals and all that stands on them."""
    return filled(evaluation)
