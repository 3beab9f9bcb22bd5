"""Generated control lines, near-misses of them, and cuts in any place.

Covers FRAME-001 .. FRAME-008, FRAME-013 .. FRAME-019, ERR-001, PUB-001, SUB-001: the
server must read what the model reads, wherever the bytes are cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st

from nats_conformance import generated
from nats_conformance.cases import Nats, property_case
from nats_conformance.connection import Connection
from nats_conformance.expect import Mismatch
from nats_spec import strategies
from nats_spec.model.reading import Ending, read
from nats_spec.operations import Err, Operation, Pong
from nats_spec.recogniser import recogniser

HELLO = b'CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\n'


def is_plain(data: bytes) -> bool:
    """Whether no line does what FRAME-032 and FRAME-034 judge: CR or LF amid arguments."""
    for line in data.split(b"\n"):
        text = line.removesuffix(b"\r")
        words = text.split()
        if b"\r" in text or (len(words) == 1 and text[-1:] in {b" ", b"\t"}):
            return False
    return True


@st.composite
def sessions(draw: st.DrawFn, *, missing: bool) -> bytes:
    """Control lines with their payloads; the last a near-miss if `missing`."""
    whole = draw(st.lists(strategies.lines("client"), max_size=3))
    if missing:
        whole.append(draw(strategies.near_misses("client")))
    data = b""
    for line in whole:
        data += line
        match = recogniser("client").match(line)
        if match and match[0] in {"pub", "pub_reply", "hpub", "hpub_reply"}:
            size = int(match[1][-1])
            if size < 5000:
                data += draw(st.binary(min_size=size, max_size=size)) + b"\r\n"
    return data


@contextmanager
def greeted(nats: Nats) -> Iterator[Connection]:
    """A connection of an example of its own, after CONNECT."""
    with nats.example() as example:
        connection = example.connect()
        connection.send(HELLO)
        yield connection


def answers(connection: Connection) -> list[Operation]:
    """Everything that the server says until it, having read all, ends the connection."""
    connection.half_close()
    return connection.read_until_closed()


@property_case("FRAME-004", "FRAME-006", "FRAME-018", "ERR-001", private=True)
def test_lines_and_near_misses_are_read_as_the_model_reads_them(nats: Nats) -> None:
    @given(sessions(missing=True).filter(is_plain))
    def check(data: bytes) -> None:
        expected = read(data)
        with greeted(nats) as connection:
            connection.send(data)
            came = answers(connection)
        judge(data, came, expected.operations.count("ping"), expected.ending)

    generated.run(nats, check)


@property_case("FRAME-015", "FRAME-016", private=True)
def test_wherever_the_bytes_are_cut_the_answer_is_the_same(nats: Nats) -> None:
    @given(sessions(missing=False).filter(is_plain), st.lists(st.floats(0, 1), max_size=6))
    def check(data: bytes, places: list[float]) -> None:
        expected = read(data)
        with greeted(nats) as connection:
            cuts = sorted(int(place * len(data)) for place in places)
            for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
                connection.send(data[start:end])
            came = answers(connection)
        judge(data, came, expected.operations.count("ping"), expected.ending)

    generated.run(nats, check)


def judge(data: bytes, came: list[Operation], pongs: int, ending: Ending) -> None:
    """The PONGs and the last error are those that the model foretells."""
    fatal = {each.value for each in Ending if each.value}
    errors = [o.text.decode() for o in came if isinstance(o, Err) and o.text.decode() in fatal]
    wanted = [ending.value] if ending.value else []
    if errors != wanted:
        raise Mismatch(f"{data!r} ends", f"{wanted or 'without a word'}", f"{errors}")
    counted = sum(isinstance(operation, Pong) for operation in came)
    if counted != pongs:
        raise Mismatch(f"{data!r} has pings", f"{pongs} PONG", f"{counted} PONG")
