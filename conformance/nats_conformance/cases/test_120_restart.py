"""Chapter 120: what a consumer still knows after its server has ended and started again."""

from __future__ import annotations

import time

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, Consumer
from nats_conformance.filling import lettered
from nats_conformance.jetstream import JetStream

#: What of INFO outlives a restart (JS-RST-001).
LASTING = (
    "name",
    "stream_name",
    "config",
    "num_ack_pending",
    "num_pending",
    "num_redelivered",
)


def lasting(info: dict[str, object]) -> dict[str, object]:
    """What of INFO outlives a restart."""
    kept = {name: info[name] for name in LASTING}
    for pair in ("delivered", "ack_floor"):
        found = info[pair]
        assert isinstance(found, dict)
        kept[pair] = (found["consumer_seq"], found["stream_seq"])
    return kept


def again(js: JetStream, consumer: Consumer) -> Consumer:
    """The same consumer over another connection."""
    return Consumer(js, consumer.stream, consumer.name)


@case(
    "JS-RST-001",
    "JS-RST-003",
    "JS-RST-004",
    "JS-RST-006",
    "JS-ACK-027",
    "JS-INV-027",
    config="jetstream",
    private=True,
)
def test_everything_is_where_it_was(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"], storage="file")
    durable = js.consumer(stream, "durable", description="d", max_deliver=5)
    ephemeral = js.consumer(
        stream,
        "ephemeral",
        durable_name=None,
        inactive_threshold=600_000 * MS,
        filter_subjects=[f"{foo}.a", f"{foo}.c"],
        ack_policy="all",
    )
    assert durable.made["config"] == durable.info()["config"]
    for letter in "abcabcabc":
        js.publish(f"{foo}.{letter}")
    found, other = durable.take(6), ephemeral.take(3)
    durable.answer(found[0])
    durable.answer(found[2])
    durable.answer(found[4], "-NAK")
    redelivered = durable.next()
    assert redelivered.seq == 5
    ephemeral.answer(other[1])
    for signal in ("term", "kill"):
        before = [lasting(each.info()) for each in (durable, ephemeral)]
        if signal == "kill":
            time.sleep(0.5)  # nats-server writes a consumer's state ten times a second
        nats.server.restart(signal)
        js = nats.jetstream()
        durable, ephemeral = again(js, durable), again(js, ephemeral)
        for each, wanted in zip((durable, ephemeral), before, strict=True):
            assert lasting(each.info()) == wanted, signal
    durable.answer(found[1])
    assert durable.info()["ack_floor"]["stream_seq"] == 3
    assert [each.seq for each in durable.take(3)] == [7, 8, 9]
    ephemeral.answer(other[2])
    assert [each.seq for each in ephemeral.take(2)] == [6, 7]
    durable.answer(redelivered)
    assert durable.info()["num_redelivered"] == 0


@case("JS-RST-001", config="jetstream", private=True)
def test_a_durable_is_as_old_as_it_is(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    consumer = js.consumer(stream)
    created = consumer.made["created"]
    for _ in range(2):
        nats.server.restart("term")
        consumer = again(nats.jetstream(), consumer)
        assert consumer.info()["created"] == created


@case("JS-RST-001", config="jetstream", private=True)
def test_an_ephemeral_is_as_old_as_it_is(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    consumer = js.consumer(stream, durable_name=None, inactive_threshold=600_000 * MS)
    created = consumer.made["created"]
    for _ in range(2):
        nats.server.restart("term")
        consumer = again(nats.jetstream(), consumer)
        assert consumer.info()["created"] == created


@case("JS-RST-001", "JS-INV-018", config="jetstream", private=True)
def test_what_was_acknowledged_does_not_come_again(nats: Nats) -> None:
    text = 'jetstream { store_dir: "{store_dir}", sync_interval: always }\n'
    server = nats.start(text=text)
    js = nats.jetstream(server=server)
    stream = js.create(storage="file")
    consumer = js.consumer(stream, "c")
    for _ in range(20):
        js.publish(stream)
    consumer.answer(consumer.next())
    for _ in range(8):
        consumer.answer(consumer.next())
    before = lasting(consumer.info())
    server.restart("kill")
    consumer = again(nats.jetstream(server=server), consumer)
    assert lasting(consumer.info()) == before
    assert consumer.next().seq == 10


@case("JS-CONS-UPD-001", config="jetstream", private=True)
def test_an_update_is_answered_with_what_it_made(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    consumer = js.consumer(stream, description="old")
    nats.server.restart("term")
    consumer = again(nats.jetstream(), consumer)
    assert consumer.info()["config"]["description"] == "old"
    assert consumer.update(description="new")["config"]["description"] == "new"


@case("JS-INV-013", config="jetstream", private=True)
def test_what_is_to_be_delivered_is_counted_as_before(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abc", storage="file")
    policy = {"deliver_policy": "last_per_subject", "filter_subject": f"{foo}.*"}
    consumer = js.consumer(stream, **policy)
    assert len(consumer.take(3)) == 3
    for _ in range(3):
        js.publish(f"{foo}.a")
    consumer.until(num_pending=3)
    nats.server.restart("term")
    assert again(nats.jetstream(), consumer).info()["num_pending"] == 3


@case("JS-RST-006", config="jetstream", private=True)
def test_requests_do_not_outlive_their_server(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    consumer = js.consumer(stream)
    consumer.pull(5, expires=60_000 * MS)
    consumer.until(num_waiting=1)
    nats.server.restart("kill")
    consumer = again(nats.jetstream(), consumer)
    assert consumer.info()["num_waiting"] == 0
    consumer.js.publish(stream)
    assert consumer.next().token.consumer_seq == 1


@case("JS-RST-002", "JS-RDL-017", "JS-RST-010", config="jetstream", private=True)
def test_waits_go_on(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    waits = js.consumer(stream, "waits", ack_wait=2500 * MS)
    delayed = js.consumer(stream, "delayed", ack_wait=60_000 * MS)
    exhausted = js.consumer(stream, "exhausted", ack_wait=100 * MS, max_deliver=1)
    js.publish(stream, "a")
    exhausted.next()
    began = time.monotonic()
    waits.next()
    delayed.answer(delayed.next(), '-NAK {"delay":2500000000}')
    exhausted.until(num_ack_pending=0)
    time.sleep(0.5)  # see above
    nats.server.restart("kill")
    js = nats.jetstream()
    for consumer in (again(js, waits), again(js, delayed)):
        delivery = consumer.next()
        took = time.monotonic() - began
        assert delivery.token.deliveries == 2, consumer.name
        assert 1.4 < took < 5, consumer.name
    js.publish(stream, "b")
    assert again(js, exhausted).fetch().seqs == [2]


@case("JS-RST-002", config="jetstream", private=True)
def test_a_wait_is_not_cut_short(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    consumer = js.consumer(stream, ack_wait=2000 * MS)
    js.publish(stream, "a")
    time.sleep((0.8 - time.time()) % 1)
    began = time.monotonic()
    consumer.next()
    nats.server.restart("term")
    delivery = again(nats.jetstream(), consumer).next()
    assert delivery.token.deliveries == 2
    assert 1.99 <= time.monotonic() - began < 4


@case("JS-RST-005", "JS-CONS-CFG-046", config="jetstream", private=True)
def test_state_in_memory_goes_with_the_server(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(storage="file")
    js.consumer(stream, "kept")
    volatile = js.consumer(stream, "volatile", mem_storage=True)
    assert volatile.made["config"]["mem_storage"] is True
    js.publish(stream)
    assert volatile.next().seq == 1
    nats.server.restart("term")
    js = nats.jetstream()
    assert js.request(f"CONSUMER.NAMES.{stream}")["consumers"] == ["kept"]
    js.refused(f"CONSUMER.INFO.{stream}.volatile", 10014)
    assert js.state(stream)["messages"] == 1


@case("JS-RST-007", "JS-RST-009", config="jetstream", private=True)
def test_a_start_that_was_interrupted(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"], storage="file")
    for letter in "abcd":
        js.publish(f"{foo}.{letter}")
    last = js.consumer(stream, "last", deliver_policy="last_per_subject", filter_subject=f"{foo}.*")
    assert [each.seq for each in last.take(2)] == [1, 2]
    js.publish(f"{foo}.d")
    naked = js.consumer(stream, "naked", ack_wait=700 * MS)
    naked.answer(naked.next(), "-NAK")
    time.sleep(0.5)  # see above
    nats.server.restart("kill")
    js = nats.jetstream()
    seqs = again(js, last).fetch().seqs
    assert seqs in ([3, 4, 5], [3, 5]), seqs
    pull = again(js, naked).pull(5)
    found = [pull.delivery() for _ in range(5)]
    assert sorted(each.seq for each in found) == [1, 2, 3, 4, 5]
    assert {each.token.deliveries for each in found if each.seq == 1} == {2}
