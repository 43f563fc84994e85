"""What all adapters of packages share."""

import pytest

from facegap.errors import ModelError
from facegap.models import packaged, parse_model
from facegap.models.adapters import names

PACKAGES = ["deepface", "facenet-pytorch", "insightface", "uniface"]


def test_each_module_is_one_adapter() -> None:
    assert names() == PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_alone_names_no_model(package: str) -> None:
    with pytest.raises(ModelError, match=f"^{package}: names no model of that package"):
        parse_model(f"{package}:")


@pytest.mark.parametrize(
    ("asked", "package"),
    [
        ("deepface:Facenet512", "deepface"),
        ("facenet-pytorch:vggface2", "facenet_pytorch"),
        ("uniface:ArcFace", "uniface"),
    ],
)
def test_without_the_package_one_line_says_what_to_do(
    asked: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(module: str) -> object:
        raise ModuleNotFoundError(f"No module named {module!r}")

    monkeypatch.setattr(packaged, "import_module", missing)
    with pytest.raises(
        ModelError, match=rf"^{asked} needs the package {package}, which cannot be imported .*: pip install "
    ):
        parse_model(asked)


def test_options_of_networks_are_refused() -> None:
    with pytest.raises(ModelError, match="this model has no option preset, it takes none"):
        parse_model("uniface:ArcFace,preset=arcface")
