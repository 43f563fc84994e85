"""How a network is trained: all that decides the result, and apart from it where it runs."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facegap.data.spec import CROPS
from facegap.errors import InputError

BACKBONE = "tf_efficientnetv2_s.in21k_ft_in1k"
SIZES = {"arcface-112": 112, "dlib-150": 150, "box": 160, "whole": 224}
"""Side of each crop in pixels where none is asked for."""

PRECISIONS = ("32-true", "16-mixed", "bf16-mixed")


@dataclass(frozen=True)
class Recipe:
    """All that decides the result of a training, together with the images.

    `backbone`: a network of timm. It starts from the weights timm has for it, else from those in the file `weights`,
    else (`from_scratch`) from random ones. `crop`, `size`: what it sees, as in `ModelSpec`. `dimension`: D.

    ArcFace (Deng et al., CVPR 2019): `margin` in degrees, `scale`; with `sub_centres` > 1 each subject has so many
    centres and the nearest counts (Deng et al., ECCV 2020). `class_weights`: subjects weigh the same however many
    images they have.

    `epochs`: passes over the training images; the learning rate rises over the first tenth to `learning_rate` and
    falls to nothing (one cycle). `patience`: epochs without a better validation AUC after which training stops. A
    batch has `batch_subjects` x `batch_images` images. `held_out`, `validation`: shares of the subjects that judge the
    result, and that choose the best epoch. `least_images`: a subject with fewer usable images is not trained on.
    """

    backbone: str = BACKBONE
    weights: Path | None = None
    from_scratch: bool = False
    crop: str = "arcface-112"
    size: int = 0
    dimension: int = 512
    margin: float = 28.6
    scale: float = 64.0
    sub_centres: int = 1
    class_weights: bool = False
    epochs: int = 20
    patience: int = 10
    batch_subjects: int = 16
    batch_images: int = 4
    learning_rate: float = 1e-3
    weight_decay: float = 5e-4
    held_out: float = 0.2
    validation: float = 0.1
    least_images: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.crop not in CROPS:
            raise InputError("unknown crop {crop!r}: choose one of {crops}", crop=self.crop, crops=", ".join(CROPS))
        if self.from_scratch and self.weights is not None:
            raise InputError("--from-scratch and --weights exclude each other: give one of them")
        if self.size == 0:
            object.__setattr__(self, "size", SIZES[self.crop])
        least = {"size": 16, "dimension": 2, "sub_centres": 1, "epochs": 1, "patience": 1, "batch_subjects": 2}
        least |= {"batch_images": 1, "least_images": 2}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise InputError(
                    "{name} is {found}: give {value} or more",
                    name=name.replace("_", " "),
                    found=getattr(self, name),
                    value=value,
                )
        for name in ("scale", "learning_rate"):
            if not getattr(self, name) > 0:
                raise InputError(
                    "{name} is {found}: give a number above 0", name=name.replace("_", " "), found=getattr(self, name)
                )
        if not 0 <= self.margin < 90:
            raise InputError("a margin of {margin:g} degrees makes no sense: give 0 to 90", margin=self.margin)

    def shared_by(self, processes: int) -> bool:
        """Return whether processes can share a batch evenly, by subjects: each with two images or more to norm by."""
        subjects, left = divmod(self.batch_subjects, processes)
        return not left and subjects * self.batch_images > 1

    def check_shared(self, processes: int) -> None:
        """Refuse so many processes if they cannot share a batch evenly.

        Raises:
            InputError: they cannot.
        """
        if not self.shared_by(processes):
            raise InputError(
                "{processes} devices cannot share a batch of {subjects}x{images}: let --devices divide {subjects} and "
                "leave each two images or more, or give another --batch",
                processes=processes,
                subjects=self.batch_subjects,
                images=self.batch_images,
            )

    def plain(self) -> dict[str, Any]:
        """Return the recipe as JSON can hold it."""
        return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Machine:
    """Where a training runs; the number of devices alone decides the result, for each norms its share of a batch.

    `precision`: one of `PRECISIONS`. `devices`: how many processors of the kind at hand on each of `nodes` machines, or
    `auto`; together they share each batch. `workers`: processes that cut and load images, and threads where the network
    runs on the CPU; all processors by default. `max_cpu_temp`: degrees Celsius above which training waits.

    On Ray, `devices` is the number of workers on all machines, and `checkpoints` the folder or URL that keeps the state
    of the training; None: beside the model.
    """

    precision: str = "32-true"
    devices: str = "auto"
    nodes: int = 1
    workers: int | None = None
    max_cpu_temp: float | None = None
    checkpoints: Path | None = None

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise InputError(
                "--precision {precision!r} is unknown: choose one of {precisions}",
                precision=self.precision,
                precisions=", ".join(PRECISIONS),
            )
        if self.devices != "auto" and not (self.devices.isdecimal() and int(self.devices) > 0):
            raise InputError(
                "--devices {devices!r} is no number of devices: give 1 or more, or auto", devices=self.devices
            )
        if self.nodes < 1:
            raise InputError("--nodes is {nodes}: give 1 or more", nodes=self.nodes)


DEFAULT_MACHINE = Machine()
