"""Clusters of Ray that cannot be connected to: one line each, which tells why."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from facegap.errors import InputError
from facegap.run.executor import executor_named

ray = pytest.importorskip("ray", reason="Ray is an extra: pip install 'facegap[ray]'")
grpc = pytest.importorskip("grpc", reason="Ray's client is an extra: pip install 'facegap[ray]'")

from facegap.run.ray_connection import connected  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # Ray has some of its own


def test_a_ray_of_somebody_else_on_this_machine_is_left_alone(monkeypatch):
    """Ray would connect to it, and then refuse to be told how many processors it has."""
    started = []
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", lambda address, **options: started.append((address, options["num_cpus"])))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    connected(None, 2)
    assert started == [("local", 2)]


@pytest.mark.parametrize("address", ["ray://127.0.0.1:9", "127.0.0.1:9"])
def test_no_cluster_at_the_address_is_one_line_at_once(monkeypatch, address):
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(InputError, match=rf"^no Ray cluster answers at {address} \(.*refused\): start one, or"):
        executor_named("ray")


@pytest.fixture
def head(monkeypatch) -> Iterator[Callable[[Any, str], str]]:
    """Starts what answers every question of Ray's client in one way, and returns its address; the client is hasty."""
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr("ray.util.client.worker.time", SimpleNamespace(time=time.time, sleep=lambda _: None))
    servers = []

    def start(code: Any, said: str) -> str:
        def answer(_: bytes, context: Any) -> None:
            context.abort(code, said)

        handler = SimpleNamespace(service=lambda _: grpc.unary_unary_rpc_method_handler(answer))
        servers.append(grpc.server(ThreadPoolExecutor(1), handlers=[handler]))
        port = servers[0].add_insecure_port("127.0.0.1:0")
        servers[0].start()
        return f"ray://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(None)


def test_a_cluster_that_asks_for_a_token_says_so(head):
    """Ray's client tries again and again, and then says that it took too long."""
    address = head(grpc.StatusCode.UNAUTHENTICATED, "Invalid or missing authentication token")
    expected = rf"^the Ray cluster at {address} lets nobody in without its token \(Invalid or missing authentication "
    with pytest.raises(InputError, match=expected) as raised:
        connected(address, 1)
    assert "\n" not in str(raised.value)


def test_a_cluster_that_is_busy_is_not_said_to_refuse(head, recwarn):
    address = head(grpc.StatusCode.UNAVAILABLE, "busy")
    expected = rf"^the port at {address} is open, but no Ray took this process up in time \(.*timeout\): the cluster "
    with pytest.raises(InputError, match=expected) as raised:
        connected(address, 1)
    assert "\n" not in str(raised.value)
    assert "token" not in str(raised.value)
    assert not [str(one.message) for one in recwarn if "Ray Client" in str(one.message)]


def test_another_cluster_can_be_tried_after_one_that_did_not_answer(head):
    from ray._private import client_mode_hook

    with pytest.raises(InputError, match="in time"):
        connected(head(grpc.StatusCode.UNAVAILABLE, "busy"), 1)
    assert not client_mode_hook.is_client_mode_enabled, "what is called next would ask the cluster that is not there"
