"""A key-value bucket over the raw protocol: whoever has one writes to it what no client would."""

from __future__ import annotations

import json

from nats_conformance.audit.client import Client
from nats_conformance.audit.kv import audit
from nats_conformance.targets.pool import start
from nats_conformance.targets.url import parse
from nats_spec import kv

PURGE = {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}
DELETE = {"KV-Operation": "DEL"}
MARKER = {"Nats-Marker-Reason": "MaxAge", "Nats-Rollup": "sub"}


def serving(target):
    instance = start(target, "jetstream", patience=10)
    return instance, f"nats://{instance.address[0]}:{instance.address[1]}"


class Raw:
    """Writes to one bucket what no client would."""

    def __init__(self, nc, **options):
        self._nc = nc
        self.config = kv.config("B", **{"history": 5, "storage": "memory", **options})

    async def __aenter__(self):
        await self.ask("STREAM.CREATE.KV_B", self.config)
        return self

    async def __aexit__(self, *_):
        await self.ask("STREAM.DELETE.KV_B")

    async def ask(self, endpoint, body=None):
        reply = await self._nc.request(f"$JS.API.{endpoint}", json.dumps(body or {}).encode())
        answer = json.loads(reply.data)
        assert "error" not in answer, answer
        return answer

    async def put(self, key, value=b"", **headers):
        await self.raw(kv.subject("B", key), value, headers)

    async def raw(self, subject, value=b"", headers=None):
        reply = await self._nc.request(subject, value, headers=headers or None)
        assert "error" not in json.loads(reply.data), reply.data

    async def update(self, **changes):
        await self.ask("STREAM.UPDATE.KV_B", self.config | changes)


async def damaged(raw, steps):
    if steps is None:
        return
    for key in "aba":
        await raw.put(key, b"x")
    for step in steps:
        if isinstance(step, dict):
            await raw.update(**step)
            continue
        key, value, headers = step
        if key == "else":
            await raw.raw("else", value, headers)
        else:
            await raw.raw(kv.subject("B", key), value, headers)


def looked(url):
    with Client(parse(url), 10) as client:
        return audit(client, "B", lambda _done, _of: None)
