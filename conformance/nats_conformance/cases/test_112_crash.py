"""The server is killed in the middle of publishing (JS-LIM-022, JS-LIM-024, JS-LIM-040, JS-LIM-041).

A round is a kill at a moment that chance chooses; the next round goes on with the same
stream. How many there are depends on the budget, and is told as the number of examples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_conformance.audit.client import Client
from nats_conformance.audit.stream import audit
from nats_conformance.cases import Mismatch, Nats, case, property_case
from nats_conformance.interrupted import Interrupted, again, held
from nats_conformance.invariants import stream_promises
from nats_conformance.targets.url import Url
from nats_spec.headers import HeaderBlock
from nats_spec.model.stream import MSG_ID, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.jetstream import JetStream

#: Kills at each budget.
ROUNDS: Final = {"quick": 1, "standard": 3, "thorough": 60}


def messages(name: str, *, ids: bool = False) -> Callable[[int], Message]:
    """What to publish: of all sizes up to 9 KB, some with headers; all with ids, if asked."""

    def make(number: int) -> Message:
        fields: list[tuple[bytes, bytes]] = [(MSG_ID, b"id-%d" % number)] if ids else []
        if number % 3 == 0:
            fields.append((b"Number", b"%d" % number))
        block = HeaderBlock(fields=tuple(fields)).encode() if fields else b""
        filler = b"%d " % number * (number * number % 40 if number % 50 else 2000)
        return Message(b"%b.%d" % (name.encode(), number % 7), b"%d:" % number + filler, block)

    return make


def killed_again_and_again(nats: Nats, window: int) -> None:
    """Publish `window` at a time, be killed, come back, compare; round after round."""
    name = nats.name("S")
    publisher = Interrupted(nats, messages(name))
    stream, floor = "", 1
    for _ in range(ROUNDS[nats.budget]):
        with nats.example() as part:
            js = part.jetstream()
            stream = stream or js.create(name, subjects=[f"{name}.*"], storage="file")
            publisher.publish(js, window, nats.random.uniform(0, 0.12))
            part.server.restart("kill")
            js = part.jetstream()
            _compare(js, stream, publisher, floor)
            floor = js.state(stream)["last_seq"] + 1
    with nats.example() as part:
        _compare(part.jetstream(), stream, publisher, 1)
    host, port = nats.server.address
    with Client(Url(host, port), nats.patience) as client:
        finding = audit(client, stream, lambda _done, _of: None)
    if finding.violations:
        raise Mismatch("the stream is not sound", "a sound stream", str(finding.shown[0]))
    nats.met = told(ROUNDS[nats.budget], len(publisher.acked), len(publisher.sent))


def told(kills: int, acked: int, sent: int) -> str:
    """What the kills were put to."""
    return f"{kills} kills; of {sent:,} messages published, {acked:,} acknowledged: none lost"


def _compare(js: JetStream, stream: str, publisher: Interrupted, since: int) -> None:
    found = held(js, stream, since)
    acked = {number: seq for number, seq in publisher.acked.items() if seq >= since}
    wrong = stream_promises.broken(publisher.sent, acked, found)
    state = js.state(stream)
    if state["messages"] != state["last_seq"] or state["first_seq"] != 1:
        wrong.append(f"of {state['last_seq']} sequences {state['messages']} are there")
    if wrong:
        raise Mismatch("after a kill the stream is another", "all that was promised", wrong[0])


@property_case("JS-LIM-022", "JS-LIM-040", config="crash", private=True)
def test_killed_while_messages_are_published_one_by_one(nats: Nats) -> None:
    killed_again_and_again(nats, 1)


@property_case("JS-LIM-022", "JS-LIM-040", config="crash", private=True)
def test_killed_while_a_hundred_messages_are_under_way(nats: Nats) -> None:
    killed_again_and_again(nats, 100)


@property_case("JS-LIM-041", "JS-LIM-040", config="crash", private=True)
def test_what_is_sent_again_after_a_kill_is_stored_once(nats: Nats) -> None:
    acked = sent = 0
    for _ in range(ROUNDS[nats.budget]):
        with nats.example() as part:
            name = part.name("S")
            js = part.jetstream()
            stream = js.create(name, subjects=[f"{name}.*"], storage="file")
            publisher = Interrupted(part, messages(name, ids=True))
            publisher.publish(js, 100, nats.random.uniform(0, 0.12))
            part.server.restart("kill")
            js = part.jetstream()
            before = {message: seq for seq, message in held(js, stream).items()}
            for number in [*list(publisher.acked)[-20:], *publisher.in_doubt]:
                message = publisher.sent[number]
                ack = again(js, message)
                known = before.get(message)
                expected = {"seq": known, "duplicate": True} if known else {"seq": ack["seq"]}
                got = {key: ack[key] for key in ("seq", "duplicate") if key in ack}
                if got != expected:
                    raise Mismatch(f"message {number} again", f"{expected}", f"{got}")
                publisher.acked[number] = ack["seq"]
            found = held(js, stream)
            wrong = stream_promises.broken(publisher.sent, publisher.acked, found)
            wrong += stream_promises.missing(publisher.sent, found)
            if wrong:
                raise Mismatch("not each message once", "each message once", wrong[0])
            js.request(f"STREAM.DELETE.{stream}")
            acked, sent = acked + len(publisher.acked), sent + len(publisher.sent)
    nats.met = told(ROUNDS[nats.budget], acked, sent)


@case("JS-LIM-024", config="crash", private=True)
def test_written_later_messages_survive_an_end_that_was_asked_for(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(nats.name("S"), storage="file", persist_mode="async")
    for number in range(1, 21):
        assert js.publish(stream, f"{number}")["seq"] == number
    nats.server.restart("term")
    js = nats.jetstream()
    assert [message.payload for message in held(js, stream).values()] == [
        b"%d" % number for number in range(1, 21)
    ]
