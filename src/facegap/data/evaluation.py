"""The result of a study: tidy tables that the report, the command line and any notebook read."""

import io
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from facegap.data.across import Ends, between_name
from facegap.data.comparator import Comparator
from facegap.data.damage import DAMAGE, refuse_damage
from facegap.data.evaluation_tables import CELL, TABLES, VALUES, known_columns, with_codes
from facegap.data.explanation import Explanation
from facegap.data.formats import KEY, check_version, unknown_part, with_unknown
from facegap.data.limits import DEFAULT_LIMITS, Limits
from facegap.data.manifest import POOLED
from facegap.data.statement import values_of
from facegap.errors import InputError, Phrase

if TYPE_CHECKING:
    from facegap.jobs.decision import Card

VERSION = 1
"""Schema version of what is written, and the newest that is read; files of facegap 0.1.0 carry none."""


class Said(msgspec.Struct, frozen=True):
    """What an evaluation holds besides its tables."""

    name: str
    provenance: dict[str, str]
    notice: str = ""
    notices: dict[str, str] = {}
    seconds: float = 0.0
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True)
class Evaluation:
    """All that a study found, as tidy polars frames with fixed columns (see `TABLES`).

    `metrics`: one number a row. `models`, `cohorts`, `sources`: what was compared, in report order; where there are
    several cohorts `cohorts` ends with the pooled one, `all`. `roc`: points of the error curves, FMR rising from 0 to
    1, thinned for drawing. `sweep`: rates at thresholds, the same for every cohort of a model. `histogram`: score
    counts over equal bins in the native unit. `bands`: intervals of curves at some points, `curve` is `roc` (TAR over
    `x` = FMR) or a rate over `x` = threshold (`fmr`, `fnmr`, `accuracy`, `precision`, `recall`, `f1`); of two cohorts
    that share no subjects it is `fmr` alone.

    `differences`: a minus b, or a / b where `scale` is `ratio`, with the p-value of "no difference". `kind` is
    `models` (two models, one cohort), `cohorts` (one model, two cohorts) or `gaps` (two models and two cohorts: the
    gap of model a between cohorts a and b minus that of model b; `value_a` and `value_b` are those gaps). `p_holm` is
    adjusted over all claims of one `kind` and `images`, whatever the metric; `detectable` is the difference (on the
    scale of `value`: a ratio's is a factor above 1) that these data would find with 80 % power. `differentials`: one
    number for all cohorts at one threshold: `measure` is e.g. `fmr max/min`, and `worst` and `best` are the cohorts
    at its ends. `prices`: what one threshold for all costs a cohort: `price` is its FNMR there minus that at its own
    threshold for the same FMR. `subjects`: who causes the errors at one threshold, those with the most first.
    `without`: the FMR without the subjects with the most false matches.

    `extremes`: `kind` is `impostor` (most alike first) or `genuine` (least alike first), `rank` from 1, over
    all cohorts together. `failures`: one row per model and image without an embedding; `detail` is a code, see
    `facegap.data.failure`, and `detail_values` its names and numbers as a JSON object. `sheet`: a few images per cohort
    to show. `findings`: what a person should look at: `code` says what was found, `values` its names and numbers
    likewise, see `facegap.data.finding`. `provenance`: str to str, how to repeat the run.
    `notice`: a sentence that must stand above all numbers, or "". `notices`: the same in several languages by their
    codes, where it is known in them. `limits`: the error rates that models are held to.
    `seconds` is the run time, the one field that differs between two runs of the same study. `explanation`: why cohorts
    differ, empty where nobody asked. `unknown`: keys of the file that it was read from which this facegap does not
    know; they are written again. `estimates`: what each subject does to the numbers, in a file of its own, see
    `facegap.data.estimate_table`; None where that file is not at hand.
    """

    name: str
    metrics: pl.DataFrame
    models: pl.DataFrame
    cohorts: pl.DataFrame
    roc: pl.DataFrame
    sweep: pl.DataFrame
    histogram: pl.DataFrame
    bands: pl.DataFrame
    differences: pl.DataFrame
    differentials: pl.DataFrame
    prices: pl.DataFrame
    subjects: pl.DataFrame
    without: pl.DataFrame
    extremes: pl.DataFrame
    failures: pl.DataFrame
    sheet: pl.DataFrame
    sources: pl.DataFrame
    findings: pl.DataFrame
    provenance: dict[str, str]
    notice: str = ""
    notices: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    limits: Limits = DEFAULT_LIMITS
    explanation: Explanation = field(default_factory=Explanation)
    unknown: dict[str, Any] = field(default_factory=dict, repr=False)
    estimates: pl.DataFrame | None = field(default=None, repr=False, compare=False)

    def timed(self, seconds: float) -> "Evaluation":
        """Return the evaluation with its run time."""
        return replace(self, seconds=seconds)

    @property
    def several_models(self) -> bool:
        """Whether more than one model was evaluated."""
        return self.models.height > 1

    @cached_property
    def across(self) -> dict[str, Ends]:
        """The pairs of cohorts whose comparisons are a population of their own, by name: `id/selfie`."""
        pairs = self.metrics.filter(pl.col("probe_cohort") != pl.col("gallery_cohort"), metric="subjects")
        ends = pairs.select("probe_cohort", "gallery_cohort").unique(maintain_order=True).rows()
        return {between_name(*one): one for one in ends}

    @property
    def populations(self) -> list[str]:
        """What numbers are shown of, in report order: each cohort, pairs of cohorts that share subjects, and all."""
        names = self.cohorts["cohort"].to_list()
        last = names.index(POOLED) if POOLED in names else len(names)
        return [*names[:last], *self.across, *names[last:]]

    def ends(self, population: str) -> Ends:
        """Return the two cohorts that are compared in a population, the same twice within one."""
        return self.across.get(population, (population, population))

    def value(self, metric: str, *, model: str, cohort: str, at: str = "", images: str = "own") -> float | None:
        """Return one number of a cohort, or of a pair such as `id/selfie`; None where the data could not resolve it.

        Raises:
            InputError: nothing in the evaluation has one of these names; the message says what there is.
        """
        row = self.row(metric, model=model, cohort=cohort, at=at, images=images)
        if row is None:
            self._check_names(metric, model, cohort, at, images)
        return None if row is None else row["value"]

    def _check_names(self, metric: str, model: str, cohort: str, at: str, images: str) -> None:
        points = self.metrics.filter(metric=metric)["at"]
        for what, name, known in (
            (Phrase("model"), model, self.models["model"]),
            (Phrase("cohort"), cohort, self.cohorts["cohort"]),
            (Phrase("set of images"), images, self.metrics["images"]),
            (Phrase("metric"), metric, self.metrics["metric"]),
            (Phrase("operating point of {metric}", metric=metric), at, points),
        ):
            there = known.unique(maintain_order=True).to_list()
            if name not in there:
                shown = ", ".join(one or repr(one) for one in there)
                raise InputError("there is no {what} {name!r}: there are {known}", what=what, name=name, known=shown)

    def cards(self) -> "list[Card]":
        """Return for each model whether it keeps the limits on every cohort, and what to do next."""
        return list(self._cards)

    @cached_property
    def _cards(self) -> "tuple[Card, ...]":
        return tuple(import_module("facegap.jobs.decision").cards(self))

    def __repr__(self) -> str:
        """Return whom it is about in one line; the tables would fill screens."""
        models, cohorts = (list(table.to_series()) for table in (self.models[["model"]], self.cohorts[["cohort"]]))
        return f"Evaluation({self.name!r}, models={models}, cohorts={cohorts}, {self.metrics.height} numbers)"

    def _repr_html_(self) -> str:
        """Return what a notebook shows. The room that makes it lies above this one, and is looked up by its name."""
        return import_module("facegap.report.tables.notebook").cards(self)

    def row(self, metric: str, *, model: str, cohort: str, at: str = "", images: str = "own") -> dict | None:
        """Return one row of `metrics` of a cohort or a pair as a dict, or None where it is absent."""
        probe, gallery = self.ends(cohort)
        found = self.metrics.filter(
            (pl.col("metric") == metric)
            & (pl.col("model") == model)
            & (pl.col("probe_cohort") == probe)
            & (pl.col("gallery_cohort") == gallery)
            & (pl.col("at") == at)
            & (pl.col("images") == images)
        )
        return found.row(0, named=True) if found.height else None

    def comparator(self, model: str) -> Comparator:
        """Return how a model's embeddings are compared."""
        return Comparator(self.models.filter(model=model)["comparator"].item())

    def error_curve(self, *, model: str, cohort: str) -> pl.DataFrame:
        """Return every threshold of a cohort or a pair whose `fmr` and `fnmr` are held here, the loosest first.

        Between two of them each rate moves by a fortieth of a decade, or a hundredth, at most.
        """
        curves = [table.select("threshold", "fmr", "fnmr", *CELL) for table in (self.roc, self.sweep)]
        probe, gallery = self.ends(cohort)
        points = pl.concat(curves).filter(model=model, images="own", probe_cohort=probe, gallery_cohort=gallery)
        loosest_first = self.comparator(model).sign < 0
        return points.select("threshold", "fmr", "fnmr").unique("threshold").sort("threshold", descending=loosest_first)

    def to_json(self) -> bytes:
        """Return the whole evaluation as JSON; `from_json` gives it back."""
        plain = with_unknown({KEY: VERSION, **self._plain()}, self.unknown)
        return msgspec.json.format(msgspec.json.encode(plain), indent=1)

    def _plain(self) -> dict[str, Any]:
        tables = {table: getattr(self, table).to_dict(as_series=False) for table in TABLES}
        for table, column in VALUES:
            tables[table][column] = [values_of(text) if text else None for text in tables[table][column]]
        provenance, notice, seconds = self.provenance, self.notice, self.seconds
        why = {"explanation": self.explanation.plain()} if self.explanation else {}
        notices = {"notices": self.notices} if self.notices else {}
        said = {"provenance": provenance, "notice": notice, **notices, "seconds": seconds}
        return {"name": self.name, "limits": msgspec.structs.asdict(self.limits), **tables, **why, **said}

    @classmethod
    def from_json(cls, data: bytes) -> "Evaluation":
        """Read what `to_json` wrote, by this facegap or an older one.

        Raises:
            InputError: the data is no evaluation, or a newer facegap's.
        """
        try:
            plain = msgspec.json.decode(data, type=dict[str, Any])
            check_version(plain, VERSION)
            plain["findings"] = with_codes(plain["findings"])
            said = msgspec.convert({key: plain[key] for key in Said.__struct_fields__ if key in plain}, Said)
            tables = {table: known_columns(table, msgspec.convert(plain[table], dict[str, list])) for table in TABLES}
            why = {"explanation": Explanation.read(plain["explanation"])} if "explanation" in plain else {}
            read = cls(**{**msgspec.structs.asdict(said), **tables, **why})
            named = {f"explanation.{name}": table for name, table in read.explanation.tables.items()}
            refuse_damage(said.provenance, {**{table: getattr(read, table) for table in TABLES}, **named})
            return replace(read, unknown=unknown_part(plain, read._plain()))
        except KeyError as error:
            raise InputError(
                "this is no facegap evaluation ({key} is missing): give the evaluation.json of a report", key=error
            ) from None
        except DAMAGE as error:
            raise InputError(
                "this is no facegap evaluation ({reason}): give the evaluation.json of a report",
                reason=" ".join(str(error).split()),
            ) from None

    def to_parquet(self, path: Path) -> None:
        """Write `metrics` as Parquet, with the rest of the evaluation in the file's metadata."""
        content = io.BytesIO()  # a full disk is an OSError of Python's, but not of polars'
        self.metrics.write_parquet(content, metadata={"facegap": self.to_json().decode()})
        path.write_bytes(content.getvalue())

    @classmethod
    def from_parquet(cls, path: Path) -> "Evaluation":
        """Read what `to_parquet` wrote.

        Raises:
            InputError: the file is no evaluation.
        """
        try:
            metadata = pl.read_parquet_metadata(io.BytesIO(Path(path).read_bytes()))
        except OSError as error:
            raise InputError(
                "{path} cannot be read ({reason}): give evaluation.parquet", path=path, reason=error.strerror
            ) from None
        except DAMAGE as error:
            raise InputError(
                "{path} is no facegap evaluation ({error}): give evaluation.parquet", path=path, error=error
            ) from None
        return cls.from_json(metadata.get("facegap", "").encode())


def populations(cohorts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cohorts in report order: each one, then the pooled one where there are several."""
    return cohorts if len(cohorts) == 1 else (*cohorts, POOLED)
