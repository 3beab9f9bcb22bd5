"""A disk without room for another message (JS-LIM-044, JS-LIM-045)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.interrupted import held, written
from nats_conformance.small_disk import small_disk
from nats_spec.headers import HeaderBlock
from nats_spec.model.stream import MSG_ID, Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_conformance.jetstream import JetStream
    from nats_conformance.server import Server

#: Messages of 100 KB that a disk of 8 MB surely doesn't hold.
MANY = 90

#: Requests that are answered while an acknowledgement may still come.
LOOKS = 100


@contextmanager
def filling(nats: Nats) -> Iterator[tuple[Server, JetStream]]:
    """A server on a small disk, with a stream KEPT of three messages and an empty one, FULL."""
    with small_disk(8) as disk:
        text = f'jetstream {{ store_dir: "{disk}", max_file_store: 100MB }}\n'
        server = nats.start(text=text)
        try:
            js = nats.jetstream(server=server)
            js.create("KEPT", storage="file")
            for number in range(3):
                js.publish("KEPT", f"{number}")
            js.create("FULL", storage="file")
            yield server, js
        finally:
            server.stop()


def large(number: int) -> Message:
    """A message of 100 KB with an id."""
    block = HeaderBlock(fields=((MSG_ID, b"%d" % number),)).encode()
    return Message(b"FULL", (b"%d " % number).ljust(100_000, b"x"), block)


def answers(js: JetStream, messages: list[Message]) -> list[dict[str, Any]]:
    """Publish in one write; what is answered, as far as anything is."""
    inboxes = [js.inbox() for _ in messages]
    js.connection.send(
        b"".join(
            written(message, inbox.encode())
            for message, inbox in zip(messages, inboxes, strict=True)
        )
    )
    found: list[dict[str, Any]] = []
    for _ in range(LOOKS):
        js.request("STREAM.INFO.KEPT")
        for message in list(js.arrived):
            if message.subject in inboxes:
                js.arrived.remove(message)
                found.append(message.json)
        if len(found) == len(messages):
            break
    return found


def filled(js: JetStream) -> dict[int, Message]:
    """Publish until there is no room; the messages that were acknowledged, by sequence."""
    stored: dict[int, Message] = {}
    for number in range(1, MANY):
        message = large(number)
        answer = answers(js, [message])
        if not answer or "error" in answer[0]:
            return stored
        stored[answer[0]["seq"]] = message
    raise Mismatch(f"{MANY} messages of 100 KB are stored on a disk of 8 MB", "a full disk")


@case("JS-LIM-044", private=True)
def test_what_has_no_room_is_not_acknowledged_and_harms_nothing(nats: Nats) -> None:
    with filling(nats) as (server, js):
        stored = filled(js)
        twice = answers(js, [large(1000), large(1000)])
        promised = [answer for answer in twice if "error" not in answer]
        if promised:
            raise Mismatch("acknowledged without room", "no acknowledgement", f"{promised}")
        assert held(js, "FULL") == stored
        assert [message.payload for message in held(js, "KEPT").values()] == [b"0", b"1", b"2"]
        server.restart("kill")
        after = nats.jetstream(server=server)
        assert held(after, "FULL") == stored
        assert [message.payload for message in held(after, "KEPT").values()] == [b"0", b"1", b"2"]


@case("JS-LIM-045", private=True)
def test_what_has_no_room_is_refused(nats: Nats) -> None:
    with filling(nats) as (_, js):
        filled(js)
        answer = answers(js, [large(1000)])
        assert [found["error"]["err_code"] for found in answer] == [10077]
