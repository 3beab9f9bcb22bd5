"""Names and keys of buckets, and what messages on keys mean."""

import pytest

from nats_spec import kv
from nats_spec.kv import Kind


@pytest.mark.parametrize("key", ["a", "A-Z_0=/", "a.b.c", "1", "=", "a/b.c"])
def test_keys(key):
    assert kv.valid_key(key)
    assert kv.valid_filter(key)


@pytest.mark.parametrize(
    "key", ["", ".", ".a", "a.", "a..b", "a b", "a$b", "\u00e9", "a\n", "a*", "*a"]
)
def test_no_keys(key):
    assert not kv.valid_key(key)
    assert not kv.valid_filter(key)


@pytest.mark.parametrize("text", ["*", ">", "a.*", "a.>", "*.b.>"])
def test_filters_are_no_keys(text):
    assert kv.valid_filter(text)
    assert not kv.valid_key(text)


@pytest.mark.parametrize(
    ("name", "valid"), [("B", True), ("a-b_1", True), ("", False), ("a.b", False), ("a b", False)]
)
def test_buckets(name, valid):
    assert kv.valid_bucket(name) is valid


def test_names_go_there_and_back():
    assert kv.bucket_of(kv.stream("B")) == "B"
    assert kv.bucket_of("OBJ_B") is None
    assert kv.key_of("B", kv.subject("B", "a.b")) == "a.b"
    assert kv.key_of("B", "$KV.C.a") is None


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, Kind.PUT),
        ({"KV-Operation": "DEL"}, Kind.DELETE),
        ({"KV-Operation": "PURGE"}, Kind.PURGE),
        ({"KV-Operation": "purge"}, None),
        ({"Nats-Marker-Reason": "MaxAge"}, Kind.PURGE),
        ({"Nats-Marker-Reason": "Purge"}, Kind.PURGE),
        ({"Nats-Marker-Reason": "Remove"}, Kind.DELETE),
        ({"Nats-Marker-Reason": "x"}, None),
        ({"KV-Operation": "DEL", "Nats-Marker-Reason": "MaxAge"}, Kind.DELETE),
    ],
)
def test_what_a_message_means(fields, kind):
    assert kv.kind(fields) is kind


def test_the_options_of_a_bucket():
    assert kv.config("B", history=0)["max_msgs_per_subject"] == 1
    assert kv.config("B", ttl=kv.SECOND)["duplicate_window"] == kv.SECOND
    assert kv.config("B", ttl=3600 * kv.SECOND)["duplicate_window"] == kv.MAX_WINDOW
    assert "allow_msg_ttl" not in kv.config("B")
    assert kv.config("B", markers=kv.SECOND)["allow_msg_ttl"] is True
