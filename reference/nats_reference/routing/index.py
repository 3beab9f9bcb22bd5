"""A tree of subject tokens that finds the entries whose pattern matches a subject.

SUBJ-001 .. SUBJ-007 and PUB-006, PUB-007: a subject to look up is literal, so a
`*` in it is a token like any other. The tree holds anything: subscriptions for
routing, words of a permission list for auth. `nats_spec.subjects.matches` is
the definition; a test compares the two.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from nats_spec import subjects

Entry = TypeVar("Entry")

ONE = subjects.ONE
REST = subjects.REST
tokens = subjects.tokens


class Node(Generic[Entry]):
    """What may follow one prefix of tokens. Members are made when first needed."""

    __slots__ = ("entries", "literal", "one", "rest")

    def __init__(self) -> None:
        #: Patterns that end here.
        self.entries: dict[Entry, None] | None = None
        #: Next token, written out.
        self.literal: dict[bytes, Node[Entry]] | None = None
        #: Next token is `*`.
        self.one: Node[Entry] | None = None
        #: Patterns that end in `>` here.
        self.rest: dict[Entry, None] | None = None

    @property
    def bare(self) -> bool:
        """Whether nothing is left in it."""
        return not (self.entries or self.literal or self.one or self.rest)


class Index(Generic[Entry]):
    """Patterns, each with an entry."""

    __slots__ = ("count", "root")

    def __init__(self) -> None:
        self.root: Node[Entry] = Node()
        self.count = 0

    def insert(self, pattern: bytes, entry: Entry) -> None:
        """Add `entry` under a valid `pattern`."""
        words = tokens(pattern)
        last = len(words) - 1
        node = self.root
        for place, word in enumerate(words):
            if word == REST and place == last:
                if node.rest is None:
                    node.rest = {}
                node.rest[entry] = None
                self.count += 1
                return
            if word == ONE:
                if node.one is None:
                    node.one = Node()
                node = node.one
            else:
                if node.literal is None:
                    node.literal = {}
                node = node.literal.get(word) or node.literal.setdefault(word, Node())
        if node.entries is None:
            node.entries = {}
        node.entries[entry] = None
        self.count += 1

    def remove(self, pattern: bytes, entry: Entry) -> None:
        """Take `entry` away from under `pattern`, and the branches that bore only it."""
        words = tokens(pattern)
        path: list[Node[Entry]] = [self.root]
        for word in words[:-1] if words[-1] == REST else words:
            node = path[-1]
            below = node.one if word == ONE else (node.literal or {}).get(word)
            if below is None:
                return
            path.append(below)
        holder = path[-1].rest if words[-1] == REST else path[-1].entries
        if holder is None or entry not in holder:
            return
        del holder[entry]
        self.count -= 1
        for word, above, node in reversed(list(zip(words, path, path[1:], strict=False))):
            if not node.bare:
                return
            if word == ONE:
                above.one = None
            elif above.literal is not None:
                del above.literal[word]

    def match(self, subject: bytes) -> list[Entry]:
        """The entries whose pattern matches the literal `subject`."""
        words = tokens(subject)
        found: list[Entry] = []
        if b"" in words:
            return found
        node = self.root
        for place, word in enumerate(words):
            if node.one is not None:
                spread([node], words[place:], found)
                return found
            if node.rest:
                found.extend(node.rest)
            below = node.literal.get(word) if node.literal else None
            if below is None:
                return found
            node = below
        if node.entries:
            found.extend(node.entries)
        return found

    def uniform(self, *words: bytes) -> bool:
        """Whether the same patterns match all subjects that begin with `words` and go on."""
        node = self.root
        for word in words:
            if node.one is not None:
                return False
            below = node.literal.get(word) if node.literal else None
            if below is None:
                return True
            node = below
        return not node.literal and node.one is None

    def overlapping(self, pattern: bytes) -> list[Entry]:
        """The entries whose pattern has a subject in common with `pattern` (SUBJ-012)."""
        found: list[Entry] = []
        level: list[Node[Entry]] = [self.root]
        words = tokens(pattern)
        for place, word in enumerate(words):
            if word == REST and place == len(words) - 1:
                for node in level:
                    gather(node, found, here=False)
                return found
            below: list[Node[Entry]] = []
            for node in level:
                if node.rest:
                    found.extend(node.rest)
                if node.one is not None:
                    below.append(node.one)
                if node.literal:
                    below.extend(
                        node.literal.values()
                        if word == ONE
                        else filter(None, (node.literal.get(word),))
                    )
            level = below
        for node in level:
            if node.entries:
                found.extend(node.entries)
        return found


def spread(level: list[Node[Entry]], words: list[bytes], found: list[Entry]) -> None:
    """Add to `found` what matches `words` below the nodes of a level, wherever `*` may stand for one."""
    for word in words:
        below: list[Node[Entry]] = []
        for node in level:
            if node.rest:
                found.extend(node.rest)
            if node.literal and (next_node := node.literal.get(word)) is not None:
                below.append(next_node)
            if node.one is not None:
                below.append(node.one)
        if not below:
            return
        level = below
    for node in level:
        if node.entries:
            found.extend(node.entries)


def gather(node: Node[Entry], found: list[Entry], *, here: bool) -> None:
    """Add everything below a node to `found`, and what ends `here` if that counts."""
    if here and node.entries:
        found.extend(node.entries)
    if node.rest:
        found.extend(node.rest)
    for below in (node.one, *(node.literal or {}).values()):
        if below is not None:
            gather(below, found, here=True)
