"""Lark's tables without Lark make of a text what Lark makes of it: the tree, or the place of the error."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.lexer import Token

from nats_spec import grammars, lalr

PIECES = (
    *("a", "b1", "include", "{", "}", "[", "]", ":", "=", ",", ";", "\n", " ", "\t", "\r", "#c"),
    *("//c", "\n", '"', "'", '"x y"', "'z'", '"a\nb"', "\\", "$v", "-1", "1.5s", "/", "é", "\0"),
    *("a: 1\n", "b {\n", "c = [", "}\n", ", "),
)


def defined(text):
    """What Lark, the definition, says of a text."""
    try:
        return plain(grammars.parser("config").parse(text))
    except UnexpectedCharacters as error:
        return None, error.line, error.column
    except UnexpectedToken as error:
        return error.token.type, error.line, error.column


def run(text):
    try:
        return plain(lalr.parser("config").parse(text))
    except lalr.Unexpected as error:
        return error.token and error.token.type, error.line, error.column


def plain(node):
    if isinstance(node, (Token, lalr.Token)):
        return str(node.type), bytes(node.value), node.line, node.column
    return str(node.data), [plain(child) for child in node.children]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=24))
@settings(max_examples=600)
@example(["a: 1\n", "b {\n", "c = [", "-1", ", ", "'z'", "]", "}\n"])
@example([])
@example(["{", "a: 1\n", "}"])
@example(["a", "\n", "]"])
def test_it_makes_the_same_tree_or_the_same_error(pieces):
    text = "".join(pieces).encode()
    assert run(text) == defined(text)


def test_a_real_file():
    text = b"""
    port: 4222 # a comment
    authorization {
      users = [
        {user: a, password: "x y", permissions: {publish: {deny: ["NO.>", b]}}}
        {user: b}  // another
      ]
    }
    """
    tree = run(text)
    assert tree == defined(text)
    assert tree[0] == "file"
    assert len(tree[1]) == 2


def test_an_edited_grammar_is_another_language():
    grammars.edit("config", r"_SIGN.1: /[:=]/", r"_SIGN.1: /[:=~]/")
    try:
        assert run(b"a ~ 1") == defined(b"a ~ 1")
        assert run(b"a ~ 1")[0] == "file"
    finally:
        grammars.restore()
    assert run(b"a ~ 1") == defined(b"a ~ 1")


def test_tables_come_back_from_json():
    tables = lalr.derive(grammars.parser("config"), "file")
    assert lalr._read(lalr._write(tables)) == tables


@pytest.mark.parametrize(
    "rules",
    [
        '?start: "a" x\nx: "b"',
        '!start: "a"',
        'start: WORD | "if" "x"\nWORD: /[a-z]+/',
    ],
)
def test_what_tables_alone_cannot_say_is_refused(rules):
    grammar = Lark(rules, parser="lalr", use_bytes=True, maybe_placeholders=False)
    with pytest.raises(lalr.Unsupported):
        lalr.derive(grammar, "start")
