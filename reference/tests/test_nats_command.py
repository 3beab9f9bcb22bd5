"""Buckets of the `nats` command line, which is written in Go: read by an audit."""

from __future__ import annotations

import subprocess
import sys

import natscli
import pytest
from raw_objects import Store
from streaming import SERVERS, running

pytestmark = natscli.NEEDED


@pytest.fixture(scope="module", params=SERVERS)
def url(request, tmp_path_factory):
    with running(request.param, tmp_path_factory.mktemp("streams")) as url:
        yield url


def test_its_object_stores_are_sound(url, tmp_path):
    nats = natscli.Nats(url)
    content, got = tmp_path / "content", tmp_path / "got"

    def put(name, payload):
        content.write_bytes(payload)
        nats("object", "put", "FILES", str(content), "--name", name, "--force", "--no-progress")

    nats("object", "add", "FILES", "--storage", "memory")
    for name, payload in (("a", b"x" * 300_000), ("b/Grüße", b"hello"), ("empty", b"")):
        put(name, payload)
    put("a", b"another")
    nats("object", "del", "FILES", "empty", "--force")
    nats("object", "get", "FILES", "b/Grüße", "--output", str(got), "--force", "--no-progress")
    assert got.read_bytes() == b"hello"
    store = Store(url, "FILES", there=True)
    assert store.audited(settled=True).shown == []
    nats("object", "seal", "FILES", "--force")
    finding = store.audited(settled=True)
    assert (finding.shown, finding.config["sealed"]) == ([], True)
    store.client.close()


@pytest.mark.parametrize(
    "options", [["--history", "3"], ["--marker-ttl", "1h"], ["--compress", "--storage", "file"]]
)
def test_its_key_value_buckets_are_sound(url, options):
    nats = natscli.Nats(url)
    bucket = options[0].strip("-")
    nats("kv", "add", bucket, *options)
    for value in ("1", "2", "3", "4"):
        nats("kv", "put", bucket, "a", value)
    nats("kv", "put", bucket, "b.c", stdin=b"from stdin")
    nats("kv", "create", bucket, "only-once", "x")
    revision = nats("kv", "get", bucket, "only-once").split(b"revision: ")[1].split()[0].decode()
    nats("kv", "update", bucket, "only-once", "y", revision)
    assert nats("kv", "get", bucket, "only-once", "--raw").strip() == b"y"
    nats("kv", "del", bucket, "a", "--force")
    nats("kv", "purge", bucket, "b.c", "--force")
    nats("kv", "create", bucket, "a", "again")
    audit = [sys.executable, "-m", "nats_conformance", "audit", "kv", bucket, "--server", url]
    done = subprocess.run(audit, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    nats("kv", "del", bucket, "--force")
