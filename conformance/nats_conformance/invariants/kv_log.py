"""What can be observed of a bucket: the messages of its stream, each with its key and meaning.

An entry knows of the key's message before it what the rules ask for, so nobody holds the log.
`Keys` remembers that, 16 bytes and a place in a table for each key.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from nats_spec import headers, kv
from nats_spec.kv import Kind

from .stream_rules import SLACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .stream_log import Logged, View

_NO_FIELDS: Final[Mapping[str, str]] = {}
#: Stands for a block that is none: what is wrong with it. No field has this name.
UNREADABLE: Final = ""


class Before(NamedTuple):
    """The message of the key before this one, of those that are there."""

    seq: int
    #: Messages of the key so far.
    number: int
    #: Whether the key had no value then.
    ends: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of a bucket."""

    seq: int
    #: Nanoseconds since 1970.
    time: int
    subject: str
    #: None if the subject is no key's.
    key: str | None
    #: Name and value of each field, the first if there are several.
    fields: Mapping[str, str]
    #: What it says; None if nobody knows.
    kind: Kind | None
    #: Bytes of payload, and of payload and header block.
    length: int
    size: int
    before: Before | None
    #: What stands for its key.
    place: int

    @property
    def ends(self) -> bool:
        """Whether the key has no value then."""
        return self.kind is not Kind.PUT


class BucketView:
    """A bucket as the INFO of its stream shows it before the log is read."""

    def __init__(self, name: str, stream: View) -> None:
        self.name = name
        self.stream = stream
        #: Messages that a key may have, and bytes of a value; 0 for any number.
        self.history = stream.limit("max_msgs_per_subject")
        self.largest = stream.limit("max_msg_size")
        #: Messages before that are too old.
        ttl = stream.limit("max_age")
        self.oldest = stream.now - ttl - SLACK if ttl else 0
        config = stream.config
        #: Of a key's messages, none goes before those older than it.
        self.only_oldest_go = bool(config.get("deny_delete")) and not config.get("allow_msg_ttl")
        #: Revisions are those of another bucket, or new ones.
        self.copies = stream.copies


class Keys:
    """The newest message of each key, as far as the log is read."""

    #: A key's place: its newest sequence above, below it how many messages, and whether it ended.
    _COUNT: Final = 32

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def add(self, place: int, seq: int, *, ends: bool) -> Before | None:
        """A message of the key that `place` stands for; the one before it."""
        known = self._known.get(place)
        before = None
        count = 1
        if known is not None:
            number = known >> 1 & (1 << self._COUNT - 1) - 1
            before = Before(known >> self._COUNT, number, bool(known & 1))
            count += before.number
        self._known[place] = seq << self._COUNT | count << 1 | ends
        return before

    def newest(self, key: str) -> int:
        """The sequence of the key's newest message, 0 if it has none."""
        return self._known.get(digest(key), 0) >> self._COUNT

    @property
    def living(self) -> int:
        """How many keys have a value."""
        return sum(1 for known in self._known.values() if not known & 1)


def digest(key: str) -> int:
    """Eight bytes that stand for a key."""
    return int.from_bytes(blake2b(key.encode(errors="surrogateescape"), digest_size=8).digest())


def entry(message: Logged, bucket: str, keys: Keys) -> Entry:
    """A message of the log as an entry; `keys` learns of it."""
    subject = message.subject.decode(errors="surrogateescape")
    fields = _fields(message.block) if message.block else _NO_FIELDS
    kind = kv.kind(fields)
    key = kv.key_of(bucket, subject)
    place, before = 0, None
    if key is not None:
        place = digest(key)
        before = keys.add(place, message.seq, ends=kind is not Kind.PUT)
    length, size = message.length, message.length + len(message.block)
    return Entry(message.seq, message.time, subject, key, fields, kind, length, size, before, place)


def _fields(block: bytes) -> dict[str, str]:
    try:
        parsed = headers.parse(block)
    except headers.MalformedHeader as error:
        return {UNREADABLE: str(error)}
    found: dict[str, str] = {}
    for name, value in parsed.fields:
        found.setdefault(
            name.decode(errors="surrogateescape"), value.decode(errors="surrogateescape")
        )
    return found
