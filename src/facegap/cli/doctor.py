"""`facegap doctor`: what is installed and what would be used."""

from rich.table import Table

from facegap.cli.console import Terminal


def doctor() -> None:
    """Show what is installed: libraries, providers, weights, plug-ins, the store."""
    import platform
    from importlib import metadata

    from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, SIXTY_EIGHT_POINTS, dlib_weights
    from facegap.errors import InputError
    from facegap.jobs.provenance import LIBRARIES, version
    from facegap.models.onnx.onnx_model import available_providers
    from facegap.run.cache import compiled_root, default_root
    from facegap.run.executor import available_workers
    from facegap.scoring import check_device

    table = Table(show_header=False, show_edge=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("facegap", version("facegap"))
    table.add_row("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    table.add_row("processors", str(available_workers()))
    for package in LIBRARIES:
        table.add_row(package, version(package))
    table.add_row("ONNX providers", ", ".join(available_providers()))
    try:
        check_device("cuda", "float32")
        table.add_row("scores on a GPU", "--device cuda works")
    except InputError as error:
        table.add_row("scores on a GPU", str(error))
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
