"""What is asked of facegap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from facegap.data.comparator import Comparator
from facegap.data.limits import DEFAULT_LIMITS, Limits
from facegap.data.templates import TemplateMean
from facegap.errors import InputError, check_lists
from facegap.faces import DEFAULT_FACES, FaceOptions
from facegap.metrics import Failures, Method, ThresholdFrom, Weigh
from facegap.models import GivenModel, Model, ModelSource, PairModel


@dataclass(frozen=True)
class Study:
    """What is asked: which images, which models, and how they are judged.

    `inputs`: folders, tables, pair lists, saved embeddings or scores, `PATH` or `NAME=PATH`. `models`: what `--model`
    takes, or `Model` and `PairModel` objects. `layout`, `cohort_by`, `images`, `sample`, `most_images`,
    `subject_from`, `merge_ids`, `separate_subjects`, `templates`: see `facegap.datasets.read_source`. `template_mean`:
    how the embeddings of a template are averaged, `unit` (each scaled to unit length first) or `plain`; None: `unit`
    for cosine. `pairs`: how many comparisons are drawn and made in place of all, see `facegap.datasets.draw_pairs`.
    `many_cohorts`: more than 20 cohorts, or 10 numbers, are wanted. `faces`: how faces are found. `failures`: whether a
    comparison with a failed image is left out or counted as rejected. `weigh`: what counts the same in rates, every
    one of the `comparisons`, or of the `subjects` and of the pairs of subjects.
    `genuine_share`: a share of genuine comparisons (0 to 1) at which precision and F1 are wanted too. `threshold_from`:
    thresholds chosen on one cohort and applied to all. `metrics`: what `--metric` takes, beyond the numbers of every
    evaluation. `fmrs`: false match rates at which TAR and FNMR are wanted besides the standing ones.
    `limits`: the error rates that the report holds models to.
    `intervals`, `level`: how intervals are made, and their
    confidence (0 to 1). `comparator`: for saved embeddings alone. `direction`: `similarity` or `distance`, for scores
    alone; None: told from the scores. `explain`: whether images are measured and gaps between cohorts taken apart.
    `device`: what computes scores, `cpu`, `cuda` or `cuda:N`; `precision`: what
    products are rounded to there, `float32`, `tf32`, `float16` or `bfloat16`. `seed` drives all that is random.
    `memory`: bytes of embeddings that are held in memory; what is more lies in files beside the store.
    `max_cpu_temp`: degrees Celsius above which no new images are handed out to be embedded. `command`: the command line
    that asked, kept to repeat the run. `notice`: a sentence that must stand above the numbers, or one for each
    language by its code, English among them. `anonymous`: codes stand for subjects and images, and no path is kept or
    said; see `facegap.jobs.anonymous`.

    Raises:
        InputError: one text where several are expected, or a negative seed.
    """

    inputs: Sequence[str | Path]
    models: Sequence[str | Model | ModelSource | GivenModel | PairModel] = ()
    layout: str | None = None
    cohort_by: Sequence[str] = ()
    images: Path | None = None
    sample: int | None = None
    most_images: int | None = None
    pairs: int | None = None
    subject_from: str | None = None
    merge_ids: bool = False
    separate_subjects: bool | None = None
    many_cohorts: bool = False
    templates: Path | None = None
    template_mean: TemplateMean | None = None
    seed: int = 0
    faces: FaceOptions = DEFAULT_FACES
    failures: Failures = "excluded"
    weigh: Weigh = "comparisons"
    genuine_share: float | None = None
    threshold_from: Sequence[ThresholdFrom] = ()
    metrics: Sequence[str] = ()
    fmrs: Sequence[float] = ()
    limits: Limits = DEFAULT_LIMITS
    intervals: Method = "jackknife"
    level: float = 0.95
    comparator: Comparator = Comparator.COSINE
    direction: Comparator | None = None
    explain: bool = False
    store: Path | None = None
    workers: int | None = None
    memory: int | None = None
    max_cpu_temp: float | None = None
    device: str = "cpu"
    precision: str = "float32"
    command: str = ""
    notice: str | Mapping[str, str] = ""
    anonymous: bool = False

    @property
    def measured_fmrs(self) -> tuple[float, ...]:
        """The false match rates at which TAR and FNMR are measured besides the standing ones."""
        return (*self.fmrs, self.limits.fmr)

    @property
    def shown_command(self) -> str:
        """The command line as it may be shown, "" where it is not known or might name somebody."""
        return "" if self.anonymous else self.command

    def __post_init__(self) -> None:
        check_lists(inputs=self.inputs, models=self.models, cohort_by=self.cohort_by, metrics=self.metrics)
        if self.seed < 0:
            raise InputError("seed {seed:d} is negative: give 0 or more", seed=self.seed)
