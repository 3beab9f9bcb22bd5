"""An object store over the raw protocol, message by message, so that any can be written wrong."""

from __future__ import annotations

import itertools
import json
from contextlib import contextmanager

from nats_conformance.audit.client import Client
from nats_conformance.audit.objects import audit
from nats_conformance.targets import resolve
from nats_conformance.targets.pool import start
from nats_conformance.targets.url import parse
from nats_spec import objects
from nats_spec.objects import Link, Metadata

CHUNK = 4
NUMBERS = itertools.count()


@contextmanager
def served(target):
    """A server with JetStream: its URL."""
    instance = start(resolve(target), "jetstream", patience=10)
    try:
        yield f"nats://{instance.address[0]}:{instance.address[1]}"
    finally:
        instance.stop()


class Store:
    """A bucket, made unless it is `there`."""

    def __init__(self, url, bucket=None, *, there=False, **config):
        self.client = Client(parse(url), 10)
        # nats-server may bring messages of a deleted stream back into one of the same name.
        self.bucket = bucket or f"B{next(NUMBERS)}"
        self.stream = objects.stream(self.bucket)
        if not there:
            self.request("STREAM.CREATE", objects.config(self.bucket) | config)

    def close(self):
        self.request("STREAM.DELETE")
        self.client.close()

    def request(self, endpoint, body=None):
        return self.client.request(f"{endpoint}.{self.stream}", body)

    def publish(self, subject, payload, rollup=False, block=b""):
        block = b"NATS/1.0\r\nNats-Rollup: sub\r\n\r\n" if rollup else block
        self.client._asked += 1
        token = b"%d" % self.client._asked
        words = b"%b %b.%b" % (subject.encode(), self.client._inbox, token)
        if block:
            line = b"HPUB %b %d %d" % (words, len(block), len(block) + len(payload))
        else:
            line = b"PUB %b %d" % (words, len(payload))
        self.client._send(line + b"\r\n" + block + payload + b"\r\n")
        ack = json.loads(self.client.reply(token).payload)
        assert "error" not in ack, ack
        return ack["seq"]

    def chunk(self, nuid, payload):
        return self.publish(objects.chunk_subject(self.bucket, nuid), payload)

    def say(self, meta, rollup=True, token=None):
        subject = f"$O.{self.bucket}.M.{token or objects.encoded(meta.name)}"
        return self.publish(subject, meta.encode(), rollup)

    def put(self, name, content, nuid=None, said=None, chunk=CHUNK, **metadata):
        nuid = nuid or f"n{self.client._asked}"
        parts = objects.chunks(content, chunk)
        for part in parts:
            self.chunk(nuid, part)
        known = {"size": len(content), "chunks": len(parts), "digest": objects.digest(content)}
        known |= (said or {}) | metadata
        meta = Metadata(name, self.bucket, nuid, max_chunk_size=chunk, **known)
        self.say(meta)
        return meta

    def delete(self, meta):
        self.say(Metadata(meta.name, self.bucket, meta.nuid, deleted=True))
        self.purge(meta.nuid)

    def purge(self, nuid):
        self.request("STREAM.PURGE", {"filter": objects.chunk_subject(self.bucket, nuid)})

    def remove(self, seq):
        self.request("STREAM.MSG.DELETE", {"seq": seq})

    def healthy(self):
        """Something of everything; the object `x` is four chunks, at 1 .. 4, its metadata at 5."""
        self.put("x", b"aaaabbbbccccd", "nx")
        self.put("Grüße?", b"hello", "ng")
        self.put("empty", b"")
        self.put("again", b"first", "n1")
        self.put("again", b"second", "n2")
        self.purge("n1")
        self.delete(self.put("gone", b"was here"))
        self.say(Metadata("link", self.bucket, "nl", link=Link(self.bucket, "x")))

    def audited(self, **options):
        """What an audit finds."""
        return audit(self.client, self.bucket, lambda _done, _of: None, **options)


def found(store, **options):
    """What an audit finds: invariant and object, remarks apart."""
    finding = store.audited(**options)
    return [(each.invariant, each.object) for each in finding.shown if not each.remark]
