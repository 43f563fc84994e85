"""The folder beside the model that keeps the state of a training, so that the same command goes on where it stopped."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from facegap.data.spec import FaceSpec
from facegap.data.weights import sha256_of_file
from facegap.errors import InputError
from facegap.jobs.train.recipe import Recipe
from facegap.run.files import written_whole

ORDER = "order.json"
EXECUTOR = "executor"


@dataclass(frozen=True)
class Folder:
    """`order.json` says what is trained; `last.ckpt` and `best.ckpt` are states; `finished.json` closes it."""

    path: Path

    @property
    def last(self) -> Path:
        """The state after the last whole epoch."""
        return self.path / "last.ckpt"

    @property
    def best(self) -> Path:
        """The state after the best epoch."""
        return self.path / "best.ckpt"

    @property
    def finished(self) -> bool:
        """Whether training ended by itself."""
        return (self.path / "finished.json").is_file()

    def finish(self, epochs: int) -> None:
        """Note that training ended by itself."""
        self._write("finished.json", {"epochs": epochs})

    @property
    def digest(self) -> str:
        """Digest of what is trained."""
        return sha256_of_file(self.path / ORDER)[:16]

    def open(self, recipe: Recipe, faces: FaceSpec, data: str, executor: str | None = None) -> None:
        """Make the folder, or see that it holds the same training.

        `faces`: how the crops were found. `data`: sha256 over the images and their labels. `executor`: what holds the
        state until training ended, None for this folder.

        Raises:
            InputError: it holds another training, or cannot be written.
            ModelError: the file of the weights to begin with cannot be read.
        """
        weights = recipe.weights and sha256_of_file(recipe.weights)
        wanted = {**recipe.plain(), "weights": weights, **asdict(faces), "data": data, EXECUTOR: executor}
        noted = self.path / ORDER
        if noted.is_file():
            try:
                found = msgspec.json.decode(noted.read_bytes())
            except msgspec.DecodeError:
                raise InputError(
                    "{noted} is damaged: delete {path} to begin anew", noted=noted, path=self.path
                ) from None
            if self.finished:
                wanted.pop(EXECUTOR)
            if unlike := [name for name, value in wanted.items() if found.get(name) != value]:
                first = unlike[0]
                raise InputError(
                    "{path} holds a training with another {first} ({found}, now {wanted}): repeat its command to go "
                    "on with it, delete it, or name another --out",
                    path=self.path,
                    first=first.replace("_", " "),
                    found=str(found.get(first)),  # as it is given: an option, no count
                    wanted=str(wanted[first]),
                )
            return
        self._write(ORDER, wanted)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        with written_whole(self.path / name) as (draft,):
            draft.write_bytes(msgspec.json.format(msgspec.json.encode(content)))
