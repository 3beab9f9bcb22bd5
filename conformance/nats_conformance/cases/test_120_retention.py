"""Chapter 120: what consumers mean for the messages of work queues and interest streams."""

from __future__ import annotations

from nats_conformance import polling, rows
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS
from nats_conformance.filling import lettered
from nats_conformance.jetstream import JetStream


def left(js: JetStream, stream: str) -> list[int]:
    """The sequences that the stream still has."""
    state = js.state(stream, deleted_details=True)
    deleted = set(state.get("deleted", ()))
    return [n for n in range(state["first_seq"], state["last_seq"] + 1) if n not in deleted]


@case("JS-RET-001", config="jetstream", deliveries=False)
def test_a_work_queue_is_acknowledged_from_its_beginning(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(retention="workqueue")
    push = {"deliver_subject": "deliver.nobody"}
    rows.created(
        js,
        stream,
        (
            ({}, {"ack_policy": "explicit"}),
            ({"ack_policy": "none"}, (400, 10084)),
            ({"ack_policy": "all"}, (400, 10098)),
            ({"ack_policy": "none"} | push, (400, 10098)),
            ({"ack_policy": "all"} | push, (400, 10098)),
            ({"deliver_policy": "new"}, (400, 10101)),
            ({"deliver_policy": "last"}, (400, 10101)),
            ({"deliver_policy": "by_start_sequence", "opt_start_seq": 1}, (400, 10101)),
        ),
    )


@case("JS-RET-002", config="jetstream", deliveries=False)
def test_no_two_consumers_of_a_work_queue_meet(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.>"], retention="workqueue")
    whole = js.consumer(stream)
    rows.created(js, stream, (({}, (400, 10099)), ({"filter_subject": f"{foo}.a"}, (400, 10100))))
    whole.delete()
    js.consumer(stream, filter_subject=f"{foo}.a.*")
    rows.created(
        js,
        stream,
        [
            ({}, (400, 10099)),
            *(
                ({"filter_subject": f"{foo}.{each}"}, (400, 10100))
                for each in ("a.*", "a.b", "*.b", ">", "a.>")
            ),
            ({"filter_subjects": [f"{foo}.b", f"{foo}.a.c"]}, (400, 10100)),
            ({"filter_subject": f"{foo}.b"}, {}),
            ({"filter_subjects": [f"{foo}.b", f"{foo}.a"]}, {}),
        ],
    )


@case("JS-RET-003", config="jetstream", deliveries=False)
def test_what_is_done_leaves_the_queue(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(retention="workqueue")
    consumer = js.consumer(stream)
    for _ in range(4):
        js.publish(stream)
    one, two, three, four = consumer.take(4)
    assert left(js, stream) == [1, 2, 3, 4]
    consumer.answer(two)
    assert left(js, stream) == [1, 3, 4]
    consumer.answer(one, "+TERM")
    assert left(js, stream) == [3, 4]
    consumer.answer(three, "-NAK")
    consumer.answer(four, "+WPI")
    assert left(js, stream) == [3, 4]
    consumer.answer(three)
    assert left(js, stream) == [4]


@case("JS-RET-004", config="jetstream", deliveries=False)
def test_who_comes_next_takes_what_was_not_done(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(retention="workqueue")
    consumer = js.consumer(stream)
    for _ in range(3):
        js.publish(stream)
    consumer.answer(consumer.take(2)[0])
    consumer.delete()
    assert left(js, stream) == [2, 3]
    taken = js.consumer(stream).take(2)
    assert [(each.seq, each.token.deliveries) for each in taken] == [(2, 1), (3, 1)]


@case("JS-RET-005", "JS-RET-008", config="jetstream", deliveries=False)
def test_what_interests_nobody_is_dropped(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"], retention="interest")
    assert js.publish(f"{foo}.a") == {"stream": stream, "seq": 1}
    assert js.publish(f"{foo}.a")["seq"] == 2
    assert (js.state(stream)["messages"], js.state(stream)["last_seq"]) == (0, 2)
    consumer = js.consumer(stream, filter_subject=f"{foo}.a")
    assert consumer.made["delivered"] == {"consumer_seq": 0, "stream_seq": 2}
    assert js.publish(f"{foo}.b")["seq"] == 3
    assert js.publish(f"{foo}.a")["seq"] == 4
    assert left(js, stream) == [4]
    assert consumer.next().seq == 4


@case("JS-RET-006", config="jetstream", deliveries=False)
def test_a_message_stays_until_nobody_needs_it(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"], retention="interest")
    explicit = js.consumer(stream)
    every = js.consumer(stream, ack_policy="all", filter_subject=f"{foo}.a")
    for letter in "aaaab":
        js.publish(f"{foo}.{letter}")
    first, second = explicit.take(5), every.take(4)
    assert left(js, stream) == [1, 2, 3, 4, 5]
    explicit.answer(first[0])
    explicit.answer(first[2], "+TERM")
    explicit.answer(first[4])
    assert left(js, stream) == [1, 2, 3, 4]
    every.answer(second[2])
    assert left(js, stream) == [2, 4]
    explicit.answer(first[1])
    assert left(js, stream) == [4]


@case("JS-RET-006", config="jetstream", deliveries=False)
def test_without_acknowledgements_sent_is_done(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(retention="interest")
    consumer = js.consumer(stream, ack_policy="none")
    for _ in range(3):
        js.publish(stream)
    assert [each.seq for each in consumer.take(2)] == [1, 2]
    until_left(js, stream, [3], nats.patience)


@case("JS-RET-007", config="jetstream", deliveries=False)
def test_a_consumer_takes_with_it_what_only_it_needs(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.*"], retention="interest")
    one = js.consumer(stream, filter_subject=f"{foo}.a")
    two = js.consumer(stream, filter_subjects=[f"{foo}.b", f"{foo}.c"])
    for letter in "abcab":
        js.publish(f"{foo}.{letter}")
    one.answer(one.next())
    assert left(js, stream) == [2, 3, 4, 5]
    two.take(1)
    two.delete()
    until_left(js, stream, [4], nats.patience)
    one.delete()
    until_left(js, stream, [], nats.patience)


@case("JS-RET-007", config="jetstream", deliveries=False)
def test_what_is_exhausted_goes_with_its_consumer_too(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "", retention="interest")
    js.consumer(stream, filter_subject=f"{foo}.b")
    consumer = js.consumer(stream, filter_subject=f"{foo}.a", max_deliver=1)
    for _ in range(3):
        js.publish(f"{foo}.a")
    found = consumer.take(2)
    consumer.answer(found[0], "-NAK")
    consumer.next()
    consumer.until(num_ack_pending=2)
    consumer.answer(found[1])
    until_left(js, stream, [1, 3], nats.patience)
    consumer.delete()
    until_left(js, stream, [], 1.0)


@case("JS-RDL-013", config="jetstream", deliveries=False)
def test_what_is_exhausted_outlives_the_purge_of_others(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(retention="interest")
    consumer, other = js.consumer(stream, max_deliver=1), js.consumer(stream)
    for _ in range(3):
        js.publish(stream)
    consumer.answer(consumer.next())
    consumer.answer(consumer.next(), "-NAK")
    consumer.answer(consumer.next())  # it has come upon the second one before
    js.request(f"STREAM.PURGE.{stream}", {"seq": 2})
    for each in other.take(2):
        other.answer(each)
    until_left(js, stream, [2], 1.0)


@case("JS-RDL-013", "JS-ACK-030", config="jetstream", deliveries=False, waits=True)
def test_what_is_exhausted_is_kept(nats: Nats) -> None:
    js = nats.jetstream()
    for retention in ("interest", "workqueue"):
        stream = js.create(retention=retention)
        consumer = js.consumer(stream, max_deliver=1, ack_wait=100 * MS)
        for _ in range(4):
            js.publish(stream)
        found = consumer.take(4)
        consumer.until(num_ack_pending=0)
        assert left(js, stream) == [1, 2, 3, 4]
        consumer.answer(found[0])
        consumer.answer(found[1], "+TERM")
        assert left(js, stream) == [3, 4], retention
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 3})
        assert left(js, stream) == [4]
        consumer.delete()
        until_left(js, stream, [] if retention == "interest" else [4], nats.patience)


def until_left(js: JetStream, stream: str, wanted: list[int], patience: float) -> None:
    """Wait until these are the sequences that the stream still has."""
    polling.until(lambda: left(js, stream), lambda found: found == wanted, patience)


@case("JS-RET-020", "JS-INV-023", config="jetstream", deliveries=False)
def test_a_deleted_message_takes_no_other_along(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(retention="interest")
    consumer = js.consumer(stream, ack_policy="all")
    for _ in range(3):
        js.publish(stream)
    consumer.take(3)
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 3})
    polling.until(consumer.info, lambda info: info["num_ack_pending"] < 3, 1.5)
    polling.until(lambda: left(js, stream), lambda seqs: len(seqs) < 3, 1.5)
    assert left(js, stream) == [1, 2]


@case("JS-RET-020", "JS-RET-014", config="jetstream", deliveries=False)
def test_what_a_limit_discards_acknowledges_no_other(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abc", max_msgs_per_subject=1)
    consumer = js.consumer(stream, ack_policy="all")
    first = consumer.take(3)[0]
    js.publish(f"{foo}.c")
    polling.until(consumer.info, lambda info: info["num_ack_pending"] < 3, 1.5)
    consumer.answer(first, "-NAK")
    assert consumer.fetch().seqs == [1, 4]
