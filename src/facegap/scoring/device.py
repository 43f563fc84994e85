"""Which device compares: the words that `--device` and `--precision` understand."""

import re
from importlib.util import find_spec
from typing import cast, get_args

from facegap.errors import InputError
from facegap.run.executor import Executor, Serial, Threads, available_workers
from facegap.scoring.backend import Backend, Precision
from facegap.scoring.cpu.products import Kept
from facegap.scoring.cpu.with_numba import Cpu
from facegap.scoring.layout import Blocks


def check_device(device: str, precision: str) -> Precision:
    """Return the precision, if comparisons can be made on the device.

    Raises:
        InputError: the device or the precision is unknown, or torch or the GPU is missing.
    """
    if not re.fullmatch(r"cpu|torch:cpu|cuda(:\d+)?", device):
        raise InputError(
            "--device {device!r} is unknown: choose cpu, cuda or cuda:N (torch:cpu to try without a GPU)", device=device
        )
    if precision not in get_args(Precision):
        raise InputError(
            "--precision {precision!r} is unknown: choose one of {precisions}",
            precision=precision,
            precisions=", ".join(get_args(Precision)),
        )
    if device == "cpu" and precision != "float32":
        raise InputError(
            "--precision {precision} is for --device cuda: leave it out, or choose that device", precision=precision
        )
    if device != "cpu" and find_spec("torch") is None:
        raise InputError("--device {device} needs torch: pip install 'facegap[gpu]'", device=device)
    if device.startswith("cuda"):
        from facegap.scoring.gpu.with_torch import cuda_devices

        if int(device.partition(":")[2] or 0) >= cuda_devices():
            raise InputError(
                "--device {device}: torch sees {cuda_devices} CUDA devices; compare on the cpu",
                device=device,
                cuda_devices=cuda_devices(),
            )
        from numba import cuda

        if not cuda.is_available():
            raise InputError("--device {device} needs numba's CUDA compiler: pip install 'facegap[gpu]'", device=device)
    return cast("Precision", precision)


def executor_for(device: str, executor: Executor | None) -> Executor:
    """Return what drives a device: the executor, or all processors; one thread for a GPU."""
    if device != "cpu":
        return Serial()
    return Threads(available_workers()) if executor is None else executor


def backend_for(device: str, precision: str, blocks: Blocks, kept: Kept, *, keeps: bool) -> Backend:
    """Return what compares blocks on a device; see `check_device`. Only processors keep scores."""
    checked = check_device(device, precision)
    if device == "cpu":
        return Cpu(blocks, kept, keeps)
    if device == "torch:cpu":
        from facegap.scoring.gpu.with_torch import Torch

        return Torch(blocks, "cpu", checked)
    from facegap.scoring.gpu.with_cuda import Cuda

    return Cuda(blocks, device, checked)
