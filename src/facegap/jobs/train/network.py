"""The network: a backbone of timm, and a head that makes the embedding."""

import difflib
import pickle
from pathlib import Path
from typing import Any

import safetensors
import timm
import torch
from torch import nn
from torch.nn import functional

from facegap.errors import ModelError
from facegap.jobs.train.quiet import quiet
from facegap.jobs.train.recipe import Recipe
from facegap.run.text import either

FULL = 255.0


class FaceNetwork(nn.Module):
    """Crops to embeddings of length 1.

    A backbone with global pooling, a linear layer and batch normalisation (option E without dropout of Deng et al.,
    CVPR 2019). It takes normalised pixels (n, 3, size, size): (x - mean) / std with `mean`, `std` per channel on the
    scale of 0 to 255.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.backbone = make_backbone(recipe)
        configured: dict[str, Any] = self.backbone.pretrained_cfg
        self.mean, self.std = (tuple(round(FULL * value, 6) for value in configured[name]) for name in ("mean", "std"))
        self.head = nn.Sequential(
            nn.Linear(_width(self.backbone, recipe.size), recipe.dimension, bias=False),
            nn.BatchNorm1d(recipe.dimension),
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return embeddings (n, D) of length 1 of normalised pixels (n, 3, size, size)."""
        return functional.normalize(self.head(self.backbone(pixels)))

    def normalised(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return (x - mean) / std of pixels (n, 3, size, size) uint8, in float32."""
        mean, std = (torch.tensor(v, device=pixels.device).view(1, 3, 1, 1) for v in (self.mean, self.std))
        return (pixels.float() - mean) / std


def make_backbone(recipe: Recipe) -> Any:
    """Return the backbone without its classifier: pretrained, with the weights of a file, or random.

    Raises:
        ModelError: timm has no such network, or its weights cannot be had or do not fit.
    """
    if not timm.is_model(recipe.backbone):
        near = difflib.get_close_matches(recipe.backbone, timm.list_models(), 3, 0.5)
        if near:
            raise ModelError(
                "timm has no backbone {backbone!r}, perhaps you mean {near}: see timm.list_models()",
                backbone=recipe.backbone,
                near=either(near),
            )
        raise ModelError("timm has no backbone {backbone!r}: see timm.list_models()", backbone=recipe.backbone)
    if recipe.from_scratch or recipe.weights is not None:
        backbone = _create(recipe, pretrained=False)
        if recipe.weights is not None:
            _load_weights(backbone, recipe.weights, recipe.backbone)
        return backbone
    try:
        return _create(recipe, pretrained=True)
    except ModelError:
        raise
    except Exception as error:  # the hub's errors, and those of what it stands on, have no common base
        raise ModelError(
            "the pretrained weights of {backbone} cannot be fetched ({reason}): go online, give local ones with "
            "--weights FILE.safetensors, or start from random ones with --from-scratch",
            backbone=recipe.backbone,
            reason=_first_line(error),
        ) from None


def _create(recipe: Recipe, *, pretrained: bool) -> Any:
    name = recipe.backbone
    fixed = timm.get_pretrained_cfg_value(name, "fixed_input_size")
    sized: dict[str, Any] = {"img_size": recipe.size} if fixed else {}  # transformers are built for one size
    with quiet():
        return timm.create_model(name, pretrained=pretrained, num_classes=0, **sized)


def _load_weights(backbone: nn.Module, path: Path, name: str) -> None:
    weights = read_weights(path)
    wanted = backbone.state_dict()
    missing = [key for key in wanted if key not in weights]
    unlike = [key for key in wanted if key in weights and weights[key].shape != wanted[key].shape]
    more, total = len(missing) + len(unlike) - 1, len(wanted)
    if missing:
        raise ModelError(
            "{path} lacks {first} and {more} more of the {total} weights of {backbone}: give the file of this backbone",
            path=path,
            first=missing[0],
            more=more,
            total=total,
            backbone=name,
        )
    if unlike:
        raise ModelError(
            "{path} has another shape of {first} and {more} more of the {total} weights of {backbone}: give the file "
            "of this backbone",
            path=path,
            first=unlike[0],
            more=more,
            total=total,
            backbone=name,
        )
    backbone.load_state_dict({key: weights[key] for key in wanted})


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Return the weights in a .safetensors or .pth file, by name; no code in the file is run.

    Raises:
        ModelError: the file cannot be read, is damaged, or holds more than weights.
    """
    try:
        with quiet():
            return timm.models.load_state_dict(str(path), weights_only=True)
    except FileNotFoundError:
        raise ModelError("{path} cannot be read (no such file): check the path", path=path) from None
    except pickle.UnpicklingError:
        raise ModelError(
            "{path} is damaged or holds more than weights, which could run code and is refused: save the state_dict "
            "alone, or as .safetensors",
            path=path,
        ) from None
    except (OSError, RuntimeError, ValueError, EOFError, safetensors.SafetensorError) as error:
        raise ModelError(
            "{path} cannot be read as weights ({reason}): give an intact .safetensors or .pth file",
            path=path,
            reason=_first_line(error),
        ) from None


def _width(backbone: nn.Module, size: int) -> int:
    """Return how many numbers the backbone puts out; what timm declares does not hold for every network."""
    was_training = backbone.training
    with torch.no_grad():
        width = backbone.eval()(torch.zeros(1, 3, size, size)).shape[1]
    backbone.train(was_training)
    return width


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__
