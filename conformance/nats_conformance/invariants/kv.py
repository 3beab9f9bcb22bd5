"""All that must hold of a bucket, over the log of its stream: the rules together.

A log of any length is judged message by message; of each key a hash and its newest sequence are
remembered. Of up to `SAMPLED` keys, evenly chosen, the names are kept, so that whoever has a
connection can ask what a get of them gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats_spec.subjects import valid_literal

from . import kv_bucket
from .kv_log import BucketView, Entry, Keys, digest, entry
from .kv_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .kv_rules import Rule
    from .stream_log import Figures, Logged

#: Keys whose names are kept.
SAMPLED: Final = 5000
_ALL: Final = 1 << 64
#: What stands in JSON for bytes that are no UTF-8.
_LOST: Final = "\ufffd".encode()


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of one requirement."""

    requirement: str
    text: str
    #: Where; None for the bucket as a whole.
    seq: int | None = None
    key: str | None = None
    #: Clients alone think so, or the configuration was another then.
    remark: bool = False

    @property
    def place(self) -> str:
        """Where, in words."""
        if self.key is None:
            return "the bucket" if self.seq is None else f"message {self.seq}"
        return f"key {self.key}" if self.seq is None else f"message {self.seq}, key {self.key}"

    def __str__(self) -> str:
        """What a person reads in a failure."""
        return f"{self.requirement} at {self.place}: {self.text}"


class Judge:
    """All rules at once over one log."""

    def __init__(self, view: BucketView, rules: tuple[Rule, ...] = RULES) -> None:
        """Begin with the first message."""
        self.view = view
        self.keys = Keys()
        #: Names of some keys.
        self.sample: set[str] = set()
        #: What was not judged, a sentence each.
        self.given_up: list[str] = []
        self._rules = rules
        self._bare = tuple(rule for rule in rules if not rule.of_fields)
        self._below = _ALL
        self._read = 0
        self._last = 0
        self._foreign = False

    def begin(self) -> Iterator[Violation]:
        """What is wrong before any message: the configuration."""
        for requirement, find in (
            ("KV-INV-001", kv_bucket.subjects),
            ("KV-INV-002", kv_bucket.options),
            ("KV-INV-003", kv_bucket.history),
        ):
            for text in find(self.view):
                yield Violation(requirement, text)

    def see(self, message: Logged) -> list[Violation]:
        """The next message of the log."""
        each = entry(message, self.view.name, self.keys)
        found = []
        if each.seq <= self._last:
            text = f"it comes after message {self._last}"
            found.append(Violation("KV-INV-008", text, each.seq, each.key))
        self._last = max(self._last, each.seq)
        self._read += 1
        self._foreign |= each.key is None
        for rule in self._rules if each.fields else self._bare:
            text_ = rule.see(each, self.view)
            if text_ is not None:
                found.append(Violation(rule.requirement, text_, each.seq, each.key, rule.remark))
        self._remember(each)
        return found

    def _remember(self, each: Entry) -> None:
        if each.key is None or each.before is not None or each.place >= self._below:
            return
        if not _sayable(each.key):
            return
        self.sample.add(each.key)
        while len(self.sample) > SAMPLED:
            self._below //= 2
            self.sample = {key for key in self.sample if digest(key) < self._below}

    def end(self, after: Figures) -> Iterator[Violation]:
        """The log is over, and these are the figures now."""
        if after == self.view.stream.before:
            keys = None if self._foreign else len(self.keys)
            for text in kv_bucket.figures(self._read, keys, after):
                yield Violation("KV-INV-027", text)
        else:
            self.given_up.append("the bucket changed meanwhile: figures could not be compared")
        for text in kv_bucket.room(self.view, after):
            yield Violation("KV-INV-033", text, remark=True)

    def got(self, key: str, revision: int | None) -> Iterator[Violation]:
        """A get of `key` gives this revision now, None for nothing."""
        last = self.view.stream.before.last_seq
        for text in kv_bucket.got(key, self.keys.newest(key), revision, last):
            yield Violation("KV-INV-009", text, revision, key)


def _sayable(key: str) -> bool:
    """Whether a get can ask for a key: it has no wildcard, is UTF-8, and was read as such."""
    raw = key.encode(errors="surrogateescape")
    return valid_literal(raw) and _LOST not in raw and raw == key.encode(errors="replace")


def violations(
    messages: Iterable[Logged], view: BucketView, after: Figures | None = None
) -> Iterator[Violation]:
    """Everything in the log that violates an invariant, as it is found."""
    judge = Judge(view)
    yield from judge.begin()
    for message in messages:
        yield from judge.see(message)
    yield from judge.end(after or view.stream.before)
