"""What can be observed of an object store: its messages, gathered in one pass.

Of the chunks of one put their number, bytes and hash are kept, of metadata what it says; so a
store of any size is gathered in memory that grows with the number of its objects alone.
Leaves out what is wrong with it: `objects` says that. Serves OBJ-INV-001 .. OBJ-INV-019.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nats_spec import headers, objects
from nats_spec.objects import BadMetadata, Metadata

from .stream_log import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Places of one kind that are kept.
KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the bucket's stream, with its payload."""

    seq: int
    #: Nanoseconds since 1970.
    time: int
    subject: bytes
    #: The header block as it is stored; empty if there is none.
    block: bytes
    payload: bytes


@dataclass(slots=True)
class Chunks:
    """The chunks of one put, so far."""

    first: int
    last: int = 0
    #: When the last was stored.
    time: int = 0
    count: int = 0
    size: int = 0
    #: Bytes of the largest, and where the first of that size is.
    largest: int = 0
    largest_seq: int = 0
    #: Where the first without bytes is.
    empty_seq: int | None = None
    #: None once it is known that nothing is missing.
    hashing: Any = None
    digest: str = ""

    def add(self, message: Message) -> None:
        """One more."""
        self.last, self.time = message.seq, message.time
        self.count += 1
        self.size += len(message.payload)
        if not message.payload and self.empty_seq is None:
            self.empty_seq = message.seq
        if len(message.payload) > self.largest:
            self.largest, self.largest_seq = len(message.payload), message.seq
        if self.hashing is not None:
            self.hashing.update(message.payload)

    def settle(self) -> str:
        """The digest of all; no more are expected."""
        if self.hashing is not None:
            self.digest, self.hashing = objects.digest_of(self.hashing.digest()), None
        return self.digest


@dataclass(frozen=True, slots=True)
class Entry:
    """A metadata message."""

    seq: int
    time: int
    #: The last token of its subject.
    token: str
    #: Its `Nats-Rollup` in small letters: `sub` asks to replace what was there before.
    rollup: str
    #: Its `Nats-TTL`; empty if it stays.
    ttl: str
    #: What it says; None if it can't be read, and then why.
    meta: Metadata | None
    wrong: str = ""

    @property
    def rolled(self) -> bool:
        """It replaced what was there before."""
        return self.rollup in {"sub", "all"}


@dataclass(frozen=True, slots=True)
class Stands:
    """What INFO says at one moment."""

    sealed: bool
    messages: int
    last_seq: int

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Stands:
        """What an answer of STREAM.INFO says."""
        state = info["state"]
        return cls(bool(info["config"].get("sealed")), state["messages"], state["last_seq"])


@dataclass(slots=True)
class Bucket:
    """Everything that was observed of one bucket."""

    name: str
    config: Mapping[str, Any]
    #: The server's time when it was begun to be read, nanoseconds since 1970.
    now: int
    before: Stands
    after: Stands
    #: By token: the newest metadata.
    entries: dict[str, Entry] = field(default_factory=dict)
    #: Metadata that a newer one of the same token follows.
    older: list[Entry] = field(default_factory=list)
    #: By nuid.
    chunks: dict[str, Chunks] = field(default_factory=dict)
    #: Messages that are neither: sequence and subject.
    strays: list[tuple[int, str]] = field(default_factory=list)
    #: How many there are beyond those.
    more_strays: int = 0
    #: What is known of objects in other buckets that links lead to; absent is not looked for.
    #: Instead of metadata, why it can't be read.
    elsewhere: dict[tuple[str, str], Metadata | str | None] = field(default_factory=dict)
    #: By token: metadata that came while the log was read; None if it can't be read.
    renewed: dict[str, Metadata | None] = field(default_factory=dict)
    #: Chunks that are there no more, by nuid.
    gone: set[str] = field(default_factory=set)
    #: Nothing is under way: what is left over is left over.
    settled: bool = False
    read: int = 0

    @classmethod
    def of(cls, name: str, info: Mapping[str, Any]) -> Bucket:
        """A bucket of which only INFO is known."""
        stands = Stands.of(info)
        return cls(name, info["config"], nanoseconds(info["ts"]), stands, stands)

    def add(self, message: Message) -> None:
        """The next message of the log."""
        self.read += 1
        subject = message.subject.decode(errors="replace")
        kind, token = self._parted(subject)
        if kind == "C":
            found = self.chunks.get(token)
            if found is None:
                found = self.chunks[token] = Chunks(message.seq, hashing=hashlib.sha256())
            found.add(message)
        elif kind == "M":
            self._say(message, token)
        elif len(self.strays) < KEPT:
            self.strays.append((message.seq, subject))
        else:
            self.more_strays += 1

    def end(self, info: Mapping[str, Any]) -> None:
        """The log is over, and this is what INFO says now."""
        self.after = Stands.of(info)

    @property
    def changed(self) -> bool:
        """Somebody wrote while the log was read."""
        return self.before != self.after

    def renew(self, message: Message) -> None:
        """A message that came while the log was read."""
        kind, token = self._parted(message.subject.decode(errors="replace"))
        if kind == "M":
            try:
                self.renewed[token] = objects.parse(message.payload)
            except BadMetadata:
                self.renewed[token] = None

    def orphans(self) -> Iterator[tuple[str, Chunks]]:
        """Chunks that no metadata names."""
        metas = [*(entry.meta for entry in self.entries.values()), *self.renewed.values()]
        if None in metas:
            return  # Whose they are can't be read.
        named = {meta.nuid for meta in metas if meta} | self.gone
        yield from ((nuid, each) for nuid, each in self.chunks.items() if nuid not in named)

    def wanted(self) -> set[tuple[str, str]]:
        """Objects of other buckets that links lead to; without a name the bucket itself."""
        metas = (each.meta for each in self.entries.values() if each.meta)
        links = (meta.link for meta in metas if meta.link and not meta.deleted)
        return {(link.bucket, link.name) for link in links if link.bucket != self.name}

    def _parted(self, subject: str) -> tuple[str, str]:
        """`C` or `M`, and the token behind it; nothing if it is neither."""
        tokens = subject.split(".")
        if len(tokens) != 4 or tokens[:2] != ["$O", self.name] or tokens[2] not in {"C", "M"}:
            return "", ""
        return tokens[2], tokens[3]

    def _say(self, message: Message, token: str) -> None:
        meta, wrong = None, ""
        try:
            meta = objects.parse(message.payload)
        except BadMetadata as error:
            wrong = str(error)
        there = self.entries.get(token)
        if there is not None and len(self.older) < KEPT:
            self.older.append(there)
        self.entries[token] = Entry(
            message.seq,
            message.time,
            token,
            _said(message.block, b"Nats-Rollup").lower(),
            _said(message.block, b"Nats-TTL"),
            meta,
            wrong,
        )
        chunks = self.chunks.get(meta.nuid) if meta else None
        if chunks is not None and meta is not None and chunks.size == meta.size:
            # Nothing is missing: the hash need not be kept.
            chunks.settle()


def message(stored: Mapping[str, Any]) -> Message:
    """A message as STREAM.MSG.GET gives it, `data` and `hdrs` decoded."""
    return Message(
        stored["seq"],
        nanoseconds(stored["time"]),
        stored["subject"].encode(),
        stored["hdrs"],
        stored["data"],
    )


def _said(block: bytes, name: bytes) -> str:
    """What a header block says under this name; nothing if it can't be read."""
    if not block:
        return ""
    try:
        values = headers.parse(block).values(name)
    except headers.MalformedHeader:
        return ""
    return values[0].decode(errors="replace") if values else ""
