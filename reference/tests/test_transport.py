"""A socket's side of a connection, with a transport that takes as much as the test says."""

from __future__ import annotations

import gc
import weakref

import pytest

from nats_reference import limits
from nats_reference.transport.tcp import TcpLink

CONNECT = b'CONNECT {"verbose":false,"pedantic":false}\r\n'


class FakeTransport:
    """An asyncio transport whose client reads when it is told to."""

    def __init__(self, link: TcpLink) -> None:
        self.link = link
        self.buffered = 0
        self.high = 0
        self.paused = False
        self.reading = True
        self.ended = ""

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return ("127.0.0.1", 7)

    def set_write_buffer_limits(self, high: int) -> None:
        self.high = high

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def write(self, data: bytes) -> None:
        self.buffered += len(data)
        if self.buffered > self.high and not self.paused:
            self.paused = True
            self.link.pause_writing()

    def takes(self, size: int) -> None:
        self.buffered -= min(size, self.buffered)
        if self.paused and self.buffered <= self.high // 4:
            self.paused = False
            self.link.resume_writing()

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return bool(self.ended)

    def is_reading(self) -> bool:
        return self.reading and not self.ended

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


@pytest.fixture
def join(world):
    """Makes a world and two clients of it: one that subscribes to foo, one that publishes."""

    def make(**options):
        here = world(**options)
        transports = []
        for said in (b"SUB foo 1\r\n", b""):
            link = TcpLink(here.server, set())
            transports.append(FakeTransport(link))
            link.connection_made(transports[-1])
            link.data_received(CONNECT + said)
            transports[-1].takes(10**6)
        return here, *transports

    return make


def publish(transport: FakeTransport, size: int) -> None:
    transport.link.data_received(b"PUB foo %d\r\n%b\r\n" % (size, bytes(size)))


def test_a_publisher_waits_a_moment_for_a_slow_reader(join):
    world, reader, writer = join(max_payload=1000, max_pending=1000)
    publish(writer, 800)
    assert not writer.reading
    assert world.server.counters.stalled == 1
    world.clock.advance(limits.STALL_SECONDS)
    assert writer.reading
    reader.takes(900)
    publish(writer, 10)
    assert writer.reading
    assert not reader.ended


def test_too_much_at_once_is_cut_off(join):
    world, reader, writer = join(max_payload=2000, max_pending=2000)
    publish(writer, 1990)
    assert reader.ended == "aborted"
    assert world.server.counters.slow_consumers == 1
    assert not writer.ended


def test_too_much_in_the_end_is_cut_off(join):
    world, reader, writer = join(max_payload=2000, max_pending=2000)
    for _ in range(2):
        publish(writer, 900)
        world.clock.advance(1)
    assert not reader.ended
    publish(writer, 900)
    assert reader.ended == "aborted"


def test_a_held_publisher_may_leave(join):
    world, reader, writer = join(max_payload=1000, max_pending=1000)
    publish(writer, 800)
    writer.link.eof_received()
    world.clock.advance(1)
    assert writer.ended == "closed"
    assert not writer.reading
    writer.link.connection_lost(None)
    assert reader.paused


@pytest.mark.parametrize(
    ("policy", "ended"), [("default", "aborted"), ("close", "aborted"), ("retry", "")]
)
def test_the_write_deadline(join, policy, ended):
    world, reader, writer = join(write_deadline=1.0, write_timeout=policy)
    world.clock.advance(1.5)
    assert not reader.ended
    publish(writer, 1000)
    reader.takes(100)
    world.clock.advance(1.1)
    assert reader.ended == ended
    assert world.server.counters.slow_consumers == 1
    if policy == "retry":
        world.clock.advance(1.1)
        assert reader.ended == "aborted"


def test_who_reads_is_not_held_to_what_came_later(join):
    world, reader, writer = join(write_deadline=1.0)
    world.clock.advance(1.5)
    for _ in range(10):
        reader.takes(reader.buffered)
        publish(writer, 1000)
        world.clock.advance(0.6)
    assert not reader.ended


def test_no_fast_producer_stall(join):
    world, reader, writer = join(max_payload=1000, max_pending=1000, no_fast_producer_stall=True)
    for _ in range(5):
        publish(writer, 800)
    assert writer.reading
    assert not reader.ended
    assert reader.link.connection.out_msgs == 1
    reader.takes(10**6)
    publish(writer, 10)
    assert reader.link.connection.out_msgs == 2
    assert world.server.counters.stalled == 0


class Watched(TcpLink):
    """A link whose end can be seen."""

    __slots__ = ("__weakref__",)


def test_a_lost_connection_is_not_kept_alive(world):
    here = world()
    gc.disable()
    try:
        link = Watched(here.server, set())
        transport = FakeTransport(link)
        link.connection_made(transport)
        link.data_received(CONNECT + b"SUB foo 1\r\nPUB foo 1\r\nx\r\n")
        link.connection_lost(None)
        # A loop lets go of its protocol, and so does this.
        transport.link = None
        connection, end = link.connection, weakref.ref(link)
        del link
        assert end() is None
        connection.link.write(b"x")
        connection.link.hold(1)
        connection.link.close()
        connection.link.abort()
        assert connection.link.pending() == 0
        assert not here.server.connections
    finally:
        gc.enable()


def test_what_is_owed_may_take_as_long_as_a_write(join):
    world, reader, _ = join(write_deadline=1.0)
    reader.link.data_received(b"nonsense")
    assert reader.ended == "closed"
    reader.link.data_received(b"more")
    world.clock.advance(1.1)
    assert reader.ended == "aborted"
    reader.link.connection_lost(OSError())
