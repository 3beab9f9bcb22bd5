"""One bucket, written by nats-py, by `@nats-io/kv` and by raw messages, each read by the others.

What is done is drawn from fixed seeds and compared with the model; in the end `audit kv` finds
nothing wrong with what they left.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys

import nats
import node
import pytest
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError, NoKeysError
from streaming import SERVERS, running

from nats_spec import kv
from nats_spec.kv import Kind
from nats_spec.model import kv as model

pytestmark = node.NEEDED
KEYS = ("a", "b.x", "b.y", "c/=_-1")
WRONG_LAST = 10071


@pytest.fixture(scope="module")
def modules():
    return node.installed()


@pytest.fixture(scope="module", params=SERVERS)
def url(request, tmp_path_factory):
    with running(request.param, tmp_path_factory.mktemp("streams")) as url:
        yield url


class Raw:
    """Plain requests, as chapter 130 has them."""

    def __init__(self, nc, bucket):
        self._nc, self._bucket = nc, bucket

    async def _publish(self, key, value=b"", **fields):
        named = {name.replace("_", "-"): str(each) for name, each in fields.items()}
        reply = await self._nc.request(kv.subject(self._bucket, key), value, headers=named or None)
        ack = json.loads(reply.data)
        assert ack.get("error", {}).get("err_code") in {None, WRONG_LAST}
        return ack["seq"]

    async def put(self, key, value):
        return await self._publish(key, value)

    async def create(self, key, value):
        last = 0
        entry = await self._newest(key)
        if entry is not None and kv.kind(entry.headers).ends:
            last = int(entry.headers["Nats-Sequence"])
        return await self.update(key, value, last)

    async def update(self, key, value, last):
        return await self._publish(key, value, Nats_Expected_Last_Subject_Sequence=last)

    async def delete(self, key):
        return await self._publish(key, KV_Operation="DEL")

    async def purge(self, key):
        return await self._publish(key, KV_Operation="PURGE", Nats_Rollup="sub")

    async def _newest(self, key):
        stream = kv.stream(self._bucket)
        subject = f"$JS.API.DIRECT.GET.{stream}.{kv.subject(self._bucket, key)}"
        reply = await self._nc.request(subject)
        return reply if "Nats-Sequence" in (reply.headers or {}) else None

    async def get(self, key):
        entry = await self._newest(key)
        if entry is None or kv.kind(entry.headers).ends:
            return None
        return int(entry.headers["Nats-Sequence"]), entry.data

    async def keys(self):
        reply = await self._nc.request(
            f"$JS.API.STREAM.INFO.{kv.stream(self._bucket)}", b'{"subjects_filter":">"}'
        )
        subjects = json.loads(reply.data)["state"].get("subjects") or {}
        names = [kv.key_of(self._bucket, subject) for subject in subjects]
        return [name for name in names if await self.get(name) is not None]


class Python:
    """nats-py."""

    def __init__(self, store):
        self._store = store

    async def put(self, key, value):
        return await self._store.put(key, value)

    async def create(self, key, value):
        return await self.update(key, value, None)

    async def update(self, key, value, last):
        try:
            if last is None:
                return await self._store.create(key, value)
            return await self._store.update(key, value, last=last)
        except KeyWrongLastSequenceError:
            return 0

    async def delete(self, key):
        await self._store.delete(key)

    async def purge(self, key):
        await self._store.purge(key)

    async def get(self, key):
        try:
            entry = await self._store.get(key)
        except KeyNotFoundError:
            return None
        # It gives None for an empty value (KV-INV-010).
        return entry.revision, entry.value or b""

    async def keys(self):
        try:
            return await self._store.keys()
        except NoKeysError:
            return []


class JavaScript:
    """`@nats-io/kv`, in another process."""

    def __init__(self, process, bucket):
        self._process, self._bucket = process, bucket

    async def ask(self, op, **rest):
        line = json.dumps({"op": op, "bucket": self._bucket, **rest})
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return json.loads(await asyncio.to_thread(self._process.stdout.readline))

    async def _revision(self, op, **rest):
        answer = await self.ask(op, **rest)
        if "error" in answer:
            assert answer["error"] == WRONG_LAST, answer
            return 0
        return answer.get("result")

    async def put(self, key, value):
        return await self._revision("put", key=key, value=value.decode())

    async def create(self, key, value):
        return await self._revision("create", key=key, value=value.decode())

    async def update(self, key, value, last):
        if not last:
            # It has create for that.
            return await self.create(key, value)
        return await self._revision("update", key=key, value=value.decode(), last=last)

    async def delete(self, key):
        await self._revision("delete", key=key)

    async def purge(self, key):
        await self._revision("purge", key=key)

    async def get(self, key):
        entry = (await self.ask("get", key=key))["result"]
        if entry is None or entry["kind"] != "PUT":
            return None
        return entry["revision"], entry["value"].encode()

    async def keys(self):
        return (await self.ask("keys"))["result"]


async def write(clients, draw, bucket, number):
    """A random write by a random client; the bucket as it is then by the model."""
    who = draw.choice(clients)
    key, value = draw.choice(KEYS), draw.choice((b"", b"v%d" % number))
    newest = model.newest(bucket, key)
    op = draw.choice(("put", "create", "update", "delete", "purge"))
    told = None
    if op == "put":
        told, kind, expected = await who.put(key, value), Kind.PUT, None
    elif op == "create":
        told, kind = await who.create(key, value), Kind.PUT
        expected = newest.revision if newest and newest.kind.ends else 0
    elif op == "update":
        expected = max(model.revision(bucket, key) - draw.choice((0, 0, 1)), 1)
        told, kind = await who.update(key, value, expected), Kind.PUT
    else:
        await getattr(who, op)(key)
        kind, value, expected = Kind.DELETE if op == "delete" else Kind.PURGE, b"", None
    bucket, revision = model.write(bucket, key, kind, value, expected)
    assert told in (None, revision), (type(who).__name__, op, key, told, revision)
    return bucket, key


def audit(name, url):
    words = [sys.executable, "-m", "nats_conformance", "audit", "kv", name, "--server", url]
    done = subprocess.run([*words, "--strict"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("maker", ["nats-py", "@nats-io/kv"])
async def test_each_reads_what_the_others_write(url, modules, seed, maker):
    draw = random.Random(seed)
    name, history = f"B{seed}{maker[0].strip('@')}{maker[-1]}", draw.choice((1, 3, 10))
    with node.running(modules, "kv.mjs", url) as process:
        nc = await nats.connect(url)
        js = nc.jetstream()
        javascript = JavaScript(process, name)
        if maker == "nats-py":
            store = await js.create_key_value(bucket=name, history=history, direct=True)
            await javascript.ask("open")
        else:
            answer = await javascript.ask("make", options={"history": history})
            assert "error" not in answer, answer
            store = await js.key_value(name)
        clients = [Raw(nc, name), Python(store), javascript]
        bucket = model.Bucket(history)
        for number in range(120):
            bucket, key = await write(clients, draw, bucket, number)
            entry = model.newest(bucket, key)
            expected = (entry.revision, entry.value) if entry and not entry.kind.ends else None
            reader = draw.choice(clients)
            assert await reader.get(key) == expected, type(reader).__name__
            if number % 40 == 39:
                for each in clients:
                    assert sorted(await each.keys()) == sorted(model.living(bucket))
        for key, entries in bucket.keys.items():
            told = (await javascript.ask("history", key=key))["result"]
            assert [each["revision"] for each in told] == [each.revision for each in entries]
            assert [each["kind"] for each in told] == [each.kind.value for each in entries]
            told = await store.history(key)
            assert [each.revision for each in told] == [each.revision for each in entries]
            assert [each.operation or "PUT" for each in told] == [
                each.kind.value for each in entries
            ]
        assert (await store.status()).values == len(model.entries(bucket))
        audit(name, url)
        await js.delete_key_value(name)
        await nc.close()


async def test_each_watches_what_the_other_writes(url, modules):
    with node.running(modules, "kv.mjs", url) as process:
        nc = await nats.connect(url)
        js = nc.jetstream()
        javascript = JavaScript(process, "WATCHED")
        await javascript.ask("make", options={"history": 5})
        store = await js.key_value("WATCHED")
        await store.put("a", b"1")
        await javascript.ask("watch")
        watcher = await store.watchall()
        assert ((await watcher.updates()).value, await watcher.updates()) == (b"1", None)
        await javascript.put("a", b"2")
        await store.delete("a")
        await javascript.purge("a")
        told = (await javascript.ask("watched", count=4))["result"]
        assert [each["kind"] for each in told] == ["PUT", "PUT", "DEL", "PURGE"]
        told = [await watcher.updates() for _ in range(3)]
        assert [each.operation for each in told] == [None, "DEL", "PURGE"]
        await watcher.stop()
        await js.delete_key_value("WATCHED")
        await nc.close()


async def test_a_key_that_expires_is_told_to_both(url, modules):
    with node.running(modules, "kv.mjs", url) as process:
        nc = await nats.connect(url)
        js = nc.jetstream()
        javascript = JavaScript(process, "BRIEF")
        await javascript.ask("make", options={"markerTTL": 60_000})
        store = await js.key_value("BRIEF")
        watcher = await store.watchall()
        assert await watcher.updates() is None
        await javascript.ask("create", key="a", value="1", ttl="1s")
        assert (await watcher.updates()).value == b"1"
        assert (await watcher.updates()).operation == "PURGE"
        entry = (await javascript.ask("get", key="a"))["result"]
        assert (entry["kind"], entry["revision"]) == ("PURGE", 2)
        assert await javascript.create("a", b"2") == 3
        audit("BRIEF", url)
        await watcher.stop()
        await js.delete_key_value("BRIEF")
        await nc.close()
