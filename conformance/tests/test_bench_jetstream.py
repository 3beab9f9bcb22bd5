"""The bench of JetStream at work, on small loads."""

import socket
import threading

import pytest

from nats_conformance.bench import consuming, crowd, publishing, scale
from nats_conformance.bench.generator import BenchError
from nats_conformance.bench.publishing import ALWAYS, LAZY
from nats_conformance.bench.receivers import Endpoint
from nats_conformance.bench.servers import Server, running
from nats_conformance.bench.streaming import client
from nats_conformance.targets import resolve

REFERENCE = resolve("reference")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (publishing, consuming, scale):
        monkeypatch.setattr(module, "TIMES", 5)
        monkeypatch.setattr(module, "WARM_UP", 1)
    monkeypatch.setattr(consuming, "COUNT", 600)
    monkeypatch.setattr(crowd, "COUNT", 200)
    monkeypatch.setattr(crowd, "MANY", 30)
    monkeypatch.setattr(scale, "SMALL", 200)
    monkeypatch.setattr(scale, "LARGE", 400)


@pytest.mark.parametrize(
    ("config", "storage"), [(LAZY, "file"), (ALWAYS, "file"), (LAZY, "memory")]
)
def test_publishes_are_acknowledged(config: str, storage: str) -> None:
    assert publishing.asynchronous(REFERENCE, config, storage, 1234).value > 0


def test_single_publishes_and_direct_gets_are_timed() -> None:
    assert publishing.synchronous(REFERENCE, LAZY).value > 1
    assert publishing.direct_get(REFERENCE).value > 1


def test_everything_is_consumed() -> None:
    assert consuming.pull(REFERENCE).value > 0
    assert consuming.push(REFERENCE).value > 0
    assert consuming.latency(REFERENCE).value > 1


def test_consumers_are_made_once() -> None:
    crowd.found.cache_clear()
    found = crowd.found(REFERENCE)

    assert found.publish > 0
    assert found.memory < 1_000_000
    assert crowd.found(REFERENCE) is found


def test_a_large_stream_is_compared_with_a_small_one() -> None:
    scale.found.cache_clear()
    found = scale.found(REFERENCE)

    assert min(found.info, found.last, found.purge, found.restart_seconds) > 0
    assert scale.found(REFERENCE) is found


def test_an_error_is_no_result() -> None:
    with running(REFERENCE, LAZY) as server, client(server) as connection:
        with pytest.raises(BenchError, match="10059"):
            connection.api("STREAM.INFO.none")
        connection.stream("bench", max_msgs=1, discard="new")
        with pytest.raises(BenchError, match="10077"):
            connection.publish_all([b"bench.a"] * 2)


def test_what_a_server_says_beside_messages_is_no_result() -> None:
    def serve() -> None:
        connection = listener.accept()[0]
        with connection:
            connection.sendall(b"INFO {}\r\n")
            connection.recv(4096)
            connection.sendall(b"PONG\r\n")
            connection.recv(4096)
            connection.sendall(b"PING\r\n-ERR 'no'\r\n")
            while connection.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        connect = b'CONNECT {"verbose":false}\r\n'
        endpoint = Endpoint("127.0.0.1", listener.getsockname()[1], connect)
        server = Server(endpoint, None, 0.0)
        with pytest.raises(ValueError, match="not ours to start"):
            server.restarted()
        with client(server) as connection, pytest.raises(BenchError, match="-ERR"):
            connection.hear()
        thread.join(timeout=20)
