"""One compiled bytes pattern for each grammar, derived from Lark's own rules.

Lark's LALR parser takes about 25 microseconds for a control line, a server has
one. The languages of control lines are regular, so a walk over the rules and
terminals that Lark compiled gives one pattern with the same language (a
property proves it). Implements FRAME-001 .. FRAME-007 by way of the grammar.

Leaves out recursion: a grammar that needs it is refused with `NotRegular`. Lark is
imported only when there is something to derive; shelf.py keeps what was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, cast

from nats_spec import grammars, shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lark import Lark
    from lark.grammar import Rule, Symbol, Terminal
    from lark.lexer import TerminalDef


class NotRegular(ValueError):
    """A rule refers to itself, so that no pattern can stand for it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a control line may begin."""

    #: The verb, in the grammar's spelling.
    verb: bytes
    #: Its bytes so far, however the case is folded.
    folded: bool
    #: The bytes one of which must follow the verb; empty if anything may.
    then: frozenset[int]
    #: Whether everything up to the line end is ignored (FRAME-008).
    idle: bool
    #: The bytes that stand between the verb and its arguments.
    blanks: bytes

    def admits(self, fragment: bytes) -> bool:
        """Whether `fragment` can still become a line that opens like this."""
        size = len(self.verb)
        head = fragment[:size]
        verb = self.verb[: len(head)]
        if head != verb and not (self.folded and head.upper() == verb.upper()):
            return False
        return len(fragment) <= size or not self.then or fragment[size] in self.then

    def arguments(self, fragment: bytes) -> bytes:
        """What follows the verb and its blanks: the part that max_control_line counts."""
        return fragment[len(self.verb) :].lstrip(self.blanks)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a recogniser needs to know of its grammar."""

    pattern: bytes
    #: By the empty group at its end: a production's name, and the groups of its arguments.
    productions: dict[int, tuple[str, tuple[int, ...]]]
    openings: tuple[Opening, ...]


class Recogniser:
    """Tells which production of a grammar a line is, and cuts out its arguments."""

    __slots__ = ("_decisive", "_fullmatch", "_productions", "_viable", "openings", "pattern")

    def __init__(self, plan: Plan) -> None:
        """Compile the pattern of `plan`."""
        self.pattern: Final = re.compile(plan.pattern, re.DOTALL)
        self.openings: Final = plan.openings
        self._fullmatch = self.pattern.fullmatch
        self._productions = {
            group: (name, _cutter(arguments))
            for group, (name, arguments) in plan.productions.items()
        }
        #: So many bytes decide how a line opens: the longest verb and what follows it.
        self._decisive = max((len(each.verb) for each in plan.openings), default=0) + 1
        # A line that comes byte by byte is asked about again with each of them.
        self._viable = lru_cache(1024)(self._can_open)

    def match(self, line: bytes) -> tuple[str, tuple[bytes, ...]] | None:
        """The production that `line` is, with its arguments, or None."""
        found = self._fullmatch(line)
        if found is None:
            return None
        alias, cut = self._productions[found.lastindex or 0]
        return alias, cut(found)

    def viable(self, fragment: bytes) -> bool:
        """Whether `fragment`, a line without its end, can still become a line."""
        return self._viable(fragment[: self._decisive])

    def _can_open(self, beginning: bytes) -> bool:
        return any(opening.admits(beginning) for opening in self.openings)

    def opening(self, fragment: bytes) -> Opening | None:
        """The one opening that `fragment` has already decided on, if any."""
        for opening in self.openings:
            if len(fragment) >= len(opening.verb) and opening.admits(fragment):
                return opening
        return None


def _cutter(groups: tuple[int, ...]) -> Callable[[re.Match[bytes]], tuple[bytes, ...]]:
    if not groups:
        return lambda _: ()
    if len(groups) == 1:
        (only,) = groups
        return lambda match: (match[only],)
    return itemgetter(*groups)


#: Productions by how they begin, symbol after symbol; at an end stands the production's name.
_Tree = dict["tuple[bytes, bool] | str", "_Tree"]


def derive(grammar: Lark, start: str = "line") -> Plan:
    """The plan of the alternatives of rule `start` of `grammar`.

    Raises:
        NotRegular: a rule refers to itself.
    """
    walk = _Walk(grammar)
    tree: _Tree = {}
    for alias, symbols in walk.productions(start):
        branch = tree
        for symbol in symbols:
            kept = not (symbol.is_term and cast("Terminal", symbol).filter_out)
            branch = branch.setdefault((walk.pattern(symbol), kept), {})
        branch[alias] = {}
    productions: dict[int, tuple[str, tuple[int, ...]]] = {}
    pattern, _ = _joined(tree, (), 0, productions)
    return Plan(pattern, productions, walk.openings(start))


def _joined(
    tree: _Tree,
    arguments: tuple[int, ...],
    groups: int,
    productions: dict[int, tuple[str, tuple[int, ...]]],
) -> tuple[bytes, int]:
    """The pattern of productions that have begun alike, and the groups counted so far."""
    branches: list[bytes] = []
    for key, below in tree.items():
        if isinstance(key, str):
            groups += 1
            productions[groups] = (key, arguments)
            branches.append(b"()")
            continue
        piece, kept = key
        groups += kept
        held = (*arguments, groups) if kept else arguments
        rest, groups = _joined(below, held, groups, productions)
        branches.append((b"(%b)" if kept else b"(?:%b)") % piece + rest)
    return (branches[0] if len(branches) == 1 else b"(?:%b)" % b"|".join(branches)), groups


class _Walk:
    """Reads patterns off the rules and terminals of a compiled grammar."""

    def __init__(self, grammar: Lark) -> None:
        self.terminals: dict[str, TerminalDef] = {t.name: t for t in grammar.terminals}
        self.rules: dict[str, list[Rule]] = {}
        for rule in grammar.rules:
            self.rules.setdefault(rule.origin.name, []).append(rule)

    def productions(self, start: str) -> Iterator[tuple[str, Sequence[Symbol]]]:
        """The named alternatives below `start`, with their symbols, in the grammar's order."""
        for rule in sorted(self.rules[start], key=lambda rule: rule.order):
            inner = rule.expansion
            if rule.alias is None and len(inner) == 1 and not inner[0].is_term:
                yield from self.productions(inner[0].name)
            else:
                yield rule.alias or start, inner

    def pattern(self, symbol: Symbol, path: tuple[str, ...] = ()) -> bytes:
        """The bytes pattern of one symbol."""
        if symbol.is_term:
            return self.terminals[symbol.name].pattern.to_regexp().encode("latin-1")
        if symbol.name in path:
            raise NotRegular(f"rule {symbol.name!r} refers to itself")
        path = (*path, symbol.name)
        once: list[bytes] = []
        repeats = False
        for rule in self.rules[symbol.name]:
            expansion = rule.expansion
            # Lark writes `x*` as a left-recursive helper rule: x | helper x.
            if expansion and expansion[0] == symbol and symbol.name.startswith("__"):
                repeats = True
                continue
            once.append(b"".join(b"(?:%b)" % self.pattern(s, path) for s in expansion))
        choice = b"(?:%b)" % b"|".join(once)
        return choice + b"+" if repeats else choice

    def openings(self, start: str) -> tuple[Opening, ...]:
        """The verbs of the productions, and what must follow each."""
        follows: dict[str, list[Symbol]] = {}
        for _, symbols in self.productions(start):
            if len(symbols) > 1 and symbols[0].is_term:
                follows.setdefault(symbols[0].name, []).append(symbols[1])
        blank = self.terminals.get("_BLANK")
        single = re.compile(blank.pattern.to_regexp().encode("latin-1")) if blank else None
        blanks = bytes(b for b in range(256) if single and single.fullmatch(bytes([b])))
        return tuple(
            Opening(
                verb=self.literal(verb),
                folded=self.is_folded(verb),
                then=self.first_bytes(seconds),
                idle=any(re.fullmatch(self.pattern(s), b"any text\n") for s in seconds),
                blanks=blanks,
            )
            for verb, seconds in follows.items()
            if self.terminals[verb].pattern.type == "str"
        )

    def literal(self, terminal: str) -> bytes:
        """The text of a terminal that is a plain string."""
        return str(self.terminals[terminal].pattern.value).encode("latin-1")

    def is_folded(self, terminal: str) -> bool:
        """Whether the case of its letters is ignored."""
        return "i" in self.terminals[terminal].pattern.flags

    def first_bytes(self, symbols: Sequence[Symbol]) -> frozenset[int]:
        """The bytes with which one of `symbols` begins; empty if all 256 may."""
        patterns = [re.compile(self.pattern(symbol), re.DOTALL) for symbol in symbols]
        # A pattern that takes several bytes is tried with endings that complete it.
        endings = (b"", b"\n", b"\r\n", b"x\n")
        found = frozenset(
            byte
            for byte in range(256)
            if any(p.fullmatch(bytes([byte]) + end) for p in patterns for end in endings)
        )
        return frozenset() if len(found) == 256 else found


@cache
def recogniser(name: str, start: str = "line") -> Recogniser:
    """The recogniser of grammar `name`, from its rule `start`."""
    text = grammars.source(name)
    plan = shelf.kept(
        text,
        f"plan of {start}",
        lambda: derive(grammars.parser(name), start),
        write=_write,
        read=_read,
    )
    return Recogniser(plan)


def _write(plan: Plan) -> dict[str, Any]:
    return {
        "pattern": plan.pattern.decode("latin-1"),
        "productions": [[group, *each] for group, each in plan.productions.items()],
        "openings": [
            {
                "verb": each.verb.decode("latin-1"),
                "folded": each.folded,
                "then": sorted(each.then),
                "idle": each.idle,
                "blanks": each.blanks.decode("latin-1"),
            }
            for each in plan.openings
        ],
    }


def _read(kept: dict[str, Any]) -> Plan:
    return Plan(
        kept["pattern"].encode("latin-1"),
        {group: (name, tuple(arguments)) for group, name, arguments in kept["productions"]},
        tuple(
            Opening(
                verb=each["verb"].encode("latin-1"),
                folded=each["folded"],
                then=frozenset(each["then"]),
                idle=each["idle"],
                blanks=each["blanks"].encode("latin-1"),
            )
            for each in kept["openings"]
        ),
    )
