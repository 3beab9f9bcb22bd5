"""acks.py: reply subjects of delivered messages, and what may be answered there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark.exceptions import LarkError

from nats_spec import acks, grammars, strategies
from nats_spec.acks import Answer, Kind, Reply
from nats_spec.recogniser import recogniser

FIRST = b"$JS.ACK.orders.work.2.7.9.1700000000000000001.3"
SECOND = b"$JS.ACK._.szMpdrwD.orders.work.2.7.9.1700000000000000001.3"
REPLY = Reply(b"orders", b"work", 2, 7, 9, 1700000000000000001, 3)

tokens = st.binary(min_size=1, max_size=3).filter(lambda token: not set(token) & set(b" \t\r\n."))
numbers = st.integers(0, 2**64 - 1)


def test_the_two_forms():
    assert acks.parse(FIRST) == REPLY
    second = acks.parse(SECOND)
    assert second == Reply(b"orders", b"work", 2, 7, 9, 1700000000000000001, 3, b"_", b"szMpdrwD")
    assert acks.parse(SECOND + b".later.still") == second
    assert (REPLY.subject, second.subject) == (FIRST, SECOND)


@pytest.mark.parametrize(
    "subject",
    [
        b"",
        b"$JS.ACK",
        b"$JS.FC.orders.work.2.7.9.1.3",
        b"$JS.ACK.orders.work.2.7.9.1",
        FIRST + b".1",
        FIRST + b".",
        b"$js.ack.orders.work.2.7.9.1.3",
        b"$JS.ACK.or ders.work.2.7.9.1.3",
    ],
)
def test_other_subjects_are_no_replies(subject):
    assert acks.parse(subject) is None


def test_a_name_may_look_like_a_number_and_a_number_like_nothing():
    found = acks.parse(b"$JS.ACK.1.2.3.x.5.-6.7")
    assert found == Reply(b"1", b"2", 3, acks.UNREADABLE, 5, acks.UNREADABLE, 7)


@given(st.builds(Reply, tokens, tokens, numbers, numbers, numbers, numbers, numbers))
def test_the_first_form_is_read_as_it_is_written(reply):
    assert acks.parse(reply.subject) == reply


@given(
    st.builds(Reply, tokens, tokens, numbers, numbers, numbers, numbers, numbers, tokens, tokens)
)
def test_the_second_form_is_read_as_it_is_written(reply):
    assert acks.parse(reply.subject) == reply


def test_the_account_is_named_by_its_hash():
    assert acks.account_hash(b"$G") == b"szMpdrwD"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", Answer(Kind.ACK)),
        (b"+ACK", Answer(Kind.ACK)),
        (b"+OK", Answer(Kind.ACK)),
        (b"+WPI", Answer(Kind.PROGRESS)),
        (b"-NAK", Answer(Kind.NAK)),
        (b"-NAK 3s ", Answer(Kind.NAK, b"3s")),
        (b'-NAK{"delay":1}', Answer(Kind.NAK, b'{"delay":1}')),
        (b"+TERM", Answer(Kind.TERM)),
        (b"+TERM \n of no use ", Answer(Kind.TERM, b"of no use")),
        (b"+NXT 5", Answer(Kind.NEXT, b"5")),
        (b"+ACK ", None),
        (b"+ack", None),
        (b"+ACKfoo", None),
        (b"+WPI ", None),
        (b"-ACK", None),
        (b"junk", None),
    ],
)
def test_what_a_payload_says(payload, expected):
    assert acks.answer(payload) == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (b"0", 0),
        (b"1ns", 1),
        (b"250ms", 250_000_000),
        (b"1m1.5s", 61_500_000_000),
        (b".5h", 1_800_000_000_000),
        (b"1.s", 1_000_000_000),
        (b"-2us", -2_000),
        (b"+3\xc2\xb5s", 3_000),
        (b"3\xce\xbcs", 3_000),
        (b'{"delay":5}', 5),
        (b'{"Delay":-5,"x":1}', -5),
        (b'{"delay":null}', 0),
        (b"{}", 0),
        (b'{"delay":"5s"}', None),
        (b'{"delay":1.5}', None),
        (b'{"delay":true}', None),
        (b"{", None),
        (b"5", None),
        (b"00", None),
        (b"s", None),
        (b"1 s", None),
        (b"soon", None),
    ],
)
def test_what_a_delay_says(argument, expected):
    assert acks.delay(argument) == expected


@pytest.mark.parametrize("start", ["reply", "payload", "duration"])
@given(data=st.data())
def test_the_recogniser_and_the_parser_are_one_language(start, data):
    mixed = st.lists(
        st.sampled_from([b"$JS.ACK.", b".", b"a", b"1", b"+", b"-NAK", b"0", b"s", b"ns", b" "]),
        max_size=20,
    ).map(b"".join)
    text = data.draw(st.one_of(strategies.lines("acks", start), mixed))
    found = recogniser("acks", start).match(text)
    try:
        tree = grammars.parser("acks").parse(text, start=start)
    except LarkError:
        assert found is None
    else:
        assert found == (str(tree.data), tuple(token.value for token in tree.children))
