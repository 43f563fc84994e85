"""What goes on while a network is trained: telling of it, and waiting where the processor is hot."""

from collections.abc import Callable
from itertools import repeat

from lightning.pytorch import Callback, Trainer

from facegap.report.text import on_the_way
from facegap.run.heat import cooled
from facegap.run.progress import Progress


class Told(Callback):
    """Tells what goes on: a step at a time, and a line for every epoch."""

    def __init__(self, epochs: int, progress: Progress, say: Callable[[str], None]) -> None:
        self._epochs, self._progress, self._say = epochs, progress, say
        self._best = -1.0

    def state_dict(self) -> dict[str, float]:
        """Return what is to be known when training goes on."""
        return {"best": self._best}

    def load_state_dict(self, state_dict: dict[str, float]) -> None:
        """Take up what `state_dict` returned."""
        self._best = state_dict["best"]

    def on_train_batch_end(self, trainer: Trainer, *_: object) -> None:
        """Tell of a step."""
        steps = int(trainer.num_training_batches)
        done = trainer.global_step - trainer.current_epoch * steps
        self._progress(on_the_way.epoch_name(trainer.current_epoch + 1, self._epochs), done, steps)

    def on_train_epoch_end(self, trainer: Trainer, *_: object) -> None:
        """Tell how an epoch went, validation included."""
        numbers = {name: float(value) for name, value in trainer.callback_metrics.items()}
        rates = {name.upper(): value for name, value in numbers.items() if name.startswith("tar")}
        best = numbers["auc"] > self._best
        self._best = max(self._best, numbers["auc"])
        epoch, loss, auc = trainer.current_epoch + 1, numbers["loss"], numbers["auc"]
        self._say(on_the_way.epoch_text(epoch, self._epochs, loss=loss, auc=auc, rates=rates, best=best))


class Cooled(Callback):
    """Waits before a batch while the processor is hotter than a limit."""

    def __init__(self, limit: float, say: Callable[[str], None]) -> None:
        self._turns = cooled(repeat(None), limit, tell=lambda now: say(on_the_way.heat_text(now, limit)))

    def on_train_batch_start(self, *_: object) -> None:
        """Wait for a turn."""
        next(self._turns)
