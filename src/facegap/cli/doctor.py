"""`facegap doctor`: what is installed and what would be used."""

from facegap.cli.columns import Columns
from facegap.cli.console import Terminal


def doctor() -> None:
    """Show what is installed: libraries, providers, weights, plug-ins, the store."""
    import platform
    from importlib import metadata

    from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, dlib_weights
    from facegap.models.onnx.session import available_providers
    from facegap.report.text.language import _, in_a_row
    from facegap.run.cache import compiled_root, default_root
    from facegap.run.executor import available_workers
    from facegap.run.versions import LIBRARIES, version

    table = Columns(show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("facegap", version("facegap"))
    system = f"{platform.system()} {platform.machine()}"
    python = _("{version} on {system}", version=platform.python_version(), system=system)
    table.add_row("Python", python)
    table.add_row(_("processors"), str(available_workers()))
    for package in LIBRARIES:
        table.add_row(package, version(package))
    table.add_row(_("ONNX providers"), in_a_row(available_providers()))
    table.add_row(_("scores on a GPU"), _on_a_gpu())
    for name in (FACE_NETWORK, FIVE_POINTS):
        table.add_row(_("weights"), str(dlib_weights(name)))
    table.add_row(_("weights"), _sixty_eight_points())
    plugins = [entry.name for entry in metadata.entry_points(group="facegap.models")]
    table.add_row(_("model plug-ins"), in_a_row(plugins) if plugins else _("none"))
    detectors = [entry.name for entry in metadata.entry_points(group="facegap.detectors")]
    table.add_row(_("detector plug-ins"), in_a_row(detectors) if detectors else _("none"))
    table.add_row(_("store"), str(default_root()))
    loops = compiled_root()
    none = _("made in each run: no folder can be written, set FACEGAP_STORE to one")
    table.add_row(_("compiled loops"), str(loops) if loops else none)
    Terminal().print(table)


def _sixty_eight_points() -> str:
    """Return where they are, or how to install them: not everybody needs them."""
    from facegap.data.weights import SIXTY_EIGHT_POINTS, dlib_weights
    from facegap.errors import ModelError
    from facegap.report.text.errors import error_text

    try:
        return str(dlib_weights(SIXTY_EIGHT_POINTS))
    except ModelError as error:
        return error_text(error)


def _on_a_gpu() -> str:
    from importlib.util import find_spec

    from facegap.errors import InputError
    from facegap.report.text.errors import error_text
    from facegap.report.text.language import _

    if find_spec("torch") is None:  # most often: what would look for a GPU takes longer than all the rest
        return _("torch is not installed: pip install 'facegap[gpu]'")
    from facegap.scoring import check_device

    try:
        check_device("cuda", "float32")
    except InputError as error:
        return error_text(error)
    return _("--device cuda works")
