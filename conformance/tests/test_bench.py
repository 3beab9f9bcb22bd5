"""The bench at work: what it sends, what it counts, what it refuses to count."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from pathlib import Path

import pytest

from nats_conformance.bench import generator, probes, processes, traffic
from nats_conformance.bench.receivers import CREDIT, DONE, READY, Endpoint, Order, receive
from nats_conformance.bench.servers import Server, running, without_config
from nats_conformance.targets import resolve

CONNECT = b'CONNECT {"verbose":false}\r\n'


# ---- traffic ----


def test_distinct_traffic_repeats_no_control_line() -> None:
    load = traffic.distinct(5000, subjects=7)

    lines = b"".join(chunk.data for chunk in load.chunks).split(b"\r\n")[:-1:2]

    assert len(set(lines)) == len(lines) == 5000
    assert {line.split()[1] for line in lines} == {b"bench.new.s%d" % n for n in range(7)}
    assert {int(line.split()[3]) for line in lines} == set(range(1, 65))


def test_traffic_knows_what_subscribers_get_for_it() -> None:
    for load in (traffic.repeated(16), traffic.repeated(16, 100), traffic.distinct(20_000)):
        assert len(load.first) == load.chunks[0].delivered
        assert load.first.count(b"MSG ") == load.chunks[0].messages
        assert load.first.startswith(b"MSG ")


def test_direct_traffic_is_what_subscribers_get() -> None:
    load = traffic.repeated(16)

    assert load.direct().chunks[0].data == load.first


# ---- the generator ----


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(resolve("reference")) as started:
        yield started


def test_messages_are_counted_through_a_server(server: Server) -> None:
    flow = generator.through(server, traffic.repeated(16), 2, seconds=0.05)

    assert flow.messages > 0
    assert flow.rate == flow.messages / flow.seconds
    assert flow.generator_cpu is None or flow.generator_cpu >= 0


def test_distinct_traffic_is_sent_once(server: Server) -> None:
    load = traffic.distinct(40_000)

    flow = generator.through(server, load, 1)

    assert flow.messages == 40_000 - load.chunks[0].messages


def test_the_generator_alone_needs_no_server() -> None:
    assert generator.alone(traffic.repeated(16), 2, seconds=0.05).messages > 0


@contextmanager
def impostor(answer: bytes, after: bytes = b"") -> Iterator[tuple[Endpoint, threading.Event]]:
    """A server that takes one subscriber and, when told to go, says what it was made to say."""

    def serve() -> None:
        connection = listener.accept()[0]
        with connection:
            connection.sendall(b"INFO {}\r\n")
            for _ in range(2):
                connection.recv(4096)
                connection.sendall(b"PONG\r\n")
            assert go.wait(20)
            connection.sendall(answer)
            if after:
                connection.recv(4096)
                connection.sendall(after)

    go = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield Endpoint("127.0.0.1", listener.getsockname()[1], CONNECT), go
        thread.join(timeout=20)


def told(place: tuple[Endpoint, threading.Event], first: bytes) -> list[str]:
    """What the subscribers' process tells the sender, who sends one chunk."""
    endpoint, go = place
    ours, theirs = Pipe()
    order = Order(endpoint, 1, b"foo", (len(first),), first)
    subscribers = threading.Thread(target=receive, args=(order, theirs))
    subscribers.start()
    said: list[str] = []
    with ours, suppress(EOFError):
        while True:
            said.append(ours.recv())
            if said[-1] == READY:
                go.set()
            elif said[-1] == CREDIT:
                ours.send(1)
    subscribers.join(timeout=20)
    return said


def test_other_bytes_than_expected_are_no_result() -> None:
    with impostor(b"MSG foo 1 2\r\nho\r\n") as place:
        said = told(place, b"MSG foo 1 2\r\nhi\r\n")

    assert said[0] == READY
    assert "not b'MSG foo 1 2" in said[-1]
    assert "at byte 14" in said[-1]


def test_bytes_after_the_last_message_are_no_result() -> None:
    first = b"MSG foo 1 2\r\nhi\r\n"
    with impostor(first, after=b"MSG foo 1 0\r\n\r\nPONG\r\n") as place:
        said = told(place, first)

    assert said[-1] == "a subscriber got 15 bytes more than were due"


def test_a_ping_of_the_server_among_the_messages_does_no_harm() -> None:
    first = b"MSG foo 1 2\r\nhi\r\n"
    with impostor(first, after=b"PING\r\nPONG\r\n") as place:
        said = told(place, first)

    assert said == [READY, CREDIT, DONE]


def test_a_server_that_hangs_up_is_no_result() -> None:
    with impostor(b"-ERR 'no'\r\n") as place:
        said = told(place, b"MSG foo 1 2\r\nhi\r\n")

    assert "ended the connection" in said[-1]


def test_servers_are_started_with_flags_alone() -> None:
    preset = resolve("nats-server").command

    command = without_config(resolve("nats-server")).command

    assert "{config}" in preset
    assert command == tuple(word for word in preset if word not in {"-c", "{config}"})


# ---- the other probes ----


def test_round_trips_are_timed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "ROUND_TRIPS", 50)

    assert 1 < probes.round_trip(server) < 1_000_000


def test_unrelated_interest_gets_nothing(server: Server) -> None:
    assert probes.with_interest(server, traffic.distinct(20_000), 300).messages > 0


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="2026-11-26: looks into /proc")
def test_idle_connections_cost_memory(server: Server) -> None:
    assert probes.idle_bytes(server, 300) < 1_000_000
    assert processes.cpu_seconds(os.getpid()) is not None


def test_of_no_process_nothing_is_known() -> None:
    assert processes.cpu_seconds(None) is None
    assert processes.resident_bytes(2**22 + 1) is None


def test_the_file_limit_is_never_lowered() -> None:
    assert processes.allow_files(10) == 10
