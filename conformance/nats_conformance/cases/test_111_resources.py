"""Publishes that a server has no room for (JS-PUB-032, JS-PUB-034)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

#: What a message without headers counts for besides subject and payload, and the room there is.
KINDS = (("memory", 16, 10_000), ("file", 30, 20_000))


def filled(js: JetStream, stream: str, overhead: int, room: int) -> None:
    """Messages of 1000 bytes until the room is used up, and one more."""
    payload = "x" * (1000 - overhead - len(stream))
    for seq in range(1, room // 1000 + 2):
        assert js.publish(stream, payload)["seq"] == seq
    assert js.state(stream)["bytes"] == room + 1000


@case("JS-PUB-034", "JS-ERR-008", config="jetstream-small", private=True)
def test_a_server_that_is_full_takes_no_more(nats: Nats) -> None:
    js = nats.jetstream()
    for storage, overhead, room in KINDS:
        stream = js.create(storage=storage)
        filled(js, stream, overhead, room)
        other = js.create(storage=storage)
        for full in (stream, other):
            refusal = js.publish_refused(full, 10023, "x")
            assert refusal["error"]["code"] == 503
        assert js.state(other)["last_seq"] == 0
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 5})
        assert js.publish(other, "x")["seq"] == 1


@case("JS-PUB-035", "JS-ERR-001", config="jetstream-accounts", private=True)
def test_an_account_that_is_full_takes_no_more(nats: Nats) -> None:
    js = nats.jetstream(user="FULL", pass_="pw")
    for storage, overhead, room in (("memory", 16, 1000), ("file", 30, 2000)):
        stream = js.create(storage=storage, max_msgs_per_subject=1)
        other = js.create(storage=storage, retention="interest")
        free = overhead + len(stream)
        js.publish(stream, "x" * 5)
        js.publish_refused(stream, 10002, "x" * (room - 2 * free - 4))
        assert js.publish(stream, "x" * (room - 2 * free - 5))["seq"] == 2
        left = room - (room - free - 5)
        js.publish_refused(stream, 10002, "x" * (left - free + 1))
        assert js.publish(other, "x" * room)["seq"] == 1
        js.publish_refused(stream, 10002, "x" * (left - free + 1), {"Nats-TTL": "soon"})
        assert js.publish(stream, "x" * (left - free))["seq"] == 3


@case("JS-PUB-008", config="jetstream-small", private=True)
def test_a_full_server_says_so_after_size_and_before_interest(nats: Nats) -> None:
    js = nats.jetstream()
    for storage, overhead, room in KINDS:
        full = js.create(storage=storage)
        filled(js, full, overhead, room)
        limited = js.create(storage=storage, max_msg_size=100, max_msgs=1, discard="new")
        interest = js.create(storage=storage, retention="interest")
        js.publish_refused(limited, 10054, "x" * 101)
        js.publish_refused(limited, 10060, "x", {"Nats-Expected-Stream": "x"})
        js.publish_refused(limited, 10111, "", {"Nats-Rollup": "s"})
        js.publish_refused(interest, 10023, "x")
        js.publish_refused(interest, 10023, "x", {"Nats-TTL": "soon"})


@case("JS-PUB-032", "JS-ERR-078", config="jetstream-bounds", deliveries=False)
def test_what_a_queue_has_no_room_for_is_refused(nats: Nats) -> None:
    """A server that is quick enough refuses nothing."""
    js = nats.jetstream()
    stream = js.create(storage="file")
    replies = [js.inbox() for _ in range(1000)]
    js.connection.send("".join(f"PUB {stream} {reply} 1\r\nx\r\n" for reply in replies))
    stored = 0
    for reply in replies:
        message = js.on_subject(reply)
        answer = message.json
        if message.status is None:
            stored += 1
            assert answer == {"stream": stream, "seq": stored}
        else:
            assert (message.status, message.description) == (429, "Too Many Requests")
            assert (answer["stream"], answer["seq"]) == (stream, 0)
            assert (answer["error"]["code"], answer["error"]["err_code"]) == (429, 10167)
    state = js.state(stream)
    assert (state["messages"], state["last_seq"]) == (stored, stored)
