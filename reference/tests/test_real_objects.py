"""Object stores of nats-py, of @nats-io/obj under Node and of the raw protocol, in one bucket.

What one writes the others read, whatever happened before; and an audit finds nothing wrong. Where
the clients disagree, tests at the end say so.
"""

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
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from nats.js.api import ObjectMeta, ObjectMetaOptions, StorageType
from nats.js.errors import BadObjectMetaError, ObjectAlreadyExists, ObjectNotFoundError
from raw_objects import Store
from streaming import SERVERS, running

from nats_conformance.audit.client import Refused
from nats_conformance.audit.reading import read
from nats_conformance.invariants.objects_log import Message
from nats_spec import objects

pytestmark = node.NEEDED

NAMES = ("a", "b/c d", "~~~???")
SIZES = (0, 1, 2, 3, 5, 6, 7, 12, 13)
BUCKETS = (f"I{number}" for number in itertools.count())


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


KINDS = ("python", "javascript", "raw")


@pytest.mark.parametrize("maker", KINDS)
def test_what_one_writes_the_others_read(clients, maker):
    bucket = next(BUCKETS)
    clients[maker].create(bucket)
    held = {}
    for number, (writer, name) in enumerate(itertools.product(KINDS, NAMES)):
        content = bytes(range(number + 1)) * number
        clients[writer].put(bucket, name, content, number % 4 + 1)
        held[name] = content
        for reader in KINDS:
            assert clients[reader].get(bucket, name) == content, (writer, reader)
            assert clients[reader].list(bucket) == sorted(held)
    for deleter, name in zip(KINDS, NAMES, strict=True):
        clients[deleter].broken(bucket, name, b"never", 2)
        assert clients[deleter].get(bucket, name) == held[name]
        clients[deleter].delete(bucket, name)
        assert [clients[reader].get(bucket, name) for reader in KINDS] == [None] * 3
    finding = clients["raw"].store(bucket).audited(settled=True)
    assert finding.shown == []


def test_large_objects_come_through(clients):
    bucket = next(BUCKETS)
    clients["python"].create(bucket)
    content = bytes(range(256)) * 2000
    for writer in KINDS:
        clients[writer].put(bucket, "large", content, objects.CHUNK)
        assert all(clients[reader].get(bucket, "large") == content for reader in KINDS)
    assert clients["raw"].store(bucket).audited(settled=True).shown == []


def test_whatever_is_done_by_whom(clients):
    class Together(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.bucket = next(BUCKETS)
            self.held = {}
            self.written = 0

        def content(self, size):
            self.written += 1
            return (b"%d." % self.written).ljust(size, b"-")[:size]

        @initialize(maker=st.sampled_from(KINDS))
        def create(self, maker):
            clients[maker].create(self.bucket)

        @rule(
            writer=st.sampled_from(KINDS),
            name=st.sampled_from(NAMES),
            size=st.sampled_from(SIZES),
            chunk=st.integers(1, 6),
        )
        def put(self, writer, name, size, chunk):
            self.held[name] = self.content(size)
            clients[writer].put(self.bucket, name, self.held[name], chunk)
            self.look(name)

        @rule(
            writer=st.sampled_from(KINDS),
            name=st.sampled_from(NAMES),
            size=st.sampled_from(SIZES),
            chunk=st.integers(1, 6),
        )
        def broken(self, writer, name, size, chunk):
            clients[writer].broken(self.bucket, name, self.content(size), chunk)
            self.look(name)

        @rule(writer=st.sampled_from(KINDS), name=st.sampled_from(NAMES))
        def delete(self, writer, name):
            if name in self.held:
                del self.held[name]
                clients[writer].delete(self.bucket, name)
                self.look(name)

        def look(self, name):
            wanted = self.held.get(name)
            found = {reader: clients[reader].get(self.bucket, name) for reader in KINDS}
            assert found == dict.fromkeys(KINDS, wanted)

        def teardown(self):
            store = clients["raw"].store(self.bucket)
            finding = store.audited(settled=True)
            lists = [clients[reader].list(self.bucket) for reader in KINDS]
            store.request("STREAM.DELETE")
            assert finding.shown == []
            assert lists == [sorted(self.held)] * 3

    run_state_machine_as_test(
        Together, settings=settings(max_examples=15, stateful_step_count=8, deadline=None)
    )


# ---- Where clients disagree ----------------------------------------------------------


def test_javascript_renames_without_replacing(clients):
    bucket, script = next(BUCKETS), clients["javascript"]
    clients["python"].create(bucket)
    clients["python"].put(bucket, "a", b"content", 3)
    assert script.ask(op="rename", bucket=bucket, name="a", to="b")
    assert [clients[reader].get(bucket, "b") for reader in KINDS] == [b"content"] * 3
    finding = clients["raw"].store(bucket).audited(settled=True)
    assert not finding.violations
    assert {each.invariant for each in finding.shown} == {"metadata_asks_to_replace"}


def test_links_of_javascript_are_bad_metadata_to_python(clients):
    bucket, script = next(BUCKETS), clients["javascript"]
    clients["python"].create(bucket)
    clients["python"].put(bucket, "a", b"content", 3)
    assert script.ask(op="link", bucket=bucket, name="l", to="a")
    assert script.get(bucket, "l") == b"content"
    with pytest.raises((BadObjectMetaError, TypeError)):
        clients["python"].get(bucket, "l")
    with pytest.raises(ClientError, match="src object is a link"):
        assert script.ask(op="link", bucket=bucket, name="m", to="l")
    assert not clients["raw"].store(bucket).audited(settled=True).violations


def test_javascript_encodes_names_in_latin_1(clients):
    bucket, script = next(BUCKETS), clients["javascript"]
    clients["python"].create(bucket)
    clients["python"].put(bucket, "Grüße", b"utf-8", 3)
    assert script.get(bucket, "Grüße") is None
    script.put(bucket, "Maße", b"latin-1", 3)
    assert script.get(bucket, "Maße") == b"latin-1"
    assert clients["python"].get(bucket, "Maße") is None
    with pytest.raises(ClientError, match="Invalid character"):
        script.put(bucket, "日本語", b"neither", 3)
    (wrong,) = clients["raw"].store(bucket).audited(settled=True).shown
    assert (wrong.invariant, wrong.object) == ("metadata_is_where_its_name_says", "Maße")
    assert "is Latin-1 in base64url, not UTF-8" in wrong.text


def test_python_cannot_rename(clients):
    bucket, python = next(BUCKETS), clients["python"]
    python.create(bucket)
    python.put(bucket, "a", b"content", 3)
    with pytest.raises(ObjectAlreadyExists):
        python.do(python.store(bucket).update_meta("a", ObjectMeta(name="b")))
    assert python.get(bucket, "a") == b"content"


@pytest.mark.parametrize("sealer", ["python", "javascript"])
def test_what_is_sealed_stays(clients, sealer):
    bucket = next(BUCKETS)
    clients["raw"].create(bucket)
    clients["raw"].put(bucket, "a", b"content", 3)
    if sealer == "python":
        clients["python"].do(clients["python"].store(bucket).seal())
    else:
        assert clients["javascript"].ask(op="seal", bucket=bucket)
    with pytest.raises(nats.js.errors.APIError, match="10109"):
        clients["python"].put(bucket, "a", b"more", 3)
    with pytest.raises(ClientError, match="sealed"):
        clients["javascript"].put(bucket, "a", b"more", 3)
    assert [clients[reader].get(bucket, "a") for reader in KINDS] == [b"content"] * 3
    assert clients["raw"].store(bucket).audited(settled=True).shown == []
