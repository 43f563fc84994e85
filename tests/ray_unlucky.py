"""Workers on Ray that are killed from outside, once in each work."""

import os
import signal
from pathlib import Path

from facegap.run.executor import weightless
from facegap.run.ray_executor import on_ray


class KilledOnce:
    """Sets up what `maker` does, in a worker that is killed from outside at the first item that it is given."""

    def __init__(self, maker, mark: Path) -> None:
        self.maker, self.mark = maker, mark

    def __call__(self):
        work = self.maker()

        def killed(item):
            if not self.mark.exists():
                self.mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return work(item)

        return killed


class Unlucky:
    """An executor on Ray that loses a worker in each work, by SIGKILL; `folder` says how many it lost."""

    shares_memory = False

    def __init__(self, folder: Path) -> None:
        self.on_ray, self.folder, self.works = on_ray(), folder, 0
        self.workers = self.on_ray.workers

    def map(self, make_worker, items, *, weigh=weightless):
        self.works += 1
        yield from self.on_ray.map(KilledOnce(make_worker, self.folder / str(self.works)), items, weigh=weigh)

    def sums(self, make_worker, items):
        self.works += 1
        yield from self.on_ray.sums(KilledOnce(make_worker, self.folder / str(self.works)), items)
