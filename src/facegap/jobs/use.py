"""Whose scores they are: only those of the same weights, on faces found and cut in the same way, can be compared."""

import msgspec

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.errors import Phrase
from facegap.run.text import in_a_row


class Use(msgspec.Struct, frozen=True):
    """How a model is used: all that decides which score two images get, under the names that a report has for it."""

    model: str
    weights: str
    comparator: Comparator
    crop: str
    detector: str
    rule: str
    max_side: int | None
    min_face: int | None

    @classmethod
    def of(cls, spec: ModelSpec, faces: FaceSpec) -> "Use":
        """Return how a model is about to be used."""
        return cls(
            spec.name,
            spec.weights,
            spec.comparator,
            spec.crop,
            faces.detector,
            faces.rule,
            faces.max_side,
            faces.min_face,
        )

    @classmethod
    def known(cls, evaluation: Evaluation) -> "list[Use]":
        """Return how the models of a report were used, in its order."""
        rows = evaluation.models.select(cls.__struct_fields__).to_dicts()
        return msgspec.convert(rows, list[Use])

    def difference(self, other: "Use") -> str | None:
        """Return in which options another use differs from this one, apart from the model's name; None in none."""
        names = [name for name in self.__struct_fields__ if name != "model"]
        pairs = {name: (str(getattr(self, name)), str(getattr(other, name))) for name in names}
        unlike = [
            Phrase("{option} {value} (here {other})", option=name, value=_short(a), other=_short(b))
            for name, (a, b) in pairs.items()
            if a != b
        ]
        return in_a_row(unlike) if unlike else None


def _short(value: str) -> str:
    return value[:20] or Phrase("none")
