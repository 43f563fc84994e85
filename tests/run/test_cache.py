"""The cache folder follows the environment."""

from facegap.run.cache import default_root


def test_the_default_place_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "a"))
    assert default_root() == tmp_path / "a"
    monkeypatch.delenv("FACEGAP_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    assert default_root() == tmp_path / "b" / "facegap"
