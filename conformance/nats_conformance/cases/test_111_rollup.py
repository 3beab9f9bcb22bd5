"""Messages that replace the ones before them (JS-PUB-027, JS-PUB-028)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

ROLLUP = "Nats-Rollup"


def sequences(js: JetStream, stream: str) -> list[int]:
    """The sequences that a stream holds."""
    state = js.state(stream, deleted_details=True)
    if not state["messages"]:
        return []
    deleted = set(state.get("deleted") or ())
    return [s for s in range(state["first_seq"], state["last_seq"] + 1) if s not in deleted]


@case("JS-PUB-027", config="jetstream", deliveries=False)
def test_a_rollup_leaves_only_itself(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.>"], storage=storage, allow_rollup_hdrs=True)
        for word in ("a", "b", "a", "a.x", "b"):
            js.publish(f"{prefix}.{word}", "x")
        for value, left in (
            ("sub", [2, 4, 5, 6]),
            ("SUB", [2, 4, 5, 7]),
            ("Sub", [2, 4, 5, 8]),
            ("all", [9]),
            ("ALL", [10]),
        ):
            ack = js.publish(f"{prefix}.a", value, {ROLLUP: value})
            assert ack == {"stream": stream, "seq": left[-1]}
            assert sequences(js, stream) == left, value
            stored = js.stored(stream, seq=left[-1])
            assert stored["data"] == value.encode()
            assert stored["hdrs"] == f"NATS/1.0\r\nNats-Rollup: {value}\r\n\r\n".encode()
        assert js.publish(f"{prefix}.c", "x", {ROLLUP: "sub"})["seq"] == 11
        assert sequences(js, stream) == [10, 11]


@case("JS-PUB-028", "JS-ERR-051", config="jetstream", deliveries=False)
def test_a_rollup_must_be_allowed(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream, "x")
    for value in ("sub", "all", "no such"):
        refusal = js.publish_refused(stream, 10111, "x", {ROLLUP: value})
        assert refusal["error"]["code"] == 500
    assert sequences(js, stream) == [1]


@case("JS-PUB-041", config="jetstream", deliveries=False)
def test_there_are_two_kinds_of_rollup(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(allow_rollup_hdrs=True)
    js.publish(stream, "x")
    for value in ("subject", "s", "all of it", "1", "true"):
        refusal = js.publish_refused(stream, 10111, "x", {ROLLUP: value})
        assert refusal["error"]["code"] == 500
    assert sequences(js, stream) == [1]


@case("JS-PUB-028", config="jetstream", deliveries=False)
def test_a_rollup_may_be_allowed_later(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream, "x")
    for allowed in (True, False, True):
        config = js.info(stream)["config"] | {"allow_rollup_hdrs": allowed}
        config.pop("metadata", None)
        js.request(f"STREAM.UPDATE.{stream}", config)
        if allowed:
            js.publish(stream, "x", {ROLLUP: "all"})
        else:
            js.publish_refused(stream, 10111, "x", {ROLLUP: "all"})
    assert sequences(js, stream) == [3]


@case("JS-PUB-043", config="jetstream", deliveries=False)
def test_a_rollup_that_nobody_wants(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"], retention="interest", allow_rollup_hdrs=True)
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    for _ in range(2):
        js.publish(f"{foo}.a")
    assert js.publish(f"{foo}.b", "x", {ROLLUP: "sub"})["seq"] == 3
    assert sequences(js, stream) == [1, 2]
    assert js.publish(f"{foo}.b", "x", {ROLLUP: "all"})["seq"] == 4
    assert sequences(js, stream) == []
    assert js.state(stream)["first_seq"] == 5
    assert consumer.info()["num_pending"] == 0
