"""Keys: put, get, delete, purge, and what becomes of the stream (chapter 130)."""

from __future__ import annotations

import functools
import operator

from nats_conformance import kv as client
from nats_conformance import polling
from nats_conformance.cases import Nats, case
from nats_conformance.kv import Entry
from nats_spec import kv
from nats_spec.kv import Kind

SECOND = kv.SECOND

#: Keys that clients let pass.
KEYS = ("k", "key", "K.e.y", "a-b_c", "a/b=c", "=", "-", "/", "_", "1.2.3", "a.b=.c", "x" * 200)
#: What only servers take.
MORE = (
    "a$b",
    "a\u00e9",
    "\u043a\u043b\u044e\u0447",
    "a~b",
    "a:b",
    "a\\b",
    "a@b",
    "$KV",
    "a{b}",
    "a*b",
    "a>b",
)
VALUES = (b"x", b"", b"\0\xff\r\n", b'{"a":1}', b"NATS/1.0\r\n\r\n", b"x" * 100_000)


def put(key: str, revision: int, value: bytes = b"") -> Entry:
    """The entry of a put."""
    return Entry(key, revision, Kind.PUT, value)


@case("KV-INV-006", config="jetstream", deliveries=False)
def test_what_keys_are_made_of(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js)
    for number, key in enumerate(KEYS, 1):
        assert kv.valid_key(key)
        assert bucket.put(key, f"v{number}") == number
    for number, key in enumerate(KEYS, 1):
        assert bucket.get(key) == f"v{number}".encode()
    assert bucket.keys() == list(KEYS)


@case("KV-INV-032", config="jetstream", deliveries=False)
def test_what_a_server_takes_for_a_key(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js)
    for number, key in enumerate(MORE, 1):
        assert not kv.valid_key(key)
        assert bucket.put(key, f"v{number}") == number
        assert bucket.get(key) == f"v{number}".encode()
    for key in ("a..b", ".a", "a."):
        assert not kv.valid_key(key)
        js.connection.send(f"PUB {bucket.subject(key)} 1\r\nx\r\n")
    assert js.state(bucket.stream)["last_seq"] == len(MORE)


@case("KV-INV-007", "KV-INV-010", config="jetstream", deliveries=False)
def test_a_value_is_what_was_put(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        bucket = client.make(js, history=10, storage=storage)
        for number, value in enumerate(VALUES, 1):
            ack = js.publish(bucket.subject("key"), value)
            assert ack == {"stream": bucket.stream, "seq": number}
            assert bucket.newest("key") == put("key", number, value)
            assert bucket.newest("key", direct=False) == put("key", number, value)
        assert [each.value for each in bucket.history("key")] == list(VALUES)


@case("KV-INV-008", config="jetstream", deliveries=False)
def test_revisions_count_the_bucket(nats: Nats) -> None:
    js = nats.jetstream()
    bucket, other = client.make(js, history=3), client.make(js)
    revisions = []
    for key in "abcabc":
        revisions.append(bucket.put(key, "x"))
        other.put(key, "x")
    revisions.append(bucket.delete("a"))
    revisions.append(bucket.purge("b"))
    assert bucket.write("c", "x", last=1)["seq"] == 0
    js.request(f"STREAM.PURGE.{bucket.stream}", {"filter": bucket.subject("c")})
    revisions.append(bucket.put("c", "x"))
    assert revisions == [*range(1, 10)]


@case("KV-INV-009", config="jetstream", deliveries=False)
def test_the_newest_counts(nats: Nats) -> None:
    js = nats.jetstream()
    for history in (1, 5):
        bucket = client.make(js, history=history)
        assert bucket.get("a") is None
        for value in ("1", "2", "3"):
            bucket.put("a", value)
            bucket.put("b", f"b{value}")
        assert (bucket.get("a"), bucket.get("b")) == (b"3", b"b3")
        bucket.delete("a")
        newest = bucket.newest("a")
        assert newest == Entry("a", 7, Kind.DELETE, b"")
        assert bucket.newest("a", direct=False) == newest
        assert bucket.get("a") is None
        bucket.put("a", "4")
        assert bucket.get("a") == b"4"
        bucket.purge("a")
        assert bucket.newest("a") == Entry("a", 9, Kind.PURGE, b"")
        assert (bucket.get("a"), bucket.get("b")) == (None, b"b3")


@case("KV-INV-025", config="jetstream", waits=True)
def test_a_marker_is_no_value(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, markers=3600 * SECOND)
    watch = bucket.watch("a")
    assert watch.pending == 0
    bucket.write("a", "x", last=0, Nats_TTL="1")
    marker = Entry("a", 2, Kind.PURGE, b"")
    polling.until(lambda: bucket.newest("a"), lambda entry: entry == marker, js.patience + 2)
    assert watch.entries(2) == [put("a", 1, b"x"), marker]
    assert bucket.get("a") is None
    assert bucket.keys() == []
    js.publish_refused(bucket.subject("a"), 10071, "y", {kv.EXPECTED: "0"})
    assert bucket.update("a", "y", 2) == 3
    assert bucket.get("a") == b"y"


@case("KV-INV-011", config="jetstream", deliveries=False)
def test_a_revision_is_of_one_key(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=2)
    for key, value in (("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")):
        bucket.put(key, value)
    assert bucket.at(2) == put("b", 2, b"2")
    assert bucket.get("a", 2) is None
    assert bucket.get("b", 2) == b"2"
    assert (bucket.get("a", 3), bucket.get("a", 4)) == (b"3", b"4")
    # One was there, one never.
    assert bucket.at(1) is None
    assert bucket.at(5) is None


@case("KV-INV-015", config="jetstream", deliveries=False)
def test_a_deletion_is_an_entry(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=3)
    bucket.put("a", "1")
    bucket.put("a", "2")
    assert bucket.delete("a") == 3
    assert bucket.delete("ghost") == 4
    assert bucket.history("a") == [
        put("a", 1, b"1"),
        put("a", 2, b"2"),
        Entry("a", 3, Kind.DELETE, b""),
    ]
    assert js.stored(bucket.stream, seq=3)["hdrs"] == b"NATS/1.0\r\nKV-Operation: DEL\r\n\r\n"
    # It counts as one, so the oldest has to go.
    bucket.delete("a")
    assert [each.revision for each in bucket.history("a")] == [2, 3, 5]
    assert bucket.newest("ghost") == Entry("ghost", 4, Kind.DELETE, b"")


@case("KV-INV-016", config="jetstream", deliveries=False)
def test_a_purge_leaves_nothing_but_itself(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=5)
    for key in "ababa":
        bucket.put(key, "x")
    assert bucket.purge("a") == 6
    assert bucket.history("a") == [Entry("a", 6, Kind.PURGE, b"")]
    assert [each.revision for each in bucket.history("b")] == [2, 4]
    fields = b"NATS/1.0\r\nKV-Operation: PURGE\r\nNats-Rollup: sub\r\n\r\n"
    assert js.stored(bucket.stream, seq=6)["hdrs"] == fields
    assert bucket.purge("ghost") == 7
    bucket.put("a", "y")
    assert [each.revision for each in bucket.history("a")] == [6, 8]


@case("KV-INV-018", config="jetstream", waits=True)
def test_a_key_and_a_purge_may_have_a_time_of_their_own(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, markers=SECOND, history=5)
    watch = bucket.watch()
    bucket.write("long", "x", last=0, Nats_TTL="1h")
    bucket.put("plain", "x")
    bucket.purge("plain", Nats_TTL="1")
    bucket.write("short", "x", last=0, Nats_TTL="1")
    assert [each.revision for each in watch.entries(4)] == [1, 2, 3, 4]
    assert watch.entries(1) == [Entry("short", 5, Kind.PURGE, b"")]
    # The purge has gone, or goes at once, and leaves nothing.
    for key in ("plain", "short"):
        polling.until(functools.partial(bucket.newest, key), operator.not_, js.patience + 2)
    assert bucket.get("long") == b"x"
    assert js.state(bucket.stream)["last_seq"] == 5


@case("KV-INV-019", config="jetstream", deliveries=False)
def test_the_oldest_values_go_first(nats: Nats) -> None:
    js = nats.jetstream()
    for history in (1, 2, 5, 64):
        bucket = client.make(js, history=history)
        for number in range(70):
            bucket.put("a", str(number))
            if number % 10 == 0:
                bucket.put("b", str(number))
        kept = [int(each.value) for each in bucket.history("a")]
        assert kept == [*range(70)][-history:]
        assert [int(each.value) for each in bucket.history("b")] == [*range(0, 70, 10)][-history:]


@case("KV-INV-026", config="jetstream", deliveries=False)
def test_markers_are_cleared_away(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=5)
    for key in "abc":
        bucket.put(key, "1")
        bucket.put(key, "2")
    bucket.delete("a")
    bucket.delete("b")
    purge = f"STREAM.PURGE.{bucket.stream}"
    # An old marker goes with all that is before it, a young one stays.
    assert js.request(purge, {"filter": bucket.subject("a")})["purged"] == 3
    assert js.request(purge, {"filter": bucket.subject("b"), "keep": 1})["purged"] == 2
    assert bucket.newest("a") is None
    assert bucket.history("b") == [Entry("b", 8, Kind.DELETE, b"")]
    assert [each.revision for each in bucket.history("c")] == [5, 6]
