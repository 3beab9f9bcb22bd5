"""Where object stores of nats-py and of @nats-io/obj disagree, and what an audit says of it."""

from __future__ import annotations

import node
import object_clients
import pytest
from nats.js.api import ObjectMeta
from nats.js.errors import BadObjectMetaError, ObjectAlreadyExists
from object_clients import BUCKETS, KINDS, ClientError

pytestmark = node.NEEDED
clients = object_clients.clients


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
