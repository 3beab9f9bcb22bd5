"""The subjects of a stream as a tree of tokens, to find those that a wildcard matches.

Made when a wildcard is first asked for, kept up to date from then on.
`nats_spec.subjects.matches` is the definition; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.store.track import Track

#: Where a node keeps the track of the subject that ends there.
HERE = b""

#: Token to node, and HERE to track.
Node = dict[bytes, Any]


class Tree:
    """Tracks by the tokens of their subjects."""

    __slots__ = ("_root",)

    def __init__(self, tracks: Iterable[Track]) -> None:
        self._root: Node = {}
        for track in tracks:
            self.add(track)

    def add(self, track: Track) -> None:
        """Take a subject in; one with an empty token matches nothing (PUB-007)."""
        tokens = subjects.tokens(track.subject)
        if b"" in tokens:
            return
        node = self._root
        for token in tokens:
            below = node.get(token)
            if below is None:
                below = node[token] = {}
            node = below
        node[HERE] = track

    def remove(self, track: Track) -> None:
        """Take a subject out, and the branches that bore only it."""
        tokens = subjects.tokens(track.subject)
        if b"" in tokens:
            return
        path = [self._root]
        for token in tokens:
            path.append(path[-1][token])
        del path[-1][HERE]
        for token, above, node in reversed(list(zip(tokens, path, path[1:], strict=False))):
            if node:
                return
            del above[token]

    def match(self, pattern: bytes) -> list[Track]:
        """The tracks whose subject `pattern` matches."""
        level = [self._root]
        words = subjects.tokens(pattern)
        last = len(words) - 1
        for place, word in enumerate(words):
            if word == subjects.REST and place == last:
                return everything_below(level)
            if word == subjects.ONE:
                level = [node[t] for node in level for t in node if t]
            else:
                level = [node[word] for node in level if word in node] if word else []
        return [node[HERE] for node in level if HERE in node]


def everything_below(level: list[Node]) -> list[Track]:
    """All tracks that hang at least one token under `level`."""
    found: list[Track] = []
    waiting = [node[t] for node in level for t in node if t]
    while waiting:
        node = waiting.pop()
        for token, below in node.items():
            if token:
                waiting.append(below)
            else:
                found.append(below)
    return found
