"""Chapter 120: messages that go because nobody is interested in them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case
from nats_conformance.cases.test_120_retention import left, until_left
from nats_conformance.filling import lettered

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

STORAGES = ("memory", "file")


@case("JS-RET-016", config="jetstream", deliveries=False)
def test_what_no_filter_lets_in_any_more_goes(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        for policy, begin in (("explicit", 1), ("all", 1), ("none", 3)):
            stream, foo = lettered(js, "", storage=storage, retention="interest")
            consumer = js.consumer(stream, ack_policy=policy)
            for letter in "ababab":
                js.publish(f"{foo}.{letter}")
            consumer.take(2)
            until_left(js, stream, list(range(begin, 7)), nats.patience)
            consumer.update(filter_subject=f"{foo}.b")
            assert left(js, stream) == [seq for seq in (2, 4, 6) if seq >= begin], policy
            assert [each.seq for each in consumer.take(2)] == [4, 6]
            consumer.delete()
            until_left(js, stream, [], nats.patience)


@case("JS-RET-016", config="jetstream", deliveries=False)
def test_other_filters_leave_what_others_need(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "", retention="interest")
    a, b, c = (f"{foo}.{letter}" for letter in "abc")
    one = js.consumer(stream, filter_subjects=[a, b, c])
    two = js.consumer(stream, filter_subject=a)
    for letter in "ababac":
        js.publish(f"{foo}.{letter}")
    two.answer(two.take(2)[0])
    assert left(js, stream) == [1, 2, 3, 4, 5, 6]
    one.update(filter_subjects=[b])
    assert left(js, stream) == [2, 3, 4, 5]
    one.update(filter_subjects=[a, b])
    assert left(js, stream) == [2, 3, 4, 5]
    one.update(filter_subjects=[c])
    assert left(js, stream) == [3, 5]
    two.update(filter_subject=b)
    assert left(js, stream) == []


@case("JS-RET-016", config="jetstream", deliveries=False)
def test_a_work_queue_keeps_what_its_consumer_wants_no_more(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abab", retention="workqueue")
    consumer = js.consumer(stream, filter_subjects=[f"{foo}.a", f"{foo}.b"])
    first, _ = consumer.take(2)
    consumer.update(filter_subjects=[f"{foo}.b"])
    assert left(js, stream) == [1, 2, 3, 4]
    consumer.answer(first)
    assert left(js, stream) == [2, 3, 4]


@case("JS-RET-016", config="jetstream", deliveries=False)
def test_what_goes_with_a_filter_is_not_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "", retention="interest")
    a, b = f"{foo}.a", f"{foo}.b"
    consumer = js.consumer(stream, filter_subjects=[a, b], max_ack_pending=2)
    for subject in (a, a, b):
        js.publish(subject)
    consumer.take(2)
    consumer.update(filter_subjects=[b])
    assert left(js, stream) == [3]
    assert consumer.info()["num_ack_pending"] == 0
    assert consumer.next().seq == 3


@case("JS-RET-017", config="jetstream", deliveries=False)
def test_with_interest_goes_what_all_have_acknowledged(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream, foo = lettered(js, "abcabcab", storage=storage)
        one = js.consumer(stream, filter_subject=f"{foo}.a")
        two = js.consumer(stream, filter_subjects=[f"{foo}.a", f"{foo}.b"])
        one.answer(one.next())
        for each in two.take(3):
            two.answer(each)
        assert left(js, stream) == [1, 2, 3, 4, 5, 6, 7, 8]
        interest(js, stream, foo)
        assert left(js, stream) == [3, 4, 5, 6, 7, 8]
        one.answer(one.next())
        assert left(js, stream) == [3, 5, 6, 7, 8]
        one.delete()
        two.delete()
        until_left(js, stream, [], nats.patience)


@case("JS-RET-017", config="jetstream", deliveries=False)
def test_with_interest_goes_what_was_sent_without_acknowledgement(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "aaaa")
    none = js.consumer(stream, ack_policy="none")
    every = js.consumer(stream, ack_policy="all")
    none.take(3)
    every.answer(every.take(4)[1])
    none.until(num_pending=1)
    interest(js, stream, foo)
    assert left(js, stream) == [3, 4]


@case("JS-RET-017", config="jetstream", deliveries=False)
def test_with_interest_what_nobody_has_acknowledged_stays(nats: Nats) -> None:
    js = nats.jetstream()
    stream, foo = lettered(js, "abab")
    js.consumer(stream, filter_subject=f"{foo}.a").take(2)
    interest(js, stream, foo)
    assert left(js, stream) == [1, 2, 3, 4]


@case("JS-RET-018", config="jetstream", deliveries=False)
def test_with_interest_goes_what_was_acknowledged_behind_a_gap(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream, foo = lettered(js, "aaaaaa", storage=storage)
        one, two = js.consumer(stream), js.consumer(stream)
        first, second = one.take(5), two.take(4)
        for consumer, each, payload in (
            (one, first[0], "+ACK"),
            (one, first[1], "+TERM"),
            (one, first[3], "+ACK"),
            (two, second[1], "+ACK"),
            (two, second[3], "+TERM"),
        ):
            consumer.answer(each, payload)
        interest(js, stream, foo)
        assert left(js, stream) == [1, 3, 5, 6]
        two.answer(second[0])
        assert left(js, stream) == [3, 5, 6]


@case("JS-RET-019", config="jetstream", deliveries=False)
def test_with_interest_goes_everything_if_there_is_nobody(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream, foo = lettered(js, "abab", storage=storage)
        js.consumer(stream).delete()
        answer = interest(js, stream, foo)
        assert (answer["state"]["messages"], answer["state"]["last_seq"]) == (0, 4)
        assert left(js, stream) == []


def interest(js: JetStream, stream: str, word: str) -> dict[str, Any]:
    """Have the stream keep what is of interest from now on; the answer."""
    storage = js.info(stream)["config"]["storage"]
    config = {"name": stream, "subjects": [f"{word}.*"], "storage": storage}
    return js.request(f"STREAM.UPDATE.{stream}", config | {"retention": "interest"})
