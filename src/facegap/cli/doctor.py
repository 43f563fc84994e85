"""`facegap doctor`: what is installed and what would be used."""

from rich.table import Table

from facegap.cli.console import Terminal


def doctor() -> None:
    """Show what is installed: libraries, providers, weights, plug-ins, the store."""
    import platform
    from importlib import metadata

    from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, SIXTY_EIGHT_POINTS, dlib_weights
    from facegap.models.onnx.onnx_model import available_providers
    from facegap.run.cache import compiled_root, default_root
    from facegap.run.executor import available_workers
    from facegap.run.versions import LIBRARIES, version

    table = Table(show_header=False, show_edge=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("facegap", version("facegap"))
    table.add_row("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    table.add_row("processors", str(available_workers()))
    for package in LIBRARIES:
        table.add_row(package, version(package))
    table.add_row("ONNX providers", ", ".join(available_providers()))
    table.add_row("scores on a GPU", _on_a_gpu())
    for name in (FACE_NETWORK, FIVE_POINTS, SIXTY_EIGHT_POINTS):
        table.add_row("weights", str(dlib_weights(name)))
    plugins = [entry.name for entry in metadata.entry_points(group="facegap.models")]
    table.add_row("model plug-ins", ", ".join(plugins) or "none")
    detectors = [entry.name for entry in metadata.entry_points(group="facegap.detectors")]
    table.add_row("detector plug-ins", ", ".join(detectors) or "none")
    table.add_row("store", str(default_root()))
    loops = compiled_root()
    table.add_row(
        "compiled loops", str(loops or "made in each run: no folder can be written, set FACEGAP_STORE to one")
    )
    Terminal().print(table)


def _on_a_gpu() -> str:
    from importlib.util import find_spec

    from facegap.errors import InputError

    if find_spec("torch") is None:  # most often: what would look for a GPU takes longer than all the rest
        return "torch is not installed: pip install 'facegap[gpu]'"
    from facegap.scoring import check_device

    try:
        check_device("cuda", "float32")
    except InputError as error:
        return str(error)
    return "--device cuda works"
