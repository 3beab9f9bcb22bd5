"""Two targets of one run, told the same, answer alike.

Covers what the models leave out: wording of errors, +OK in verbose mode, pedantic
checks, the order of all that. The other target is the measure; without one the
property doesn't apply. ERR-001, VERB-001, VERB-003, PED-001.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nats_conformance import generated
from nats_conformance.cases import Nats, property_case
from nats_conformance.differential import Said, compare, converse
from nats_spec import strategies

#: In place of the prefix that makes an example's subjects its own.
PREFIX = b"@@"

_subjects = (strategies.patterns(3) | st.sampled_from((b"a..b", b"a.", b"a*", b"_R_.x"))).map(
    lambda subject: PREFIX + b"." + subject
)
_sids = st.sampled_from((b"1", b"2"))
_blanks = st.sampled_from((b" ", b"  ", b"\t"))
_ends = st.sampled_from((b"\r\n", b"\r\n", b"\n", b" \r\n"))
_sizes = st.sampled_from((b"0", b"2", b"02", b"000000002", b"+2", b"0000000002", b"x"))


def _line(*words: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.tuples(_blanks, st.tuples(*words), _ends).map(
        lambda drawn: drawn[0].join(drawn[1]) + drawn[2]
    )


def _with_payload(drawn: tuple[bytes, bytes, bytes]) -> bytes:
    line, size, end = drawn
    digits = size.lstrip(b"0") or b"0"
    return line + size + end + (b"hi\r\n" if digits == b"2" else b"\r\n" if digits == b"0" else b"")


_publishes = st.tuples(
    st.one_of(
        st.builds(lambda s: b"PUB " + s + b" ", _subjects),
        st.builds(lambda s, r: b"pub " + s + b"  " + r + b" ", _subjects, _subjects),
    ),
    _sizes,
    _ends,
).map(_with_payload)

_said = st.one_of(
    _publishes,
    _publishes,
    _line(st.just(b"SUB"), _subjects, _sids),
    _line(st.just(b"Sub"), _subjects, _sids),
    _line(st.just(b"UNSUB"), _sids),
    _line(st.just(b"UNSUB"), _sids, st.sampled_from((b"1", b"2", b"x", b"0"))),
    st.sampled_from((b"PINGs\r\n", b"+OK\r\n", b"PONG\n", b"SUB\r\n", b"-ERR 'x'\r\n")),
)
_steps = st.lists(st.builds(Said, st.integers(0, 1), _said), min_size=1, max_size=12)
_hellos = st.tuples(*[st.booleans()] * 5).map(
    lambda flags: (
        b"CONNECT {%b}\r\n"
        % b",".join(
            b'"%b":%b' % (name, b"true" if flag else b"false")
            for name, flag in zip(
                (b"verbose", b"pedantic", b"echo", b"headers", b"no_responders"), flags, strict=True
            )
        )
    )
)


@property_case("ERR-001", "VERB-001", "VERB-003", "PED-001")
def test_two_servers_told_the_same_answer_alike(nats: Nats) -> None:
    rival = nats.rival

    @given(_hellos, _steps)
    def check(hello: bytes, steps: list[Said]) -> None:
        with nats.example() as example:
            prefix = example.name("s").encode()
            told = [Said(s.connection, s.data.replace(PREFIX, prefix)) for s in steps]
            theirs = converse(example.beside(rival), hello, told, 2)
            ours = converse(example.server, hello, told, 2)
            same = (nats.release >= (2, 12)) == (rival.release >= (2, 12))
            compare(ours, theirs, same_503=same)

    generated.run(nats, check)
