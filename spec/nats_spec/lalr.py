"""Runs Lark's LALR(1) tables without Lark, for nested languages: the configuration file.

Lark takes a tenth of a second to import. What it makes of a grammar, a table of
actions and a lexer for each state, is plain data; `derive` reads it off once,
shelf.py keeps it, `Parser` runs it. A property holds the two against each other.

Leaves out what the grammars here don't use: callbacks, placeholders, ambiguity.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nats_spec import grammars, shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import BasicLexer

#: The words that can stand in a place, in the order in which they are tried.
Lexer = Sequence[tuple[str, "Callable[[bytes, int], re.Match[bytes] | None]"]]

#: Lark's name for the end of the text.
END: Final = "$END"


class Token(NamedTuple):
    """A word of the text, and where it stands (from 1)."""

    type: str
    value: bytes
    line: int
    column: int


class Tree(NamedTuple):
    """A rule and what it is made of."""

    data: str
    children: list[Any]


class Unexpected(ValueError):
    """The text goes on, or ends, as the grammar does not."""

    def __init__(self, token: Token | None, line: int, column: int) -> None:
        super().__init__(f"unexpected {token.type if token else 'character'}")
        #: The word that has no place here; None if it is no word at all.
        self.token = token
        self.line = line
        self.column = column


class Unsupported(ValueError):
    """A grammar uses what this module leaves out."""


@dataclass(frozen=True, slots=True)
class Tables:
    """All that a parser needs to know of its grammar."""

    start: int
    end: int
    #: By state and symbol: the next state, or -1 - the rule that is complete.
    actions: tuple[dict[str, int], ...]
    #: Of each rule: what it makes, its name in the tree, its length, and which of
    #: its symbols are children (True: their children are).
    rules: tuple[tuple[str, str, int, tuple[tuple[int, bool], ...]], ...]
    #: The pattern of each word.
    words: dict[str, str]
    #: Words that can stand in some place, the first that fits is the one.
    lexers: tuple[tuple[str, ...], ...]
    #: By state, which of them reads on; the last one knows every word.
    contexts: tuple[int, ...]
    ignored: frozenset[str]


def derive(grammar: Lark, start: str) -> Tables:
    """The tables that Lark made of `grammar`.

    Raises:
        Unsupported: they alone don't tell what to do.
    """
    table: Any = grammar.parser.parser._parse_table  # noqa: SLF001 - Lark keeps its tables to itself
    contextual: Any = grammar.parser.lexer
    number = {rule: place for place, rule in enumerate(grammar.rules)}
    size = max(table.states) + 1
    lexers = [_lexer(contextual.lexers[state]) for state in range(size)]
    distinct = [*dict.fromkeys(lexers), _lexer(contextual.root_lexer)]
    return Tables(
        table.start_states[start],
        table.end_states[start],
        tuple(
            {
                symbol: -1 - number[to] if to in number else to
                for symbol, (_, to) in table.states[state].items()
            }
            for state in range(size)
        ),
        tuple(map(_rule, grammar.rules)),
        {each.name: each.pattern.to_regexp() for each in grammar.terminals},
        tuple(distinct),
        tuple(map(distinct.index, lexers)),
        frozenset(contextual.root_lexer.ignore_types),
    )


def _lexer(lexer: BasicLexer) -> tuple[str, ...]:
    _ = lexer.scanner
    if lexer.callback:
        raise Unsupported(f"words are told apart by more than a pattern: {sorted(lexer.callback)}")
    return tuple(each.name for each in lexer.terminals)


def _rule(rule: Rule) -> tuple[str, str, int, tuple[tuple[int, bool], ...]]:
    if rule.options.expand1 or rule.options.keep_all_tokens:
        raise Unsupported(f"rule {rule.origin.name!r} has an option")
    children = tuple(
        (place, not symbol.is_term and symbol.name.startswith("_"))
        for place, symbol in enumerate(rule.expansion)
        if not getattr(symbol, "filter_out", False)
    )
    return rule.origin.name, rule.alias or rule.origin.name, len(rule.expansion), children


def _read(kept: dict[str, Any]) -> Tables:
    """The tables that JSON was made of."""
    return Tables(
        kept["start"],
        kept["end"],
        tuple(kept["actions"]),
        tuple(
            (made, name, size, tuple((place, inner) for place, inner in children))
            for made, name, size, children in kept["rules"]
        ),
        dict(kept["words"]),
        tuple(map(tuple, kept["lexers"])),
        tuple(kept["contexts"]),
        frozenset(kept["ignored"]),
    )


def _write(tables: Tables) -> dict[str, Any]:
    return asdict(tables) | {"ignored": sorted(tables.ignored)}


class Parser:
    """Makes trees of texts, with one grammar's tables."""

    def __init__(self, tables: Tables) -> None:
        """Compile the patterns of words."""
        self._tables = tables
        match = {
            word: re.compile(pattern.encode("latin-1")).match
            for word, pattern in tables.words.items()
        }
        self._lexers = [[(word, match[word]) for word in lexer] for lexer in tables.lexers]

    def parse(self, text: bytes) -> Tree:
        """The tree of `text`.

        Raises:
            Unexpected: it does not follow the grammar.
        """
        tables = self._tables
        states, values = [tables.start], list[Any]()
        words = _Words(text, tables.ignored)
        while True:
            token = words.next(self._lexers[tables.contexts[states[-1]]])
            if token is None:
                raise self._stranger(words)
            while (to := tables.actions[states[-1]].get(token.type)) is not None and to < 0:
                self._reduce(-1 - to, states, values)
                if token.type == END and states[-1] == tables.end:
                    return values[-1]  # type: ignore[no-any-return]
            if to is None:
                raise Unexpected(token, token.line, token.column)
            states.append(to)
            values.append(token)

    def _reduce(self, rule: int, states: list[int], values: list[Any]) -> None:
        """The last so many values are the parts of one, by `rule`."""
        made, name, size, included = self._tables.rules[rule]
        first = len(values) - size
        children: list[Any] = []
        for place, inner in included:
            value = values[first + place]
            if inner:
                children += value.children
            else:
                children.append(value)
        del values[first:], states[len(states) - size :]
        values.append(Tree(name, children))
        states.append(self._tables.actions[states[-1]][made])

    def _stranger(self, words: _Words) -> Unexpected:
        """No word can stand here: is it a word at all?"""
        line, column = words.line, words.column
        word = words.next(self._lexers[-1])
        if word is not None:
            return Unexpected(word, word.line, word.column)
        return Unexpected(None, line, column)


class _Words:
    """Cuts words off a text, and knows where it is."""

    def __init__(self, text: bytes, ignored: frozenset[str]) -> None:
        self._text = text
        self._ignored = ignored
        self._at = 0
        self._line_start = 0
        self.line = 1
        self._last = Token(END, b"", 1, 1)

    @property
    def column(self) -> int:
        """Of the next byte, from 1."""
        return self._at - self._line_start + 1

    def next(self, lexer: Lexer) -> Token | None:
        """The next word that isn't ignored; the end has the place of the last. None: no word."""
        while self._at < len(self._text):
            tried = ((kind, match(self._text, self._at)) for kind, match in lexer)
            kind, found = next((each for each in tried if each[1]), ("", None))
            if found is None:
                return None
            value = found.group()
            token = Token(kind, value, self.line, self.column)
            if newlines := value.count(b"\n"):
                self.line += newlines
                self._line_start = self._at + value.rindex(b"\n") + 1
            self._at = found.end()
            if kind not in self._ignored:
                self._last = token
                return token
        return self._last._replace(type=END, value=b"")


@cache
def parser(name: str) -> Parser:
    """The parser of grammar `name`, from its first start rule."""
    start = grammars.STARTS[name][0]
    tables = shelf.kept(
        grammars.source(name),
        f"tables of {start}",
        lambda: derive(grammars.parser(name), start),
        write=_write,
        read=_read,
    )
    return Parser(tables)
