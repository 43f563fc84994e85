"""What training needs beyond facegap itself."""

from importlib.util import find_spec

from facegap.errors import InputError

PACKAGES = ("torch", "cv2", "timm", "lightning", "pytorch_metric_learning", "onnxscript", "safetensors", "tensorboard")


def require_training() -> None:
    """See that the packages of the extra `train` are installed, without importing them.

    Raises:
        InputError: one is missing.
    """
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise InputError(
            "training needs {missing}, not installed here: run `pip install 'facegap[train]'`",
            missing=", ".join(missing),
        )
