"""The grammar, its LALR parser and its recogniser are one language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import LarkError

from nats_spec import grammars, strategies
from nats_spec.recogniser import NotRegular, derive, recogniser

NAMES = ["client", "refusals", "server", "headers"]


@pytest.fixture
def edited():
    yield grammars.edit
    grammars.restore()


def defined(name, line, start="line"):
    """What the LALR parser, the definition, says of a line."""
    try:
        tree = grammars.parser(name).parse(line, start=start)
    except LarkError:
        return None
    return str(tree.data), tuple(token.value for token in tree.children)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_recogniser_takes_every_generated_line_as_the_parser_does(name, data):
    line = data.draw(strategies.lines(name))
    expected = defined(name, line)
    assert expected is not None
    assert recogniser(name).match(line) == expected


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=400)
def test_the_recogniser_and_the_parser_agree_on_near_misses(name, data):
    line = data.draw(strategies.near_misses(name))
    assert recogniser(name).match(line) == defined(name, line)


@pytest.mark.parametrize("start", ["pattern", "literal"])
@given(data=st.data())
def test_subjects_are_recognised_as_they_are_parsed(start, data):
    subject = data.draw(
        st.one_of(
            strategies.lines("subjects", start),
            st.lists(st.sampled_from([b".", b"*", b">", b"a", b"\xff"]), max_size=7).map(b"".join),
        )
    )
    pattern = recogniser("subjects", start).pattern
    try:
        grammars.parser("subjects").parse(subject, start=start)
    except LarkError:
        assert pattern.fullmatch(subject) is None
    else:
        assert pattern.fullmatch(subject) is not None


@pytest.mark.parametrize("name", ["client", "refusals", "server"])
@given(data=st.data())
def test_every_beginning_of_a_line_is_viable(name, data):
    line = data.draw(strategies.lines(name))
    cut = data.draw(st.integers(0, len(line) - 1))
    assert recogniser(name).viable(line[:cut])


@pytest.mark.parametrize("fragment", [b"X", b" PING", b"\r", b"PX", b"PUBX", b"SUB\r", b"PINX"])
def test_what_can_become_no_line_is_known_before_its_end(fragment):
    assert not recogniser("client").viable(fragment)


@pytest.mark.parametrize(
    ("fragment", "verb", "arguments"),
    [
        (b"pub \t foo 2", b"PUB", b"foo 2"),
        (b"CONNECT{}", b"CONNECT", b"{}"),
        (b"SUB a 1", b"SUB", b"a 1"),
    ],
)
def test_an_opening_tells_verb_and_arguments(fragment, verb, arguments):
    opening = recogniser("client").opening(fragment)
    assert opening is not None
    assert (opening.verb, opening.arguments(fragment), opening.idle) == (verb, arguments, False)


def test_what_follows_ping_is_idle():
    opening = recogniser("client").opening(b"pingxyz")
    assert opening is not None
    assert opening.idle


def test_an_edited_grammar_is_another_language(edited):
    edited("client", '"PUB"i', '"TELL"i')
    assert recogniser("client").match(b"TELL a 2\r\n") == ("pub", (b"a", b"2"))
    assert recogniser("client").match(b"PUB a 2\r\n") is None


def test_an_edit_that_changes_nothing_is_refused():
    with pytest.raises(ValueError, match="has no 'NOWHERE'"):
        grammars.edit("client", "NOWHERE", "")


def test_an_unknown_grammar_is_named():
    with pytest.raises(grammars.UnknownGrammar, match="'morse'"):
        grammars.source("morse")


def test_recursion_is_refused():
    nested = Lark('line: "(" line ")" -> in_brackets | "x" -> x', parser="lalr", start="line")
    with pytest.raises(NotRegular, match="'line'"):
        derive(nested)
