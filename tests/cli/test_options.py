"""How the values of shared options are read."""

import importlib.util

import pytest

from facegap.cli.options import devices, size
from facegap.errors import InputError
from models.packs import recogniser


def torch_is(monkeypatch, there):
    """Let it seem that torch is installed, or is not."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *package: there or None if name == "torch" else real(name, *package)
    )


@pytest.mark.parametrize(
    ("embed", "compare", "with_torch", "without"),
    [
        ("cpu", None, "cpu", "cpu"),
        ("cuda", None, "cuda", "cpu"),
        ("cuda:1", None, "cuda:1", "cpu"),
        ("cuda:1", "cuda:0", "cuda:0", "cuda:0"),
        ("cuda", "cpu", "cpu", "cpu"),
        ("cpu", "cuda:2", "cuda:2", "cuda:2"),
        ("coreml", None, "cpu", "cpu"),
        ("tensorrt:1", "cuda:1", "cuda:1", "cuda:1"),
    ],
)
def test_one_device_embeds_and_one_compares(embed, compare, with_torch, without, monkeypatch):
    for there, wanted in ((True, with_torch), (False, without)):
        torch_is(monkeypatch, there)
        assert devices(embed, compare) == (embed, wanted)


def test_torch_on_the_processor_compares_alone():
    assert devices("torch:cpu", None) == ("cpu", "torch:cpu")
    assert devices("torch:cpu", "cpu") == ("cpu", "cpu")


def test_without_torch_evaluate_embeds_on_cuda_and_compares_on_the_processor(monkeypatch, run, tmp_path):
    """What it needs is a provider of ONNX Runtime: that is missing here, not torch."""
    torch_is(monkeypatch, False)
    monkeypatch.chdir(tmp_path)
    recogniser(tmp_path / "net.onnx")
    code, _, said = run("evaluate", "photos", "--model", "net.onnx", "--device", "cuda:3")
    assert code == 2
    assert "the installed ONNX Runtime has no cuda:3" in " ".join(said.split())


@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", "photos", "--model", "dlib", "-o", "s3://faces/report"),
        ("check", "s3://faces/report"),
        ("compare", "old", "s3://faces/report"),
        ("export", "dlib", "-o", "s3://faces/report"),
    ],
)
def test_a_url_where_a_path_of_this_machine_is_needed_is_refused(run, tmp_path, monkeypatch, command) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*command)
    assert code == 2
    assert "s3://faces/report is a URL, and a file or folder of this machine is needed here" in " ".join(err.split())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2G", 2 * 10**9), ("2GB", 2 * 10**9), ("2g", 2 * 10**9), ("2GiB", 2**31), ("512MB", 512 * 10**6),
        ("1.5 GB", 1500 * 10**6), (" 1.5 TB ", 15 * 10**11), ("64 KiB", 2**16), ("10kB", 10_000),
        ("2000000000", 2 * 10**9), ("4096 B", 4096), ("0", 0),
    ],
)  # fmt: skip
def test_a_size_is_read_in_every_usual_form(text: str, found: int) -> None:
    assert size("--memory", text) == found


@pytest.mark.parametrize(
    "text", ["", "GB", "2X", "2GBs", "-1GB", "2 GB 3", "1e9", "half", "2,5GB", "iB", "2iB", "nan", "2", "999999"]
)
def test_what_is_no_size_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError, match="is no size: write e") as refused:
        size("--memory", text)
    assert "\n" not in str(refused.value)
