"""Chapter 120: where a consumer starts, and what it then delivers in which order."""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import Consumer
from nats_conformance.filling import lettered


def position(consumer: Consumer) -> tuple[int, int]:
    """What had been delivered when it was made: consumer and stream sequence."""
    delivered = consumer.made["delivered"]
    return delivered["consumer_seq"], delivered["stream_seq"]


@case("JS-DLV-009", "JS-DLV-016", config="jetstream", deliveries=False)
def test_all_starts_with_the_first(nats: Nats) -> None:
    js = nats.jetstream()
    stream, _ = lettered(js, "abcde")
    js.request(f"STREAM.PURGE.{stream}", {"seq": 3})
    consumer = js.consumer(stream, deliver_policy="all")
    assert position(consumer) == (0, 2)
    assert consumer.made["num_pending"] == 3
    assert consumer.fetch().seqs == [3, 4, 5]
    empty = js.consumer(js.create())
    assert position(empty) == (0, 0)


@case("JS-DLV-010", "JS-DLV-016", config="jetstream", deliveries=False)
def test_last_starts_with_the_last_that_matches(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcab")
    last = {"deliver_policy": "last"}
    for filters, start, seqs in (
        ({}, 5, [5]),
        ({"filter_subject": f"{foo}.a"}, 4, [4]),
        ({"filter_subject": f"{foo}.c"}, 3, [3]),
        ({"filter_subjects": [f"{foo}.c", f"{foo}.a"]}, 4, [4]),
        ({"filter_subjects": [f"{foo}.c", f"{foo}.z"]}, 3, [3]),
        ({"filter_subject": f"{foo}.z"}, 1, []),
    ):
        consumer = js.consumer(stream, **last, **filters)
        assert position(consumer) == (0, start - 1), filters
        assert consumer.made["num_pending"] == len(seqs)
        assert consumer.fetch().seqs == seqs, filters
    waiting = js.consumer(stream, **last, filter_subject=f"{foo}.z")
    js.publish(f"{foo}.z")
    assert waiting.next().seq == 6


@case("JS-DLV-010", config="jetstream", deliveries=False)
def test_last_starts_with_the_last_that_is_there(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abc")
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 3})
    for filters in ({"filter_subject": f"{foo}.*"}, {}):
        consumer = js.consumer(stream, deliver_policy="last", **filters)
        assert consumer.made["num_pending"] == 1, filters
        assert consumer.next().seq == 2


@case("JS-DLV-011", "JS-DLV-016", config="jetstream", deliveries=False)
def test_new_starts_behind_the_end(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcb")
    for filters in ({}, {"filter_subject": f"{foo}.a"}):
        consumer = js.consumer(stream, deliver_policy="new", **filters)
        assert position(consumer)[1] == js.state(stream)["last_seq"]
        assert consumer.made["num_pending"] == 0
        consumer.nothing()
        js.publish(f"{foo}.a")
        assert consumer.next().seq == js.state(stream)["last_seq"]


@case("JS-DLV-012", "JS-DLV-016", config="jetstream", deliveries=False)
def test_a_sequence_to_start_with(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcdef")
    js.request(f"STREAM.PURGE.{stream}", {"seq": 3})
    policy = {"deliver_policy": "by_start_sequence"}
    for start, at, seqs in ((1, 3, [3, 4, 5, 6]), (5, 5, [5, 6]), (6, 6, [6]), (7, 7, [])):
        consumer = js.consumer(stream, **policy, opt_start_seq=start)
        assert position(consumer) == (0, at - 1), start
        assert consumer.made["num_pending"] == len(seqs)
        assert consumer.fetch().seqs == seqs
    one = js.consumer(stream, **policy, opt_start_seq=4, filter_subject=f"{foo}.f")
    assert one.next().seq == 6


@case("JS-DLV-024", config="jetstream", deliveries=False)
def test_a_sequence_to_come(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcdef")
    consumer = js.consumer(stream, deliver_policy="by_start_sequence", opt_start_seq=9)
    assert position(consumer) == (0, 8)
    for _ in range(4):
        js.publish(f"{foo}.x")
    assert consumer.fetch().seqs == [9, 10]


@case("JS-DLV-008", config="jetstream", deliveries=False)
def test_what_is_before_the_start_is_not_pending(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "")
    policy = {"deliver_policy": "by_start_sequence"}
    consumer = js.consumer(stream, **policy, opt_start_seq=5)
    for _ in range(6):
        js.publish(f"{foo}.x")
    later = js.consumer(stream, **policy, opt_start_seq=9)
    for _ in range(4):
        js.publish(f"{foo}.x")
    delivery = later.next()
    assert (delivery.seq, delivery.token.pending) == (9, 1)
    consumer.until(num_pending=6)


@case("JS-DLV-013", config="jetstream", deliveries=False)
def test_a_time_to_start_with(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcab")
    times = [js.stored(stream, seq=seq)["time"] for seq in range(1, 6)]
    policy = {"deliver_policy": "by_start_time"}
    for seq, time in enumerate(times, 1):
        consumer = js.consumer(stream, **policy, opt_start_time=time)
        assert consumer.fetch().seqs == list(range(seq, 6)), time
    early = js.consumer(stream, **policy, opt_start_time="2000-01-01T00:00:00Z")
    assert early.fetch().seqs == [1, 2, 3, 4, 5]
    one = js.consumer(stream, **policy, opt_start_time=times[1], filter_subject=f"{foo}.a")
    assert one.fetch().seqs == [4]
    late = js.consumer(stream, **policy, opt_start_time="2037-01-01T00:00:00Z")
    late.nothing()
    js.publish(f"{foo}.a")
    assert late.next().seq == 6


@case("JS-DLV-013", config="jetstream", deliveries=False)
def test_a_time_to_start_with_and_two_filters(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "axabx")
    consumer = js.consumer(
        stream,
        deliver_policy="by_start_time",
        opt_start_time=js.stored(stream, seq=2)["time"],
        filter_subjects=[f"{foo}.a", f"{foo}.b"],
    )
    assert consumer.fetch().seqs == [3, 4]


@case("JS-DLV-014", "JS-DLV-016", config="jetstream", deliveries=False)
def test_the_last_of_each_subject_and_then_all(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcabda")
    policy = {"deliver_policy": "last_per_subject"}
    consumer = js.consumer(stream, **policy, filter_subject=f"{foo}.*")
    assert consumer.made["num_pending"] == 4
    assert position(consumer) == (0, 2)
    pending = [(each.seq, each.token.pending) for each in consumer.take(4)]
    assert pending == [(3, 3), (5, 2), (6, 1), (7, 0)]
    for letter in "aab":
        js.publish(f"{foo}.{letter}")
    assert consumer.fetch().seqs == [8, 9, 10]
    two = js.consumer(stream, **policy, filter_subjects=[f"{foo}.c", f"{foo}.d"])
    assert two.fetch().seqs == [3, 6]


@case("JS-DLV-015", config="jetstream", deliveries=False)
def test_a_subject_that_changes_before_its_turn(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abc")
    consumer = js.consumer(stream, deliver_policy="last_per_subject", filter_subject=f"{foo}.*")
    assert consumer.next().seq == 1
    js.publish(f"{foo}.c", "newer")
    seqs = consumer.fetch().seqs
    assert seqs in ([2, 3, 4], [2, 4])


@case("JS-DLV-014", "JS-DLV-022", config="jetstream", deliveries=False)
def test_a_selected_message_that_is_gone_is_skipped(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abc")
    consumer = js.consumer(stream, deliver_policy="last_per_subject", filter_subject=f"{foo}.*")
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 1})
    assert consumer.pull(5, no_wait=True).all().seqs == [2, 3]


@case("JS-DLV-017", config="jetstream", deliveries=False)
def test_several_filters_one_order(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcacbxa")
    consumer = js.consumer(stream, filter_subjects=[f"{foo}.b", f"{foo}.x", f"{foo}.a"])
    found = [(each.seq, each.token.pending) for each in consumer.take(6)]
    assert found == [(1, 5), (2, 4), (4, 3), (6, 2), (7, 1), (8, 0)]


@case("JS-DLV-018", config="jetstream", deliveries=False)
def test_delivered_is_what_was_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abbab")
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    assert consumer.fetch().seqs == [1, 4]
    delivered = consumer.info()["delivered"]
    assert delivered["consumer_seq"] == 2
    assert delivered["stream_seq"] in {4, 5}


@case("JS-DLV-022", config="jetstream", deliveries=False)
def test_what_was_deleted_is_skipped(nats: Nats) -> None:
    js = nats.jetstream()
    stream, _ = lettered(js, "abcdefg")
    consumer = js.consumer(stream)
    for seq in (1, 3, 4, 7):
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})
    consumer.until(num_pending=3)
    found = [(each.seq, each.token.pending) for each in consumer.take(3)]
    assert found == [(2, 2), (5, 1), (6, 0)]
    consumer.nothing()


@case("JS-DLV-025", config="jetstream", deliveries=False)
def test_the_floor_is_below_the_start(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abcab")
    js.request(f"STREAM.PURGE.{stream}", {"seq": 2})
    for config, start in (
        ({}, 2),
        ({"deliver_policy": "last"}, 5),
        ({"deliver_policy": "last", "filter_subject": f"{foo}.c"}, 3),
        ({"deliver_policy": "new"}, 6),
        ({"deliver_policy": "by_start_sequence", "opt_start_seq": 4}, 4),
        ({"deliver_policy": "by_start_sequence", "opt_start_seq": 9}, 9),
        ({"deliver_policy": "last_per_subject", "filter_subject": f"{foo}.*"}, 3),
    ):
        consumer = js.consumer(stream, **config)
        floor = consumer.made["ack_floor"]
        assert (floor["consumer_seq"], floor["stream_seq"]) == (0, start - 1), config
        assert position(consumer) == (0, start - 1), config
