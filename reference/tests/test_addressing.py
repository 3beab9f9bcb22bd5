"""What is remembered of subjects of acknowledgements says what the grammar says."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from nats_reference.jetstream import addressing
from nats_reference.jetstream.addressing import Addressing
from nats_reference.jetstream.consumer.acks import NO_NUMBER, Token
from nats_spec import acks

HASH = acks.account_hash(b"$G")
TOKENS = st.sampled_from([b"1", b"22", b"s", b"_", b"hub", HASH, b"", b" ", b"-3"])
#: Few beginnings, so that most are known already.
BEGINNINGS = st.sampled_from([b"s.c", b"_.%b.s.c" % HASH, b"hub.%b.1.2" % HASH, b"x.y.s.c", b"s"])
SUBJECTS = st.tuples(BEGINNINGS, st.lists(TOKENS, min_size=4, max_size=7)).map(
    lambda parts: b".".join([b"$JS.ACK", parts[0], *parts[1]])
)


def by_grammar(subject: bytes) -> tuple[str, str, Token] | None:
    """Stream, consumer and the numbers that count."""
    said = acks.parse(subject)
    if said is None:
        return None
    if said.account and (said.account != HASH or said.domain not in {b"_", b"hub"}):
        return None
    numbers = said.deliveries, said.stream_seq, said.consumer_seq
    return (
        said.stream.decode(),
        said.consumer.decode(),
        Token(*(NO_NUMBER if n < 0 else n for n in numbers)),
    )


@given(st.lists(SUBJECTS, max_size=20))
@example(
    [
        b"$JS.ACK.s.c.1.2.3.4.5",
        b"$JS.ACK.s.c.1.2..4.5",
        b"$JS.ACK.s.c.1.2.3. .5",
        b"$JS.ACK.s.c.1.2.3.4.5.6",
    ]
)
@example([b"$JS.ACK._.%b.s.c.1.2.3.4.5" % HASH, b"$JS.ACK._.%b.s.c.1.2.3.4.5.6" % HASH])
def test_what_is_remembered_says_what_the_grammar_says(subjects: list[bytes]) -> None:
    known = Addressing("hub", HASH)
    for subject in subjects * 2:
        found = known.read(subject)
        read = found and (*found[0], found[1])
        assert read == by_grammar(subject), subject


def test_what_is_remembered_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(addressing, "REMEMBERED", 10)
    known = Addressing("", HASH)
    for number in range(100):
        assert known.read(b"$JS.ACK.s.c%d.1.2.3.4.5" % number) is not None
    assert len(known._known) <= 10
