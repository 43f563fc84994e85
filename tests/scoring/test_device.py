"""What cannot compute scores is refused in one line."""

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.errors import InputError
from facegap.scoring import check_device, compare_all, device


@pytest.mark.parametrize("word", ["gpu", "mps", "cuda:", "cuda:x", "torch:cuda", ""])
def test_an_unknown_device_is_refused(word):
    with pytest.raises(InputError, match="choose cpu, cuda"):
        check_device(word, "float32")


def test_a_precision_must_be_known_and_have_its_device():
    assert check_device("cpu", "float32") == "float32"
    with pytest.raises(InputError, match="choose one of float32, tf32"):
        check_device("cpu", "int8")
    with pytest.raises(InputError, match="is for --device cuda"):
        check_device("cpu", "tf32")


def test_a_missing_torch_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(device, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"--device cuda needs torch: pip install 'facegap\[gpu\]'"):
        compare_all(
            np.ones((2, 4), np.float32), np.zeros(2, np.int32), np.zeros(2, np.int32), np.ones(2, bool),
            comparator=Comparator.COSINE, cohorts=("c",), device="cuda",
        )  # fmt: skip


def test_a_missing_compiler_for_the_gpu_is_said(monkeypatch):
    with_torch = pytest.importorskip("facegap.scoring.gpu.with_torch", reason="torch is not installed")
    monkeypatch.setattr(with_torch, "cuda_devices", lambda: 1)
    with pytest.raises(InputError, match=r"needs numba's CUDA compiler: pip install 'facegap\[gpu\]'"):
        check_device("cuda", "float32")
