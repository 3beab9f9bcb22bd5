"""Messages that are published again under the same id (JS-PUB-017 .. JS-PUB-023)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.cases import Nats, case
from nats_conformance.polling import until

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

#: A window in seconds, and in nanoseconds as configurations say it.
WINDOW: Final = 0.3
SHORT: Final = int(WINDOW * 1e9)

LAST_ID: Final = "Nats-Expected-Last-Msg-Id"


def sent(js: JetStream, subject: str, identifier: str, payload: str = "x") -> dict[str, Any]:
    """The answer to a publish under this id."""
    return js.publish(subject, payload, {"Nats-Msg-Id": identifier})


@case("JS-PUB-017", config="jetstream", deliveries=False)
def test_a_duplicate_is_answered_as_the_first_was(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, max_msg_size=200)
        a, b = f"{prefix}.a", f"{prefix}.b"
        js.publish(a, "x")
        assert sent(js, a, "one", "first") == {"stream": stream, "seq": 2}
        again = {"stream": stream, "seq": 2, "duplicate": True}
        assert sent(js, a, "one", "first") == again
        assert sent(js, b, "one", "other") == again
        assert sent(js, b, "two") == {"stream": stream, "seq": 3}
        assert sent(js, a, "One") == {"stream": stream, "seq": 4}
        assert sent(js, a, "one") == again
        assert js.stored(stream, seq=2)["data"] == b"first"
        assert js.state(stream)["messages"] == 4


@case("JS-PUB-017", config="jetstream", deliveries=False)
def test_a_duplicate_is_told_before_what_is_checked_later(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], max_msgs=1, discard="new")
    sent(js, f"{prefix}.a", "one")
    for later in ({LAST_ID: "other"}, {"Nats-Rollup": "sub"}, {"Nats-Rollup": "no such"}, {}):
        ack = js.publish(f"{prefix}.b", "x", {"Nats-Msg-Id": "one"} | later)
        assert ack == {"stream": stream, "seq": 1, "duplicate": True}, later
    js.publish_refused(
        f"{prefix}.b", 10060, "x", {"Nats-Msg-Id": "one", "Nats-Expected-Stream": "x"}
    )


@case("JS-PUB-018", config="jetstream", deliveries=False)
def test_a_refused_publish_leaves_its_id_free(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_msgs=1, discard="new", max_msg_size=100)
    js.publish(stream, "x")
    retried = {"Nats-Msg-Id": "one"}
    js.publish_refused(stream, 10077, "x", retried)
    js.publish_refused(stream, 10054, "x" * 101, retried)
    js.publish_refused(stream, 10060, "x", retried | {"Nats-Expected-Stream": "x"})
    js.publish_refused(stream, 10070, "x", retried | {LAST_ID: "x"})
    js.publish_refused(stream, 10111, "x", retried | {"Nats-Rollup": "sub"})
    js.request(f"STREAM.PURGE.{stream}")
    assert sent(js, stream, "one") == {"stream": stream, "seq": 2}
    assert sent(js, stream, "one") == {"stream": stream, "seq": 2, "duplicate": True}


@case("JS-PUB-019", config="jetstream", deliveries=False, waits=True)
def test_an_id_is_forgotten_when_the_window_has_passed(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(duplicate_window=SHORT)
    began = time.monotonic()
    sent(js, stream, "one")
    # A duplicate does not begin the window anew.
    ack = until(lambda: sent(js, stream, "one"), lambda ack: "duplicate" not in ack, nats.patience)
    assert time.monotonic() - began >= WINDOW
    assert ack == {"stream": stream, "seq": 2}


@case("JS-PUB-019", config="jetstream", deliveries=False, waits=True)
def test_each_id_has_its_own_window(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(duplicate_window=SHORT)
    sent(js, stream, "a")
    between = time.monotonic() + WINDOW / 2
    until(time.monotonic, lambda now: now > between, nats.patience)
    began = time.monotonic()
    sent(js, stream, "b")
    for name in "ab":
        until(
            lambda: sent(js, stream, name),  # noqa: B023 - called at once
            lambda ack: "duplicate" not in ack,
            nats.patience,
        )
    assert time.monotonic() - began >= WINDOW


@case("JS-PUB-020", config="jetstream", deliveries=False)
def test_an_id_outlives_its_message(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, max_msgs_per_subject=1)
        a, b = f"{prefix}.a", f"{prefix}.b"
        for identifier in ("one", "two", "three"):
            sent(js, a, identifier)
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 3})
        sent(js, b, "four")
        js.request(f"STREAM.PURGE.{stream}")
        assert js.state(stream)["messages"] == 0
        for seq, identifier in enumerate(("one", "two", "three", "four"), 1):
            again = {"stream": stream, "seq": seq, "duplicate": True}
            assert sent(js, a, identifier) == again


@case("JS-PUB-021", "JS-PUB-023", config="jetstream", private=True)
def test_after_a_restart_ids_are_those_of_the_messages(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    js.create("KEPT", subjects=[f"{prefix}.*"], storage="file")
    a, b = f"{prefix}.a", f"{prefix}.b"
    for subject, identifier in ((a, "one"), (b, "two"), (a, "three"), (b, "four")):
        sent(js, subject, identifier)
    js.request("STREAM.MSG.DELETE.KEPT", {"seq": 1})
    js.request("STREAM.PURGE.KEPT", {"filter": b, "keep": 1})
    for identifier in ("one", "two", "three"):
        assert sent(js, a, identifier)["duplicate"] is True
    nats.server.restart("term")
    js = nats.jetstream()
    assert sent(js, a, "three") == {"stream": "KEPT", "seq": 3, "duplicate": True}
    assert sent(js, a, "four") == {"stream": "KEPT", "seq": 4, "duplicate": True}
    js.publish_refused(a, 10070, "x", {LAST_ID: "three"})
    assert js.publish(a, "x", {LAST_ID: "four"})["seq"] == 5
    assert sent(js, a, "one") == {"stream": "KEPT", "seq": 6}
    assert sent(js, a, "two") == {"stream": "KEPT", "seq": 7}


@case("JS-PUB-023", config="jetstream", private=True)
def test_after_a_restart_a_last_message_without_id_has_none(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create("KEPT", storage="file")
    sent(js, stream, "one")
    js.publish(stream, "x")
    nats.server.restart("term")
    js = nats.jetstream()
    js.publish_refused(stream, 10070, "x", {LAST_ID: "one"})
    assert js.publish(stream, "x", {"Nats-Msg-Id": "two"})["seq"] == 3
    assert js.publish(stream, "x", {LAST_ID: "two"})["seq"] == 4
