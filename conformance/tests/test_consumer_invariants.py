"""The invariants of consumers: a trace that is as it should be, and one change that each notices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nats_conformance.invariants import consumer, consumer_info
from nats_conformance.invariants.trace import Delivery, Info, Request, Rules, Stored, Trace


def stored(seq, subject=b"s.a"):
    return Stored(seq, subject, b"%d" % seq, b"", seq * 10)


def delivery(consumer_seq, stream_seq, deliveries=1, *, pending, step=1, request=1):
    held = stored(stream_seq)
    return Delivery(
        step,
        stream_seq,
        consumer_seq,
        deliveries,
        pending,
        held.time,
        held.subject,
        held.payload,
        held.block,
        size=10,
        request=request,
        came=1.0,
    )


#: Five messages; 1, 2 and 3 delivered, 2 refused and delivered again, 1 done, 4 deleted.
TRACE = Trace(
    Rules(filters=((1, (b"s.*",)),), max_deliver=3, max_ack_pending=5, max_waiting=2),
    {seq: stored(seq) for seq in range(1, 6)},
    gone={4: 4},
    deliveries=(
        delivery(1, 1, pending=4),
        delivery(2, 2, pending=3),
        delivery(3, 3, pending=2, step=2),
        delivery(4, 2, 2, pending=2, step=2, request=2),
    ),
    done={1: 2},
    requests=(
        Request(1, 3, 30, expires=2.0, statuses=((408, 3),)),
        Request(2, 1),
    ),
    infos=(
        Info(1, (2, 2), (0, 0), 2, 3, 0, 1),
        Info(4, (4, 3), (1, 1), 2, 1, 1, 0),
    ),
)


def changed(index, **members):
    """The trace with one delivery changed."""
    found = list(TRACE.deliveries)
    found[index] = replace(found[index], **members)
    return replace(TRACE, deliveries=found)


def last(**members):
    """The trace with its last INFO changed."""
    return replace(TRACE, infos=(TRACE.infos[0], replace(TRACE.infos[1], **members)))


def asked(**members):
    """The trace with its first request changed."""
    return replace(TRACE, requests=(replace(TRACE.requests[0], **members), TRACE.requests[1]))


def test_nothing_is_wrong():
    assert consumer.violations(TRACE) == []
    assert consumer.violations(Trace(Rules())) == []


@pytest.mark.parametrize(
    ("trace", "identifier", "text"),
    [
        (replace(TRACE, deliveries=TRACE.deliveries[1:]), "JS-INV-001", "1 was passed over"),
        (changed(1, subject=b"s.b"), "JS-INV-002", "another subject"),
        (changed(1, payload=b"x"), "JS-INV-002", "another payload"),
        (changed(1, block=b"x"), "JS-INV-002", "another block"),
        (changed(1, time=7), "JS-INV-002", "another time"),
        (changed(2, stream_seq=9), "JS-INV-002", "nothing was stored there"),
        (changed(1, subject=b"t.a"), "JS-INV-003", "no filter wants"),
        (changed(0, stream_seq=3), "JS-INV-004", "after 3"),
        (changed(0, stream_seq=3), "JS-INV-019", "after 3"),
        (changed(3, consumer_seq=5), "JS-INV-005", "4 has the consumer sequence 5"),
        (changed(3, consumer_seq=3), "JS-INV-005", "4 has the consumer sequence 3"),
        (last(delivered=(5, 3)), "JS-INV-006", "says 5, there were 4"),
        (last(delivered=(4, 5)), "JS-INV-007", "says message 5, it is 3"),
        (last(delivered=(4, 2)), "JS-INV-007", "says message 2, it is 3"),
        (last(delivered=(1, 3)), "JS-INV-008", "delivered went from (2, 2) to (1, 3)"),
        (
            replace(TRACE, infos=(*TRACE.infos, replace(TRACE.infos[1], floor=(0, 0)))),
            "JS-INV-009",
            "floor went from (1, 1) to (0, 0)",
        ),
        (last(floor=(1, 4)), "JS-INV-010", "above delivered"),
        (last(floor=(2, 2)), "JS-INV-011", "message 2 is outstanding"),
        (last(ack_pending=3), "JS-INV-012", "is 3, 2 are outstanding"),
        (last(pending=2), "JS-INV-013", "is 2, 1 lie above"),
        (changed(1, pending=4), "JS-INV-014", "4 pending after 4"),
        (changed(3, pending=1), "JS-INV-014", "1 pending after 2"),
        (changed(3, deliveries=3), "JS-INV-015", "says 3 deliveries"),
        (replace(TRACE, rules=replace(TRACE.rules, max_deliver=1)), "JS-INV-015", "more than 1"),
        (last(redelivered=3), "JS-INV-016", "num_redelivered 3"),
        (last(waiting=3), "JS-INV-017", "num_waiting 3"),
        (replace(TRACE, done={1: 2, 2: 1}), "JS-INV-018", "done in step 1"),
        (asked(batch=2), "JS-INV-020", "got 3 messages, it asked for 2"),
        (asked(statuses=((408, 3), (404, 3))), "JS-INV-020", "ended 2 times"),
        (asked(statuses=((408, 2),)), "JS-INV-020", "after its end"),
        (asked(max_bytes=29), "JS-INV-021", "got 30 bytes"),
        (changed(0, came=9.0), "JS-INV-022", "7.0 s after"),
        (replace(TRACE, rules=replace(TRACE.rules, max_ack_pending=1)), "JS-RDL-016", "exceeds 1"),
    ],
)
def test_what_is_wrong_is_noticed(trace, identifier, text):
    found = [each for each in consumer.violations(trace) if each.startswith(f"{identifier}: ")]
    assert found
    assert text in found[0]


def test_filters_hold_from_a_delivery_on():
    rules = replace(TRACE.rules, filters=((1, (b"x",)), (3, (b"s.*",))))
    found = consumer.filtered(replace(TRACE, rules=rules))
    assert [each.split(":")[0] for each in found] == [
        "delivery 1 (message 1)",
        "delivery 2 (message 2)",
    ]


def test_other_filters_may_have_passed_messages_over():
    trace = replace(TRACE, rules=replace(TRACE.rules, filters=((1, (b"s.*",)), (5, (b"s.a",)))))
    less = replace(last(pending=0), rules=trace.rules)
    more = replace(last(pending=2), rules=trace.rules)
    assert (consumer_info.still_pending(less), len(consumer_info.still_pending(more))) == ([], 1)


def test_a_purge_may_move_what_was_delivered():
    assert consumer_info.furthest(replace(last(delivered=(4, 5)), purged=5)) == []


def test_exhausted_messages_are_not_outstanding():
    trace = replace(last(ack_pending=1, floor=(2, 2)), exhausted=frozenset({2}))
    assert consumer.violations(trace) == []


@pytest.mark.parametrize(("counted", "violated"), [(0, True), (1, False), (2, False), (3, True)])
def test_what_is_perhaps_exhausted_may_be_counted(counted, violated):
    trace = replace(last(ack_pending=counted, floor=(1, 1)), perhaps=frozenset({2}))
    assert consumer_info.outstanding(trace) == {2, 3}
    assert bool(consumer_info.ack_pending(trace)) == violated


def test_one_acknowledgement_for_all():
    rules = replace(TRACE.rules, ack_policy="all")
    assert consumer_info.outstanding(replace(TRACE, rules=rules, done={2: 2})) == {3}
    nobody = replace(TRACE, rules=replace(TRACE.rules, ack_policy="none"))
    assert (consumer_info.outstanding(nobody), consumer_info.nothing_below(nobody)) == (set(), [])


def test_an_info_is_read():
    answer = {
        "delivered": {"consumer_seq": 4, "stream_seq": 3},
        "ack_floor": {"consumer_seq": 1, "stream_seq": 1},
        "num_ack_pending": 2,
        "num_pending": 1,
        "num_redelivered": 1,
        "num_waiting": 0,
    }
    assert Info.of(4, answer) == TRACE.infos[1]


def test_answers_are_compared():
    before = {"name": "a", "ts": "1", "num_pending": 1}
    assert consumer_info.unchanged(before, before | {"ts": "2"}) == []
    assert consumer_info.unchanged(before, {"name": "a", "num_pending": 2}) == [
        "num_pending was 1 and is 2"
    ]


def test_a_stream_holds_what_is_needed():
    assert consumer_info.kept([2, 3], {2, 3}) == []
    assert consumer_info.kept([2, 3], {1, 2}) == [
        "message 1 is needed and gone",
        "message 3 is held and nobody needs it",
    ]


def test_lists_agree():
    a, b = {"name": "a", "n": 1, "ts": "1"}, {"name": "b", "n": 1}
    assert consumer_info.agreeing(["a", "b"], [a, b], [a | {"ts": "2"}, b]) == []
    assert consumer_info.agreeing(["a"], [a, b], [a | {"n": 2}]) == [
        "NAMES has ['a'], LIST ['a', 'b']",
        "a: n is 1 in LIST and 2 in INFO",
        "LIST has b, INFO doesn't",
    ]
