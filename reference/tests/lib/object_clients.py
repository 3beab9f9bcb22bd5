"""Clients with object stores: nats-py, @nats-io/obj under Node, and the raw protocol."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import json
import threading

import nats
import node
import pytest
from nats.js.api import ObjectMeta, ObjectMetaOptions, StorageType
from nats.js.errors import ObjectNotFoundError
from raw_objects import Store
from streaming import SERVERS, running

from nats_conformance.audit.client import Refused
from nats_conformance.audit.reading import read
from nats_conformance.invariants.objects_log import Message
from nats_spec import objects

BUCKETS = (f"I{number}" for number in itertools.count())
KINDS = ("python", "javascript", "raw")


class Broken(io.RawIOBase):
    """A source that fails after its content."""

    def __init__(self, content):
        self._content = io.BytesIO(content)

    def readinto(self, buffer):
        if count := self._content.readinto(buffer):
            return count
        raise OSError("broken off")


class Python:
    """nats-py, from outside of its loop."""

    def __init__(self, url):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.client = self.do(nats.connect(url))
        self.js = self.client.jetstream(timeout=20)

    def do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self):
        self.do(self.client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def store(self, bucket):
        return self.do(self.js.object_store(bucket))

    def create(self, bucket):
        self.do(self.js.create_object_store(bucket, storage=StorageType.MEMORY))

    def put(self, bucket, name, content, chunk):
        meta = ObjectMeta(options=ObjectMetaOptions(max_chunk_size=chunk))
        self.do(self.store(bucket).put(name, content, meta))

    def broken(self, bucket, name, content, chunk):
        meta = ObjectMeta(options=ObjectMetaOptions(max_chunk_size=chunk))
        with pytest.raises(OSError, match="broken off"):
            self.do(self.store(bucket).put(name, Broken(content), meta))

    def get(self, bucket, name):
        try:
            return self.do(self.store(bucket).get(name)).data
        except ObjectNotFoundError:
            return None

    def delete(self, bucket, name):
        self.do(self.store(bucket).delete(name))

    def list(self, bucket):
        try:
            found = self.do(self.store(bucket).list(ignore_deletes=True))
        except nats.js.errors.NotFoundError:
            return []
        return sorted(each.name for each in found)


class ClientError(Exception):
    """The client refused."""


class JavaScript:
    """@nats-io/obj, by a script that is asked and answers, a line of JSON each."""

    def __init__(self, process):
        self._process = process

    def ask(self, **request):
        """What it answers; its `error` is raised."""
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._process.stderr.read()
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer["found"]

    def create(self, bucket):
        self.ask(op="create", bucket=bucket, storage="memory")

    def put(self, bucket, name, content, chunk):
        content = base64.b64encode(content).decode()
        self.ask(op="put", bucket=bucket, name=name, content=content, chunk=chunk)

    def broken(self, bucket, name, content, chunk):
        content = base64.b64encode(content).decode()
        assert self.ask(op="broken", bucket=bucket, name=name, content=content, chunk=chunk) is None

    def get(self, bucket, name):
        found = self.ask(op="get", bucket=bucket, name=name)
        return None if found is None else base64.b64decode(found)

    def delete(self, bucket, name):
        assert self.ask(op="delete", bucket=bucket, name=name)

    def list(self, bucket):
        return self.ask(op="list", bucket=bucket)


class Raw:
    """Chapter 140 to the letter."""

    def __init__(self, url):
        self._url = url
        self._stores = {}

    def store(self, bucket, *, there=True):
        if bucket not in self._stores:
            self._stores[bucket] = Store(self._url, bucket, there=there, storage="memory")
        return self._stores[bucket]

    def close(self):
        for store in self._stores.values():
            store.client.close()

    def create(self, bucket):
        self.store(bucket, there=False)

    def entry(self, bucket, name):
        subject = objects.metadata_subject(bucket, name)
        try:
            found = self.store(bucket).request("STREAM.MSG.GET", {"last_by_subj": subject})
        except Refused:
            return None
        return objects.parse(base64.b64decode(found["message"]["data"]))

    def put(self, bucket, name, content, chunk):
        old, store = self.entry(bucket, name), self.store(bucket)
        store.put(name, content, f"raw{next(BUCKETS)}", chunk=chunk)
        if old:
            store.purge(old.nuid)

    def broken(self, bucket, name, content, chunk):  # noqa: ARG002 - it has no name yet
        store, nuid = self.store(bucket), f"raw{next(BUCKETS)}"
        for part in objects.chunks(content, chunk):
            store.chunk(nuid, part)
        store.purge(nuid)

    def get(self, bucket, name):
        meta = self.entry(bucket, name)
        if meta is None or meta.deleted:
            return None
        subject = objects.chunk_subject(bucket, meta.nuid).encode()
        content = b"".join(m.payload for m in self._log(bucket) if m.subject == subject)
        assert (len(content), objects.digest(content)) == (meta.size, meta.digest)
        return content

    def delete(self, bucket, name):
        self.store(bucket).delete(self.entry(bucket, name))

    def list(self, bucket):
        said = [objects.parse(m.payload) for m in self._log(bucket) if b".M." in m.subject]
        return sorted(meta.name for meta in said if not meta.deleted)

    def _log(self, bucket):
        store = self.store(bucket)
        info = store.request("STREAM.INFO")
        return list(
            read(store.client, info["config"], 1, info["state"]["last_seq"], Message)
            if info["state"]["messages"]
            else ()
        )


@pytest.fixture(scope="module", params=SERVERS)
def clients(request, tmp_path_factory):
    """One of each, on one server."""
    folder = tmp_path_factory.mktemp("streams")
    with (
        running(request.param, folder) as url,
        node.running(node.installed(), "objects.mjs", url) as process,
    ):
        found = {"python": Python(url), "javascript": JavaScript(process), "raw": Raw(url)}
        yield found
        for name in ("python", "raw"):
            found[name].close()
