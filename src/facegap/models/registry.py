"""From what a user writes to a model."""

from dataclasses import replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

from facegap.data.spec import ModelSpec
from facegap.data.weights import FACE_NETWORK, SHA256, dlib_weights, sha256_of_file
from facegap.errors import ModelError
from facegap.models import adapters
from facegap.models.embedder import Embedder, ModelSource, check_unchanged
from facegap.models.onnx.devices import device_named
from facegap.models.options import OF_NETWORKS, check_options, split_options
from facegap.run.places import exists

PLUGINS = "facegap.models"
"""The entry point group of plug-ins: each is a callable without arguments that returns an `Embedder`."""

REFERENCE = "reference"


def parse_model(
    text: str, *, preset: str | None = None, output: str | None = None, jitters: int = 1, device: str = "cpu"
) -> ModelSource:
    """Return the recipe of the model that `text` names, checked by loading it once.

    Args:
        text: `dlib` or `dlib:WEIGHTS.dat`, which ONNX Runtime runs; `dlib:reference` or `dlib:reference:WEIGHTS.dat`,
            which dlib runs; `FILE.onnx`; the folder or ZIP file of an InsightFace pack; the name of a plug-in. With
            `NAME=` in front, reports call it NAME. Behind an ONNX file `,preset=PRESET` and `,output=NAME` are for this
            model alone and win over what follows here.
        preset: contract of an ONNX file, a key of `PRESETS`; it wins over what the file says.
        output: name of the embedding among the outputs of an ONNX file.
        jitters: number of moved copies whose embeddings are averaged, for models that take dlib's crop; 1 means the
            crop itself.
        device: where ONNX Runtime computes, a key of `DEVICES`, with `:N` behind it for the one with that number; other
            models do not mind.

    Raises:
        ModelError: there is no such model, it cannot be used, or the device is not at hand.
    """
    _refuse_answers(text)
    written, options = split_options(text)
    name, model = _split_name(written)
    network = model.lower().endswith(".onnx")
    check_options(options, OF_NETWORKS if network else (), text)
    if jitters < 1:
        raise ModelError("{jitters} jitters make no embedding: pass 1 or more", jitters=jitters)
    device_named(device)
    if model == "dlib" or model.startswith("dlib:"):
        return _dlib(model.removeprefix("dlib").removeprefix(":"), name, jitters, device)
    asked = {"preset": preset, "output": output} | options
    if network:
        from facegap.models.networks import of_file

        return of_file(Path(model), name, asked["preset"], asked["output"], jitters, device)
    if model in entry_points(group=PLUGINS).names:
        return _plugin(model, name)
    if model.lower().endswith(".zip") or (model and Path(model).is_dir()):
        from facegap.models.networks import of_pack

        return of_pack(Path(model), name, asked["preset"], asked["output"], jitters, device)
    package, colon, which = model.partition(":")
    if colon and package in adapters.names():
        return adapters.source(package, which, name, device)
    known = ["dlib", "dlib:WEIGHTS.dat", "FILE.onnx", "PACK/", "PACK.zip"]
    known += [f"{package}:NAME" for package in adapters.names()]
    possible = [*known, *sorted(entry_points(group=PLUGINS).names)]
    raise ModelError("unknown model {model!r}: give one of {possible}", model=model, possible=", ".join(possible))


def _refuse_answers(text: str) -> None:
    """Refuse what tells scores or embeddings, and is no model that images are given to."""
    from facegap.models.given import names_given
    from facegap.models.pair_model import names_pair_model

    if names_pair_model(text):
        raise ModelError(
            "{model!r} is a black box, a function that compares two images: only facegap evaluate asks one, and check, "
            "compare, table and calibrate take the report that it writes; here give a network, e.g. dlib or FILE.onnx",
            model=text,
        )
    if names_given(text):
        raise ModelError(
            "{model!r} holds the answers of a model, not the model: only facegap evaluate takes such a file; here give "
            "a network, e.g. dlib or FILE.onnx",
            model=text,
        )


def _split_name(text: str) -> tuple[str, str]:
    """Return the name in front of "=", if any, and the model; a file whose own name has "=" in it stays whole."""
    name, equals, model = text.partition("=")
    if not equals or exists(text):
        return "", text
    if not name.strip() or not model:
        raise ModelError("{text!r} names no model: write NAME=MODEL", text=text)
    return name.strip(), model


def _dlib(which: str, name: str, jitters: int, device: str) -> ModelSource:
    reference = which == REFERENCE or which.startswith(f"{REFERENCE}:")
    weights = which.removeprefix(REFERENCE).removeprefix(":") if reference else which
    path = Path(weights) if weights else dlib_weights(FACE_NETWORK)
    name = name or (path.stem if weights else "dlib") + (f"-{REFERENCE}" if reference else "")
    if reference:
        return _dlib_reference(path, name, jitters)
    sha256 = sha256_of_file(path) if weights else SHA256[FACE_NETWORK]  # `dlib_weights` has seen to it
    return _dlib_converted(path, sha256, name, jitters, device)


def _dlib_reference(path: Path, name: str, jitters: int) -> ModelSource:
    from facegap.models.dlib.net import dlib_spec, try_dlib

    spec = dlib_spec(path, name=name, jitters=jitters)
    try_dlib(path, spec)
    return ModelSource(spec, partial(_open_reference, path, spec))


def _open_reference(path: Path, spec: ModelSpec) -> Embedder:
    from facegap.models.dlib.net import DlibModel

    check_unchanged(path, sha256_of_file(path), spec)
    return DlibModel(path, spec)


def _dlib_converted(path: Path, sha256: str, name: str, jitters: int, device: str) -> ModelSource:
    from facegap.models.dlib.conversion import kept_dlib_onnx
    from facegap.models.onnx.onnx_file import parse_onnx
    from facegap.models.onnx.onnx_model import onnx_spec
    from facegap.models.onnx.resolve import resolve_contract

    content = kept_dlib_onnx(path, sha256)
    file = parse_onnx(content, path, sha256)
    contract, _ = resolve_contract(file)
    spec = onnx_spec(file, contract, name=name, jitters=jitters, device=device, content=content)
    network = partial(kept_dlib_onnx, path, sha256)
    return ModelSource(spec, partial(_open_converted, path, spec, device), network=network)


def _open_converted(path: Path, spec: ModelSpec, device: str) -> Embedder:
    from facegap.models.dlib.conversion import kept_dlib_onnx
    from facegap.models.onnx.onnx_model import OnnxModel

    return OnnxModel(path, spec, device=device, content=kept_dlib_onnx(path, spec.weights))


def _plugin(entry_point: str, name: str) -> ModelSource:
    spec = _open_plugin(entry_point).spec
    return ModelSource(replace(spec, name=name or spec.name), partial(_open_plugin, entry_point))


def _open_plugin(entry_point: str) -> Embedder:
    (found,) = entry_points(group=PLUGINS, name=entry_point)
    try:
        model = found.load()()
    except (Exception, SystemExit) as error:  # a plug-in is somebody else's code
        reason = (str(error).splitlines() or [""])[0]
        raise ModelError(
            "plug-in {name} ({value}) failed: {kind}: {reason}",
            name=entry_point,
            value=found.value,
            kind=type(error).__name__,
            reason=reason,
        ) from error
    if not isinstance(getattr(model, "spec", None), ModelSpec) or not callable(getattr(model, "embed", None)):
        raise ModelError(
            "plug-in {name} ({value}) gave no model: expected an object with spec and embed",
            name=entry_point,
            value=found.value,
        )
    return model
