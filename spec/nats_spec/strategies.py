"""Hypothesis strategies that come from the grammars: lines, and near-misses of lines.

`lines` draws what a grammar holds, `near_misses` what almost is: one small
change to a line. Both are bytes. Subjects are drawn from a small alphabet, so
that patterns and subjects meet. Serves the properties of every chapter.

Leaves out state: machines are the runner's.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark
from lark.exceptions import LarkError

from nats_spec import grammars

#: Bytes that mean something to a parser of control lines.
TELLING = b" \t\r\n\0.*>0123456789+-'{}PSUHMCIpub\x0b\x80\xff"


@cache
def lines(name: str, start: str = "line") -> st.SearchStrategy[bytes]:
    """Texts of grammar `name` from rule `start`, as bytes."""
    text = Lark(grammars.source(name), parser="lalr", start=list(grammars.STARTS[name]))
    anything = st.characters(min_codepoint=0, max_codepoint=255)

    def is_one(line: bytes) -> bool:
        # Terminals that were drawn apart may read otherwise side by side: TEXT and CR LF.
        try:
            grammars.parser(name).parse(line, start=start)
        except LarkError:
            return False
        return True

    drawn = from_lark(text, start=start, alphabet=anything)
    return drawn.map(lambda line: line.encode("latin-1")).filter(is_one)


@st.composite
def near_misses(draw: st.DrawFn, name: str) -> bytes:
    """A text of grammar `name` with one byte taken out, put in, changed or doubled."""
    line = draw(lines(name))
    at = draw(st.integers(0, len(line) - 1))
    byte = draw(st.one_of(st.sampled_from(sorted(TELLING)), st.integers(0, 255)))
    change = draw(st.sampled_from(("drop", "insert", "replace", "double", "cut")))
    head, here, tail = line[:at], line[at : at + 1], line[at + 1 :]
    return {
        "drop": head + tail,
        "insert": head + bytes([byte]) + here + tail,
        "replace": head + bytes([byte]) + tail,
        "double": head + here + here + tail,
        "cut": head + b"\r\n",
    }[change]


def tokens(alphabet: str = "abc") -> st.SearchStrategy[bytes]:
    """Tokens of one or two letters: few, so that they meet."""
    return st.text(alphabet, min_size=1, max_size=2).map(str.encode)


def subjects(most: int = 4) -> st.SearchStrategy[bytes]:
    """Literal subjects of up to `most` tokens."""
    return st.lists(tokens(), min_size=1, max_size=most).map(b".".join)


def patterns(most: int = 4) -> st.SearchStrategy[bytes]:
    """Patterns of up to `most` tokens, wildcards among them."""
    piece = st.one_of(tokens(), st.just(b"*"))
    ends: st.SearchStrategy[list[bytes]] = st.sampled_from([[], [b">"]])
    return (
        st.tuples(st.lists(piece, min_size=0, max_size=most), ends)
        .map(lambda parts: [*parts[0], *parts[1]])
        .filter(bool)
        .map(b".".join)
    )
