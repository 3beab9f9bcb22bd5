"""An object store over the raw protocol, as chapter 140 says a client writes and reads one.

Each step can be taken alone, so that a case may stop halfway; `read` shows what
is there, in the words of the chapter. Leaves out links between clients of other
languages: those are tried in tests of their own.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from nats_spec import objects
from nats_spec.objects import BadMetadata, Link, Metadata

from . import object_log
from .expect import Mismatch
from .jetstream import checked

if TYPE_CHECKING:
    from .invariants.objects_log import Bucket
    from .jetstream import JetStream
    from .message import Message

#: Links that are followed.
_HOPS: Final = 8
#: There is no such message.
_NOT_FOUND: Final = 10037


class Missing(Mismatch):
    """There is no such object, or it is deleted (OBJ-INV-012)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no object {name!r}", "an object", "nothing, or a deleted one")


class Refused(Mismatch):
    """A client doesn't do that; says why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"a client refuses: {why}", "something that can be done", why)


class Corrupt(Mismatch):
    """What is there is not what its metadata says (OBJ-INV-010)."""

    def __init__(self, got: str) -> None:
        super().__init__("an object is corrupt", "what its metadata says", got)


def stored(reply: Message) -> int:
    """The sequence in an acknowledgement that is one."""
    ack = checked(reply, "pub_ack")
    if "error" in ack:
        raise Mismatch("a message was not stored", "an acknowledgement", json.dumps(ack["error"]))
    return int(ack["seq"])


class ObjectStore:
    """One bucket of the case's server."""

    def __init__(self, js: JetStream, bucket: str) -> None:
        """Speak of a bucket, whether it is there or not."""
        self.js = js
        self.bucket = bucket
        self.stream = objects.stream(bucket)

    @classmethod
    def create(cls, js: JetStream, bucket: str | None = None, **config: Any) -> ObjectStore:  # noqa: ANN401 - JSON
        """Make a bucket, in memory unless told otherwise; it goes with the case."""
        store = cls(js, bucket or js.name("b"))
        js.create(**objects.config(store.bucket, **{"storage": "memory"} | config))
        return store

    # ---- Writing ---------------------------------------------------------------

    def put(self, name: str, content: bytes, chunk: int | None = None, **said: Any) -> Metadata:  # noqa: ANN401
        """Write an object in the order of OBJ-INV-003 and OBJ-INV-008."""
        if not name:
            raise Refused("an object has a name")
        old = self.entry(name)
        meta = self.upload(name, content, chunk, **said)
        self.say(meta)
        if old is not None and old.nuid and old.nuid != meta.nuid:
            self.purge_chunks(old.nuid)
        return meta

    def upload(self, name: str, content: bytes, chunk: int | None = None, **said: Any) -> Metadata:  # noqa: ANN401
        """Write the chunks; what is to be said of them, which isn't said yet."""
        nuid = self.js.name("n")
        parts = objects.chunks(content, chunk or objects.CHUNK)
        subject = objects.chunk_subject(self.bucket, nuid)
        inboxes = [self.js.inbox() for _ in parts]
        for inbox, part in zip(inboxes, parts, strict=True):
            self.js.send(subject, part, reply=inbox)
        for inbox in inboxes:
            stored(self.js.on_subject(inbox))
        return Metadata(
            name,
            self.bucket,
            nuid,
            len(content),
            len(parts),
            objects.digest(content),
            max_chunk_size=chunk or objects.CHUNK,
            **said,
        )

    def say(self, meta: Metadata, **fields: str) -> int:
        """Write metadata in place of what was said before; its sequence."""
        subject = objects.metadata_subject(self.bucket, meta.name)
        headers = {**objects.ROLLUP, **{k.replace("_", "-"): v for k, v in fields.items()}}
        return int(self.js.publish(subject, meta.encode(), headers)["seq"])

    def purge_chunks(self, nuid: str) -> int:
        """Remove the chunks of one put; how many."""
        return self._purge(objects.chunk_subject(self.bucket, nuid))

    def delete(self, name: str) -> None:
        """Say that it is deleted, then remove its chunks (OBJ-INV-011)."""
        meta = self.info(name)
        self.say(Metadata(name, self.bucket, meta.nuid, deleted=True, link=meta.link))
        if meta.nuid:
            self.purge_chunks(meta.nuid)

    def link(self, name: str, target: Metadata) -> Metadata:
        """Have `name` lead to an object (OBJ-INV-017)."""
        if target.deleted or target.link is not None:
            raise Refused("a link leads to an object that is there")
        return self._link(name, Link(target.bucket, target.name))

    def link_bucket(self, name: str, bucket: str) -> Metadata:
        """Have `name` lead to a bucket."""
        return self._link(name, Link(bucket))

    def _link(self, name: str, link: Link) -> Metadata:
        there = self.entry(name)
        if there is not None and there.live:
            raise Refused("there is an object of that name")
        meta = Metadata(name, self.bucket, self.js.name("n"), link=link)
        self.say(meta)
        return meta

    def rename(self, name: str, new: str) -> Metadata:
        """Write the metadata under another name, then purge the old (OBJ-INV-014, OBJ-INV-015)."""
        meta, there = self.info(name), self.entry(new)
        if new != name and there is not None and not there.deleted:
            raise Refused("there is an object of that name")
        renamed = replace(meta, name=new)
        self.say(renamed)
        if new != name:
            self._purge(objects.metadata_subject(self.bucket, name))
        return renamed

    def seal(self) -> None:
        """Let nobody write any more (OBJ-INV-019)."""
        config = self.js.info(self.stream)["config"] | {"sealed": True}
        self.js.request(f"STREAM.UPDATE.{self.stream}", config)

    def _purge(self, subject: str) -> int:
        answer = self.js.request(f"STREAM.PURGE.{self.stream}", {"filter": subject})
        return int(answer["purged"])

    # ---- Reading ---------------------------------------------------------------

    def message(self, name: str) -> dict[str, Any] | None:
        """The newest metadata message of this name, as it is stored."""
        subject = objects.metadata_subject(self.bucket, name)
        answer = self.js.answer(f"STREAM.MSG.GET.{self.stream}", {"last_by_subj": subject})
        code = answer.get("error", {}).get("err_code")
        if code == _NOT_FOUND:
            return None
        if code is not None:
            raise Mismatch("the metadata can't be read", "a message", json.dumps(answer["error"]))
        return object_log.decoded(answer)

    def entry(self, name: str) -> Metadata | None:
        """What is said of this name, also if it is deleted."""
        message = self.message(name)
        if message is None:
            return None
        try:
            return objects.parse(message["data"])
        except BadMetadata as error:
            raise Mismatch("metadata can't be read", "metadata", str(error)) from error

    def info(self, name: str) -> Metadata:
        """What is said of an object that is there.

        Raises:
            Missing: there is none, or it is deleted.
        """
        meta = self.entry(name)
        if meta is None or meta.deleted:
            raise Missing(name)
        return meta

    def get(self, name: str, hops: int = 0) -> bytes:
        """The content, verified; a link to an object is followed.

        Raises:
            Missing: there is none, or it is deleted.
            Refused: it is a link to a bucket, or links go round.
            Corrupt: it is not what its metadata says.
        """
        meta = self.info(name)
        if meta.link is not None:
            if not meta.link.name:
                raise Refused("it is a link to a bucket")
            if hops == _HOPS:
                raise Refused("its links go round")
            return ObjectStore(self.js, meta.link.bucket).get(meta.link.name, hops + 1)
        parts = self.chunks(meta.nuid)
        if len(parts) != meta.chunks:
            raise Corrupt(f"{len(parts)} chunks are there, not {meta.chunks}")
        content = b"".join(parts)
        if len(content) != meta.size or objects.digest(content) != meta.digest:
            raise Corrupt(f"{len(content)} bytes, {objects.digest(content)}")
        return content

    def chunks(self, nuid: str) -> list[bytes]:
        """The chunks of one put by an ordered push consumer, up to the one that is the last."""
        inbox = self.js.inbox()
        sid = inbox.rpartition(".")[2] + "o"
        subject = objects.chunk_subject(self.bucket, nuid)
        config = {"filter_subject": subject, "deliver_subject": f"{inbox}.o"}
        # Nothing is delivered before somebody listens, so the number is of all.
        pending = self._consumer(**config)["num_pending"]
        self.js.connection.send(f"SUB {inbox}.o {sid}\r\n")
        parts: list[bytes] = []
        while len(parts) < pending:
            parts.append(self.js.next(sid).payload)
        self.js.connection.send(f"UNSUB {sid}\r\n")
        return parts

    def watch(self, **config: Any) -> tuple[str, int]:  # noqa: ANN401 - JSON
        """Hear metadata; the sid to hear it by, and how much of it is old (OBJ-INV-020)."""
        inbox = self.js.inbox()
        sid = inbox.rpartition(".")[2] + "w"
        made = self._consumer(
            **{
                "filter_subject": f"$O.{self.bucket}.M.>",
                "deliver_subject": f"{inbox}.w",
                "deliver_policy": "last_per_subject",
            }
            | config
        )
        self.js.connection.send(f"SUB {inbox}.w {sid}\r\n")
        self.js.barrier()
        return sid, int(made["num_pending"])

    def entries(self) -> list[Metadata]:
        """The newest metadata of each name, deleted ones too, oldest first."""
        sid, count = self.watch()
        found = [objects.parse(self.js.next(sid).payload) for _ in range(count)]
        self.js.connection.send(f"UNSUB {sid}\r\n")
        return found

    def names(self) -> list[str]:
        """What a listing shows (OBJ-INV-013)."""
        return [each.name for each in self.entries() if not each.deleted]

    def _consumer(self, **config: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        name = self.js.name("o")
        ordered = {"ack_policy": "none", "max_deliver": 1, "mem_storage": True, "num_replicas": 1}
        body = {"stream_name": self.stream, "config": {"name": name, **ordered, **config}}
        return self.js.request(f"CONSUMER.CREATE.{self.stream}.{name}", body)

    # ---- Judging ---------------------------------------------------------------

    def observed(self) -> Bucket:
        """The whole bucket, message by message."""
        return object_log.observed(self.js, self.bucket)

    def sound(self) -> None:
        """Every invariant holds; what is not over yet counts as over."""
        object_log.sound(self.js, self.bucket)
