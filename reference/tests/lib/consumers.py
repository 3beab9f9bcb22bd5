"""A stream with consumers and nothing around it: the clock is virtual, clients are lists."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from nats_reference.clock import VirtualClock
from nats_reference.jetstream.config import StreamConfig
from nats_reference.jetstream.consumer import acks, creating
from nats_reference.jetstream.consumer import config as configs
from nats_reference.jetstream.consumer.group import Group
from nats_reference.jetstream.consumer.outbox import Outgoing, Run
from nats_reference.jetstream.host import ENDLESS
from nats_reference.jetstream.store.memory import MemoryStore
from nats_reference.jetstream.stream import Stream
from nats_reference.logs import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nats_reference.jetstream import publication
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.store import Store

MILLISECONDS = 1_000_000
SECONDS = 1_000_000_000


class World:
    """A host: who listens where, and what they got."""

    def __init__(self, config: StreamConfig | None = None, store: Store | None = None) -> None:
        self.clock = VirtualClock()
        self.log = Log()
        self.rng = random.Random(7)
        self.domain = ""
        self.reply_words = b""
        self.sync_interval = 120.0
        self.buffered = (10_000, 1 << 27)
        self.max_payload = 1 << 20
        #: Queue groups that listen on a subject; None stands for plain listeners.
        self.listeners: dict[bytes, set[bytes | None]] = {}
        self.sent: list[Outgoing] = []
        self.watchers: dict[bytes, tuple[Consumer, Callable[[Consumer], None]]] = {}
        config = config or StreamConfig("S", subjects=("s.>",), storage="memory")
        self.stream = Stream(config, store or MemoryStore(), self, self.clock.wall())
        self.group = Group(self.stream, self)
        self.stream.observers.append(self.group)

    # ---- What a stream and its consumers need --------------------------------

    def publish(
        self, subject: bytes, reply: bytes | None, headers: bytes | None, payload: bytes
    ) -> None:
        self.sent.append(Outgoing(subject, subject, reply, headers, payload))

    def publish_all(self, messages: Iterable[publication.Outgoing]) -> None:
        for each in messages:
            self.publish(*each)

    def room(self, _storage: str) -> tuple[int, int]:
        return ENDLESS, ENDLESS

    def spend(self, _storage: str, _size: int) -> None:
        pass

    def deliver(self, outgoing: Outgoing) -> bool:
        heard = self.heard(outgoing.to)
        if heard:
            self.sent.append(outgoing)
        return heard

    def deliver_run(self, run: Run) -> bool:
        heard = self.heard(run.to)
        if heard:
            self.sent += run.singly()
        return heard

    def behind(self, _subject: bytes) -> bool:
        return False

    def heard(self, subject: bytes) -> bool:
        return bool(self.listeners.get(subject))

    def listening(self, subject: bytes, group: bytes) -> bool:
        return (group or None) in self.listeners.get(subject, set())

    def watch(self, subject: bytes, consumer: Consumer, look: Callable[[Consumer], None]) -> None:
        self.watchers[subject] = (consumer, look)

    def unwatch(self, subject: bytes, _consumer: Consumer) -> None:
        self.watchers.pop(subject, None)

    def advisory(self, type_: str, members: dict[str, Any]) -> bytes:
        return json.dumps({"type": type_, **members}).encode()

    def metadata(self, level: int) -> dict[str, str]:
        return {"_nats.req.level": str(level)}

    # ---- What clients do -----------------------------------------------------

    def listen(self, subject: str, group: bytes | None = None) -> None:
        self.listeners.setdefault(subject.encode(), set()).add(group)
        self._notice(subject.encode())

    def leave(self, subject: str) -> None:
        self.listeners.pop(subject.encode(), None)
        self._notice(subject.encode())

    def _notice(self, subject: bytes) -> None:
        if subject in self.watchers:
            consumer, look = self.watchers[subject]
            look(consumer)
        self.settle()

    def settle(self, seconds: float = 0) -> None:
        self.clock.advance(seconds)

    def put(self, *subjects: str, payload: bytes = b"x", headers: bytes = b"") -> None:
        for subject in subjects:
            size = b"%d" % (len(headers) + len(payload))
            head = b"%d" % len(headers) if headers else None
            message = (subject.encode(), None, head, size, int(size))
            self.stream.ingest(None, message, headers + payload + b"\r\n")
        self.settle()

    def consumer(self, **members: Any) -> Consumer:
        members = {"durable_name": "C", "ack_policy": "explicit"} | members
        made = creating.create(self.group, configs.from_json(members), configs.Limits())
        self.settle()
        return made

    def pull(self, inbox: str = "inbox", name: str = "C", **asked: Any) -> None:
        self.listen(inbox)
        body = json.dumps(asked).encode() if asked else b""
        self.group.pull(name, inbox.encode(), body)
        self.settle()

    def answer(
        self, delivery: Outgoing, payload: bytes = b"+ACK", reply: bytes | None = None
    ) -> None:
        assert delivery.reply is not None
        if reply:
            self.listen(reply.decode())
        assert self.group.acknowledge("C", token(delivery), reply, payload)
        self.settle()

    # ---- What clients got ----------------------------------------------------

    def taken(self) -> list[Outgoing]:
        """Everything that came since the last time."""
        sent, self.sent = self.sent, []
        return sent

    def sequences(self) -> list[int]:
        """The stream sequences of the deliveries since the last time."""
        return [token(each).stream_seq for each in self.taken() if each.consumer and each.reply]

    def statuses(self) -> list[str]:
        """The first lines of the statuses since the last time."""
        return [
            each.headers.split(b"\r\n")[0].decode().removeprefix("NATS/1.0 ")
            for each in self.taken()
            if each.headers and each.consumer is None
        ]


def token(delivery: Outgoing) -> acks.Token:
    """The numbers of a delivery's reply subject."""
    assert delivery.reply is not None
    return acks.token(delivery.reply.split(b".")[4:])


@pytest.fixture
def world() -> World:
    return World()


__all__ = ["MILLISECONDS", "SECONDS", "World", "token", "world"]
