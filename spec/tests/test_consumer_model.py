"""The model of a consumer: small streams whose deliveries anyone can check."""

import pytest

from nats_spec.acks import Kind
from nats_spec.model import consumer as c
from nats_spec.model import stream as s
from nats_spec.model.consumer_answers import answer, answered
from nats_spec.model.consumer_delivery import Token, choices, deliver, exhaust

SECOND = 10**9


def stream(subjects="", *, gone=()):
    """One message for each letter, a second apart."""
    held = {
        seq: s.Stored(seq, seq * SECOND, s.Message(letter.encode()))
        for seq, letter in enumerate(subjects, 1)
    }
    whole = s.Stream(s.Config("S", (b">",)), held, 1 if held else 0, len(held))
    return s.without(whole, set(gone))


def consumer(held, **config):
    return c.create(held, c.Config(**config))


def take(one, held, count, now=0):
    """So many deliveries, each the only choice; the consumer and the tokens by sequence."""
    found = []
    for _ in range(count):
        options = choices(one, held, now, now)
        assert options.due
        (seq,) = options.allowed
        one, token = deliver(one, held, seq, now)
        found.append((seq, token))
    return one, found


def seqs(found):
    return [seq for seq, _ in found]


def nothing(one, held, now=0):
    return not choices(one, held, now, now).due


@pytest.mark.parametrize(
    ("config", "before", "delivers"),
    [
        ({}, 1, [2, 3, 4, 5]),
        ({"deliver": c.Deliver.LAST}, 4, [5]),
        ({"deliver": c.Deliver.LAST, "filters": (b"c",)}, 2, [3]),
        ({"deliver": c.Deliver.LAST, "filters": (b"z",)}, 1, []),
        ({"deliver": c.Deliver.NEW}, 5, []),
        ({"deliver": c.Deliver.BY_SEQUENCE, "start": 4}, 3, [4, 5]),
        ({"deliver": c.Deliver.BY_SEQUENCE, "start": 1}, 1, [2, 3, 4, 5]),
        ({"deliver": c.Deliver.BY_SEQUENCE, "start": 9}, 8, []),
        ({"deliver": c.Deliver.BY_TIME, "start": 3 * SECOND + 1}, 3, [4, 5]),
        ({"deliver": c.Deliver.BY_TIME, "start": 99 * SECOND}, 5, []),
        ({"deliver": c.Deliver.BY_TIME, "start": 3 * SECOND, "filters": (b"a", b"b")}, 2, [4, 5]),
        ({"deliver": c.Deliver.LAST_PER_SUBJECT, "filters": (b"*",)}, 2, [3, 4, 5]),
        ({"deliver": c.Deliver.LAST_PER_SUBJECT, "filters": (b"b",)}, 4, [5]),
        ({"filters": (b"b", b"c")}, 1, [2, 3, 5]),
    ],
)
def test_where_it_starts(config, before, delivers):
    held = stream("abcab", gone=[1])
    one = consumer(held, **config)
    assert one.delivered == (0, before)
    assert c.pending(one, held) == len(delivers)
    one, found = take(one, held, len(delivers))
    assert seqs(found) == delivers
    assert [token.pending for _, token in found] == list(range(len(delivers)))[::-1]
    assert nothing(one, held)


def test_after_the_selected_comes_everything():
    held = stream("aba")
    one = consumer(held, deliver=c.Deliver.LAST_PER_SUBJECT, filters=(b"*",))
    later = stream("abaaa")
    assert c.pending(one, later) == 4
    assert seqs(take(one, later, 4)[1]) == [2, 3, 4, 5]
    assert seqs(take(one, s.without(later, {2, 4}), 2)[1]) == [3, 5]


def test_an_empty_stream_has_a_start():
    one = consumer(stream())
    assert (one.delivered, one.floor) == ((0, 0), (range(1), range(1)))
    assert seqs(take(one, stream("a"), 1)[1]) == [1]


def test_what_a_delivery_says():
    held = stream("aba")
    one, found = take(consumer(held), held, 2)
    assert [token for _, token in found] == [Token(1, 1, 2), Token(1, 2, 1)]
    one = answer(one, 1, Kind.NAK, 0)
    assert choices(one, held, 0, 0).allowed == {1}
    one, token = deliver(one, held, 1, 0)
    assert (token, one.delivered) == (Token(2, 3, 1), (3, 2))
    assert (one.outstanding[1].first, one.redelivered) == (1, 1)


def test_the_floor():
    held = stream("aaaaa")
    one, _ = take(consumer(held), held, 4)
    for seq, expected in ((2, (0, 0)), (1, (2, 2)), (4, (2, 2)), (3, (4, 4))):
        one = answer(one, seq, Kind.ACK, 0)
        count, reached = one.floor
        assert expected[0] in count
        assert len(count) == 1
        assert expected[1] in reached
    assert one == answer(one, 3, Kind.ACK, 0) == answer(one, 9, Kind.TERM, 0)
    assert (answered(one, 4), answered(one, 5)) == (True, False)


def test_the_floor_goes_over_deliveries_that_came_again():
    held = stream("aa")
    one, _ = take(consumer(held), held, 2)
    one, _ = take(answer(one, 1, Kind.NAK, 0), held, 1)
    one = answer(one, 1, Kind.ACK, 0)
    assert one.floor == (range(1, 2), range(1, 2))
    one = answer(one, 2, Kind.ACK, 0)
    assert one.floor == (range(3, 4), range(2, 3))


def test_one_for_all_before():
    held = stream("aaaa")
    one, _ = take(consumer(held, ack=c.Ack.ALL), held, 4)
    one = answer(one, 3, Kind.ACK, 0)
    assert (list(one.outstanding), one.floor[0]) == ([4], range(3, 4))
    assert answer(one, 2, Kind.ACK, 0) == one == answer(one, 9, Kind.ACK, 0)
    assert answer(one, 4, Kind.TERM, 0).outstanding == {}


def test_none_is_outstanding_without_acknowledgements():
    held = stream("aa")
    one, _ = take(consumer(held, ack=c.Ack.NONE, max_ack_pending=1), held, 2)
    assert (one.outstanding, one.floor) == ({}, (range(2, 3), range(2, 3)))
    assert answer(one, 1, Kind.ACK, 0) == one


def test_refused_ones_come_first_and_in_that_order():
    held = stream("aaaaa")
    one, _ = take(consumer(held), held, 3)
    for seq in (3, 1, 3):
        one = answer(one, seq, Kind.NAK, 0)
    assert one.refused == (3, 1)
    one, found = take(one, held, 4)
    assert seqs(found) == [3, 1, 4, 5]
    one = answer(one, 1, Kind.NAK, 0)
    assert nothing(answer(one, 1, Kind.ACK, 0), held)


def test_waits():
    held = stream("aa")
    one, _ = take(consumer(held, backoff=(2, 5, 3)), held, 2, now=10)
    assert nothing(one, held, now=11)
    assert choices(one, held, 11, 12).allowed == {1, 2}
    assert not choices(one, held, 11, 12).due
    assert choices(one, held, 12, 12).allowed == {1, 2}
    one, _ = deliver(one, held, 1, 12)
    one = answer(one, 2, Kind.PROGRESS, 16)
    assert [each.due for each in one.outstanding.values()] == [17, 18]
    one, _ = deliver(one, held, 1, 17)
    assert one.outstanding[1].due == 20
    one = answer(one, 1, Kind.NAK, 18, delay=100)
    assert one.outstanding[1].due == 118
    one = answer(answer(one, 1, Kind.NAK, 20), 1, Kind.NAK, 20, delay=1)
    assert (one.refused, one.outstanding[1].due) == ((), 21)
    assert answer(one, 9, Kind.PROGRESS, 0) == one == answer(one, 9, Kind.NAK, 0)


def test_room():
    held = stream("aaaa")
    one, _ = take(consumer(held, max_ack_pending=2), held, 2)
    assert nothing(one, held)
    assert seqs(take(answer(one, 1, Kind.NAK, 0), held, 1)[1]) == [1]
    one = answer(one, 1, Kind.ACK, 0)
    assert seqs(take(one, held, 1)[1]) == [3]
    assert not nothing(c.update(one, c.Config(max_ack_pending=-1)), held)


def test_exhaustion():
    held = stream("aaa")
    one, _ = take(consumer(held, max_deliver=2, ack_wait=10), held, 2)
    one, _ = take(answer(one, 2, Kind.NAK, 0), held, 1)
    assert exhaust(one, 9) == (one, ())
    refused = answer(one, 2, Kind.NAK, 1)
    refused, over = exhaust(refused, 1)
    assert (over, refused.exhausted, refused.redelivered) == ((2,), {2: 2}, 1)
    waited, over = exhaust(one, 10)
    assert (over, list(waited.outstanding), waited.behind) == ((2,), [1], True)
    waited, _ = deliver(waited, held, 1, 10)
    waited, over = exhaust(waited, 20)
    assert (over, waited.outstanding, waited.exhausted) == ((1,), {}, {2: 2, 1: 2})
    assert (waited.delivered, waited.floor) == ((4, 2), (range(5), range(3)))
    waited, _ = take(waited, held, 1)
    waited = answer(waited, 3, Kind.ACK, 0)
    assert (waited.behind, waited.floor) == (False, (range(5, 6), range(3, 4)))
    late = answer(answer(waited, 1, Kind.ACK, 0), 2, Kind.TERM, 0)
    assert (late.exhausted, late.redelivered) == ({}, 0)


def test_what_is_delivered_once_has_not_come_again():
    held = stream("a")
    one, _ = take(consumer(held, max_deliver=1, ack_wait=1), held, 1)
    one, over = exhaust(one, 1)
    assert (over, one.exhausted, one.redelivered) == ((1,), {1: 1}, 0)


def test_messages_that_have_gone():
    held = stream("abab")
    one, _ = take(consumer(held), held, 3)
    one = c.gone(one, {1, 4})
    left = s.without(held, {1, 4})
    assert (list(one.outstanding), one.floor[0], c.pending(one, left)) == ([2, 3], range(1, 2), 0)


def test_purges():
    held = stream("ababa")
    one, _ = take(consumer(held), held, 3)
    after, _ = s.purge(held)
    empty = c.purged(one, held, after, whole=True)
    assert (empty.outstanding, empty.delivered, empty.position) == ({}, (3, 5), 6)
    assert empty.floor == (range(3, 4), range(5, 6))
    after, _ = s.purge(held, below=3)
    some = c.purged(one, held, after, whole=True)
    assert (list(some.outstanding), some.delivered) == ([3], (3, 3))
    after, _ = s.purge(held, b"b")
    other = c.purged(one, held, after, whole=False)
    assert (list(other.outstanding), c.pending(other, after)) == ([1, 3], 1)
    assert (other.delivered, other.delivered_stream) == ((3, 3), range(3, 6))


def test_other_filters_go_on_from_here():
    held = stream("aabb")
    one, _ = take(consumer(held, filters=(b"a",)), held, 1)
    assert (c.pending(one, held), list(c.ahead(one, held))) == (1, [2])
    other = c.Config(filters=(b"b",))
    assert seqs(take(c.update(one, other), held, 2)[1]) == [3, 4]
    assert seqs(take(c.update(one, other, looked=3), held, 1)[1]) == [4]
