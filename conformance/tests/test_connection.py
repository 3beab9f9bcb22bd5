"""Expectations against miniature servers: each holds, or says what came instead."""

import re
import socket
import time

import pytest

from nats_conformance.connection import Connection
from nats_conformance.delivery import Delivery
from nats_conformance.exchange import Exchange
from nats_conformance.expect import Mismatch, NoProgress, Unreachable
from nats_conformance.transcript import Transcript

INFO = b'INFO {"server_id":"A","max_payload":10} \r\n'


@pytest.fixture
def exchange():
    """Make an exchange whose connections end with the test."""
    made: list[Exchange] = []

    def make(
        delivery: Delivery = Delivery.WHOLE, patience: float = 2.0, limit: float = 20
    ) -> Exchange:
        made.append(
            Exchange(Transcript(), delivery, patience, time.monotonic() + limit, strict=False)
        )
        return made[-1]

    yield make
    for each in made:
        for wire in each.wires:
            wire.close()


@pytest.fixture
def talk(miniature, exchange):
    """Connect to a server that greets and then says these bytes for each PING."""

    def start(*answers: bytes, greeting: bytes = INFO, end: bool = False, **options) -> Connection:
        def server(client: socket.socket) -> None:
            client.sendall(greeting)
            with client.makefile("rb") as reader:
                for answer in answers:
                    reader.readline()
                    client.sendall(answer)
                if not end:
                    reader.read()

        shared = options.pop("exchange", None) or exchange(patience=options.pop("patience", 2.0))
        return Connection(shared, miniature(server).address, **options)

    return start


def test_the_first_info_is_read(talk) -> None:
    connection = talk()
    assert connection.info == {"server_id": "A", "max_payload": 10}
    assert connection.info_line == INFO


def test_exact_bytes_are_taken_and_no_more(talk) -> None:
    connection = talk(b"MSG a 1 2\r\nhi\r\n+OK\r\n")
    connection.send("go\r\n")
    connection.expect("MSG a 1 2\r\n")
    connection.expect(b"hi\r\n")
    connection.expect(b"+OK\r\n")


def test_other_bytes_are_told_with_what_was_expected(talk) -> None:
    connection = talk(b"+OK\r\n")
    connection.send("go\r\n")
    with pytest.raises(Mismatch) as told:
        connection.expect("PONG\r\n")
    assert (told.value.expected, told.value.got) == ("PONG␍␊", "+OK␍␊")


def test_nothing_is_told_after_the_patience(talk) -> None:
    connection = talk(b"", patience=0.1)
    connection.send("go\r\n")
    with pytest.raises(NoProgress, match=r"no progress after 0.1 s.*while waiting for PONG"):
        connection.expect("PONG\r\n")


def test_a_pattern_matches_whole_lines(talk) -> None:
    connection = talk(b"MSG a.b 17 2\r\nhi\r\nPONG\r\n")
    connection.send("go\r\n")
    found = connection.expect(re.compile(rb"MSG [^ \r\n]+ (\d+) 2\r\nhi\r\n"))
    assert found[1] == b"17"
    connection.expect("PONG\r\n")


def test_a_barrier_brings_what_came_before(talk) -> None:
    connection = talk(b"MSG a 1 2\r\nhi\r\nPONG\r\n")
    before = connection.barrier()
    assert [each.payload for each in before] == [b"hi"]


def test_something_where_nothing_may_come(talk) -> None:
    connection = talk(b"+OK\r\nPONG\r\n")
    with pytest.raises(Mismatch, match="something came"):
        connection.expect_nothing()


def test_an_error_that_leaves_the_connection_open(talk) -> None:
    connection = talk(b"-ERR 'No'\r\n", b"PONG\r\n")
    connection.send("go\r\n")
    assert connection.expect_error("No") == "No"


def test_an_error_that_must_not_close(talk) -> None:
    connection = talk(b"-ERR 'No'\r\n", end=True)
    connection.send("go\r\n")
    with pytest.raises(Mismatch, match="the connection ended after -ERR 'No'"):
        connection.expect_error("No")


def test_an_error_then_the_end(talk) -> None:
    connection = talk(b"-ERR 'No'\r\n", end=True)
    connection.send("go\r\n")
    connection.expect_closed("No")


def test_a_byte_before_a_silent_end(talk) -> None:
    connection = talk(b"-ERR 'No'\r\n", end=True)
    connection.send("go\r\n")
    with pytest.raises(Mismatch, match="bytes came before the end"):
        connection.expect_closed()


def test_an_end_that_does_not_come(talk) -> None:
    connection = talk(b"", patience=0.1)
    connection.send("go\r\n")
    with pytest.raises(NoProgress):
        connection.expect_closed()


def test_pings_are_answered_and_not_shown(talk) -> None:
    connection = talk(b"PING\r\n", b"+OK\r\n")
    connection.send("go\r\n")
    connection.expect("+OK\r\n")  # the miniature says so when it has read our PONG


def test_pings_are_shown_to_who_asks(talk) -> None:
    connection = talk(b"PING\r\n", auto_pong=False)
    connection.send("go\r\n")
    connection.expect("PING\r\n")


def test_later_infos_are_set_aside(talk) -> None:
    connection = talk(b'INFO {"ldm":true} \r\n+OK\r\n')
    connection.send("go\r\n")
    connection.expect("+OK\r\n")
    assert connection.infos == [{"ldm": True}]
    assert connection.expect_info() == {"ldm": True}


def test_bytes_outside_the_grammar_fail_whatever_was_expected(talk) -> None:
    connection = talk(b"+OK\r\nHELLO\r\n")
    connection.send("go\r\n")
    with pytest.raises(Mismatch, match="outside its grammar"):
        connection.barrier()


def test_nobody_listens(exchange) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    with pytest.raises(Unreachable, match="cannot connect"):
        Connection(exchange(), address)


def test_coalesced_sends_wait_for_a_receive(miniature, exchange) -> None:
    came: list[bytes] = []

    def server(client: socket.socket) -> None:
        client.sendall(INFO)
        came.append(client.recv(1000))
        client.sendall(b"+OK\r\n")

    connection = Connection(exchange(Delivery.COALESCED), miniature(server).address)
    connection.send("SUB foo 1\r\n")
    connection.send("PUB foo 2\r\nhi\r\n")
    connection.expect("+OK\r\n")
    assert came == [b"SUB foo 1\r\nPUB foo 2\r\nhi\r\n"]


def test_byte_by_byte_sends_all_of_it(talk, exchange) -> None:
    shared = exchange(Delivery.BYTE_BY_BYTE)
    connection = talk(b"+OK\r\n", exchange=shared)
    connection.send("x" * 5000 + "\r\n")
    connection.expect("+OK\r\n")
    assert shared.transcript.sent(1) == b"x" * 5000 + b"\r\n"


def test_the_watchdog_ends_an_endless_case(miniature, exchange) -> None:
    def server(client: socket.socket) -> None:
        client.sendall(INFO)
        client.recv(1)
        while True:
            client.sendall(b"+OK\r\n")

    connection = Connection(exchange(limit=0.3), miniature(server).address)
    with pytest.raises(NoProgress, match="longer than it may"):
        connection.flush()
