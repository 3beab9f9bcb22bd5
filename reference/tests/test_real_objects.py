"""Object stores of nats-py, of @nats-io/obj under Node and of the raw protocol, in one bucket.

What one writes the others read, whatever happened before; and an audit finds nothing wrong.
"""

from __future__ import annotations

import itertools

import nats
import node
import object_clients
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from object_clients import BUCKETS, KINDS, ClientError

from nats_spec import objects

pytestmark = node.NEEDED
clients = object_clients.clients

NAMES = ("a", "b/c d", "~~~???")
SIZES = (0, 1, 2, 3, 5, 6, 7, 12, 13)


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
