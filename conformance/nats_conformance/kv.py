"""A client of one key-value bucket, on the wire: what the layer's operations say and hear.

The conventions are `nats_spec.kv`. Cases use it, and whoever needs a bucket; it checks
nothing that a case would want to see go wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nats_spec import kv
from nats_spec.kv import Kind

from .consuming import create, delivered

if TYPE_CHECKING:
    from .jetstream import JetStream
    from .message import Body, Message


@dataclass(frozen=True, slots=True)
class Entry:
    """What a message on a key says."""

    key: str
    revision: int
    kind: Kind | None
    value: bytes


class Bucket:
    """A bucket that a case has made, over one connection."""

    def __init__(self, js: JetStream, name: str) -> None:
        self.js = js
        self.name = name
        self.stream = kv.stream(name)

    def over(self, js: JetStream) -> Bucket:
        """The same bucket over another connection."""
        return Bucket(js, self.name)

    def subject(self, key: str) -> str:
        """The subject of a key."""
        return kv.subject(self.name, key)

    # ---- Writing ---------------------------------------------------------------

    def put(self, key: str, value: Body = "") -> int:
        """Its revision."""
        return int(self.js.publish(self.subject(key), value)["seq"])

    def write(
        self, key: str, value: Body = "", *, last: int | None = None, **fields: str
    ) -> dict[str, Any]:
        """Publish with these fields, `_` for `-`; what is answered, an error or not."""
        return self.js.acknowledgement(self.subject(key), value, headers(last, **fields))

    def update(self, key: str, value: Body, last: int) -> int:
        """Put if `last` is the newest revision; the new one, 0 if it isn't."""
        return int(self.write(key, value, last=last)["seq"])

    def delete(self, key: str, last: int | None = None) -> int:
        """The revision of the marker, 0 if it is refused."""
        return int(self.write(key, last=last, KV_Operation="DEL")["seq"])

    def purge(self, key: str, last: int | None = None, **fields: str) -> int:
        """The revision of the marker, 0 if it is refused."""
        purged = {"KV_Operation": "PURGE", "Nats_Rollup": "sub"}
        return int(self.write(key, last=last, **purged, **fields)["seq"])

    # ---- Reading ---------------------------------------------------------------

    def newest(self, key: str, *, direct: bool = True) -> Entry | None:
        """The newest entry of a key, a marker or not."""
        if direct:
            return self.told(self.js.direct(self.stream, subject=self.subject(key)))
        answer = self.js.answer(
            f"STREAM.MSG.GET.{self.stream}", {"last_by_subj": self.subject(key)}
        )
        return None if "error" in answer else self.at(answer["message"]["seq"])

    def at(self, revision: int) -> Entry | None:
        """The entry with this revision, whatever its key."""
        return self.told(self.js.direct(self.stream, {"seq": revision}))

    def get(self, key: str, revision: int = 0) -> bytes | None:
        """The value of a key, or that with this revision; None if there is none."""
        entry = self.at(revision) if revision else self.newest(key)
        found = entry is not None and entry.key == key and entry.kind is Kind.PUT
        return entry.value if entry and found else None

    def told(self, message: Message) -> Entry | None:
        """What the answer to a direct get says."""
        if message.status is not None:
            return None
        revision = int(message.header("Nats-Sequence") or 0)
        return self.entry(message, message.header("Nats-Subject") or "", revision)

    def entry(self, message: Message, subject: str, revision: int) -> Entry:
        """What a message on a key says."""
        key = kv.key_of(self.name, subject) or ""
        return Entry(key, revision, kv.kind(dict(message.fields)), message.payload)

    # ---- Watching --------------------------------------------------------------

    def watch(self, *keys: str, deliver: str = "last_per_subject", **config: Any) -> Watch:  # noqa: ANN401 - JSON
        """Hear of these keys, all by default."""
        return Watch(self, keys or (">",), deliver, config)

    def history(self, key: str) -> list[Entry]:
        """All that is kept of a key."""
        return self.watch(key, deliver="all").initial()

    def keys(self, *filters: str) -> list[str]:
        """The keys that have a value, in the order of their revisions."""
        found = self.watch(*filters, headers_only=True).initial()
        return [each.key for each in found if each.kind is Kind.PUT]


class Watch:
    """What is told of some keys: a push consumer, and where the initial entries end."""

    def __init__(
        self, bucket: Bucket, keys: tuple[str, ...], deliver: str, config: dict[str, Any]
    ) -> None:
        js = bucket.js
        self._bucket = bucket
        inbox = js.inbox()
        self.sid = inbox.rpartition(".")[2]
        js.subscribe(inbox + ".w", self.sid)
        subjects = [bucket.subject(key) for key in keys]
        chosen = (
            {"filter_subject": subjects[0]} if len(keys) == 1 else {"filter_subjects": subjects}
        )
        self.consumer = create(
            js,
            bucket.stream,
            durable_name=None,
            ack_policy="none",
            mem_storage=True,
            deliver_subject=inbox + ".w",
            deliver_policy=deliver,
            **chosen,
            **config,
        )
        #: Entries that were there when the watch began.
        self.pending: int = self.consumer.made["num_pending"]
        delivered_first: int = self.consumer.made["delivered"]["consumer_seq"]
        self.pending += delivered_first

    def next(self) -> tuple[Entry, int]:
        """The next entry, and how many of the initial ones follow."""
        message = self._bucket.js.next(self.sid)
        token = delivered(message).token
        entry = self._bucket.entry(message, message.subject, token.stream_seq)
        return entry, token.pending

    def initial(self) -> list[Entry]:
        """The initial entries; the last of them says that none follows."""
        found = []
        left = self.pending
        while left:
            entry, left = self.next()
            found.append(entry)
        return found

    def entries(self, count: int) -> list[Entry]:
        """The next so many."""
        return [self.next()[0] for _ in range(count)]

    def stop(self) -> None:
        """Hear no more."""
        self._bucket.js.connection.send(f"UNSUB {self.sid}\r\n")
        self.consumer.delete()


def headers(last: int | None, **fields: str) -> dict[str, str]:
    """Header fields, `_` for `-`, and what is expected."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return named if last is None else named | {kv.EXPECTED: str(last)}


def make(js: JetStream, **options: Any) -> Bucket:  # noqa: ANN401 - JSON
    """A new bucket, in memory unless told otherwise; it goes with the case."""
    name = js.name("B")
    js.created(**kv.config(name, **({"storage": "memory"} | options)))
    return Bucket(js, name)
