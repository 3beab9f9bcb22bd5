"""The lexical model: what a server makes of a client's bytes."""

import pytest

from nats_spec.model.reading import Ending, Limits, read


@pytest.mark.parametrize(
    ("data", "operations", "ending"),
    [
        (b"", (), Ending.OPEN),
        (b"PING\r\nPIN", ("ping",), Ending.OPEN),
        (b"PING\nPONGxyz\r\n+OK\r\n", ("ping", "pong", "ok"), Ending.OPEN),
        (b"PUB a 2\r\nhi\r\nPING\r\n", ("pub", "ping"), Ending.OPEN),
        (b"PUB a 2\r\nhi", (), Ending.OPEN),
        (b"PUB a 2\r\nhi\r", (), Ending.OPEN),
        (b"PUB a 2\r\nhi\n", (), Ending.UNKNOWN_OPERATION),
        (b"PUB a 1\r\nhi\r\n", (), Ending.UNKNOWN_OPERATION),
        (b"PUB a x\r\n", (), Ending.SILENT),
        (b"PUB a 1048577\r\n", (), Ending.PAYLOAD),
        (b"HPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", ("hpub",), Ending.OPEN),
        (b"HPUB a 5 1\r\n", (), Ending.SILENT),
        (b"SUB a\r\n", (), Ending.SILENT),
        (b"SUB\r\n", (), Ending.UNKNOWN_OPERATION),
        (b"\r\n", (), Ending.UNKNOWN_OPERATION),
        (b"X", (), Ending.UNKNOWN_OPERATION),
        (b"-ERR 'x'\r\n", (), Ending.SILENT),
        (b"CONNECT {}\r\nCONNECT null\r\n", ("connect", "connect"), Ending.OPEN),
        (b"CONNECT []\r\n", (), Ending.SILENT),
        (b"INFO {\r\n", (), Ending.SILENT),
        (b"SUB %b 1\r\n" % (b"a" * 4094), ("sub",), Ending.OPEN),
        (b"SUB %b 1\r\n" % (b"a" * 4095), (), Ending.CONTROL_LINE),
        (b"SUB " + b"a" * 4097, (), Ending.CONTROL_LINE),
        (b"PING" + b"a" * 5000, (), Ending.OPEN),
        (b"PI", (), Ending.OPEN),
    ],
)
def test_reading(data, operations, ending):
    reading = read(data)
    assert (reading.operations, reading.ending) == (operations, ending)


def test_without_headers_hpub_ends_the_connection():
    assert read(b"HPUB a 0 0\r\n\r\n", headers=False).ending is Ending.SILENT


def test_limits_are_the_servers():
    assert read(b"PUB a 6\r\n", Limits(payload=5)).ending is Ending.PAYLOAD
    assert read(b"SUB abc 1\r\n", Limits(control_line=4)).ending is Ending.CONTROL_LINE
