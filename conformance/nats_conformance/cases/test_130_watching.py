"""Keys, history and watch: what consumers tell of a bucket (chapter 130)."""

from __future__ import annotations

from nats_conformance import kv as client
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import delivered
from nats_conformance.kv import Bucket, Entry, Watch
from nats_spec import kv
from nats_spec.kv import Kind


def filled(nats: Nats, history: int = 3) -> Bucket:
    """A bucket in which keys were put, put again, deleted and purged: revisions 1 to 9."""
    bucket = client.make(nats.jetstream(), history=history)
    for key in ("a", "b.x", "b.y", "a", "c", "d"):
        bucket.put(key, key)
    bucket.delete("c")
    bucket.purge("d")
    bucket.put("b.x", "")
    return bucket


def revisions(entries: list[Entry]) -> list[int]:
    """Theirs."""
    return [each.revision for each in entries]


@case("KV-INV-021", config="jetstream", deliveries=False)
def test_keys_are_those_with_a_value(nats: Nats) -> None:
    bucket = filled(nats)
    assert bucket.keys() == ["b.y", "a", "b.x"]
    assert bucket.keys("b.*") == ["b.y", "b.x"]
    found = bucket.watch(headers_only=True).initial()
    assert revisions(found) == [3, 4, 7, 8, 9]
    kinds = [each.kind for each in found]
    assert kinds == [Kind.PUT, Kind.PUT, Kind.DELETE, Kind.PURGE, Kind.PUT]
    assert {each.value for each in found} == {b""}


@case("KV-INV-022", config="jetstream", deliveries=False)
def test_history_is_all_that_is_kept(nats: Nats) -> None:
    bucket = filled(nats)
    assert revisions(bucket.history("a")) == [1, 4]
    assert bucket.history("c") == [
        Entry("c", 5, Kind.PUT, b"c"),
        Entry("c", 7, Kind.DELETE, b""),
    ]
    assert bucket.history("d") == [Entry("d", 8, Kind.PURGE, b"")]
    assert [each.value for each in bucket.history("b.x")] == [b"b.x", b""]
    assert bucket.history("none") == []
    assert revisions(bucket.history(">")) == [1, 2, 3, 4, 5, 7, 8, 9]


@case("KV-INV-023", config="jetstream", deliveries=False)
def test_first_what_is_there_then_what_comes(nats: Nats) -> None:
    bucket = filled(nats)
    writer = bucket.over(nats.jetstream())
    watch = bucket.watch()
    assert watch.pending == 5
    told = [watch.next() for _ in range(5)]
    assert revisions([entry for entry, _ in told]) == [3, 4, 7, 8, 9]
    # The last of them says that it is.
    assert [left for _, left in told] == [4, 3, 2, 1, 0]
    for number, key in enumerate(("a", "e", "a", "c"), 10):
        assert writer.put(key, "new") == number
    writer.delete("e")
    later = watch.entries(5)
    assert revisions(later) == [10, 11, 12, 13, 14]
    assert [each.key for each in later] == ["a", "e", "a", "c", "e"]
    bucket.js.quiet()


@case("KV-INV-023", config="jetstream", deliveries=False)
def test_of_nothing_it_is_said_that_it_is_nothing(nats: Nats) -> None:
    bucket = client.make(nats.jetstream())
    for watch in (bucket.watch(), bucket.watch("a"), bucket.watch("b.*")):
        assert watch.pending == 0
    bucket.put("b.x", "1")
    bucket.put("a", "2")
    assert sorted(revisions([watch_next(bucket) for _ in range(4)])) == [1, 1, 2, 2]
    bucket.js.quiet()


def watch_next(bucket: Bucket) -> Entry:
    """What comes next, whichever watch it is for."""
    message = bucket.js.next()
    return bucket.entry(message, message.subject, delivered(message).token.stream_seq)


@case("KV-INV-024", config="jetstream", deliveries=False)
def test_what_can_be_watched(nats: Nats) -> None:
    bucket = filled(nats)
    rows: tuple[tuple[Watch, list[int]], ...] = (
        (bucket.watch("a"), [4]),
        (bucket.watch("b.*"), [3, 9]),
        (bucket.watch("b.>"), [3, 9]),
        (bucket.watch("*"), [4, 7, 8]),
        (bucket.watch(deliver="all"), [1, 2, 3, 4, 5, 7, 8, 9]),
        (bucket.watch("b.*", deliver="all"), [2, 3, 9]),
        (bucket.watch(deliver="new"), []),
        (bucket.watch(deliver="by_start_sequence", opt_start_seq=4), [4, 5, 7, 8, 9]),
    )
    for watch, expected in rows:
        assert watch.pending == len(expected)
        assert revisions(watch.initial()) == expected
    # Whatever was asked for, later ones come to who watches their key.
    assert bucket.put("b.z", "x") == 10
    for place, (watch, _) in enumerate(rows):
        if place not in (0, 3):
            assert revisions(watch.entries(1)) == [10]
    bucket.js.quiet()


@case("KV-INV-035", config="jetstream", deliveries=False)
def test_several_filters(nats: Nats) -> None:
    bucket = filled(nats)
    watch = bucket.watch("a", "b.y", "c")
    assert revisions(watch.initial()) == [3, 4, 7]
    for key in ("b.x", "c", "d", "a"):
        bucket.put(key, "new")
    assert revisions(watch.entries(2)) == [11, 13]
    bucket.js.quiet()


@case("KV-INV-024", config="jetstream", deliveries=False)
def test_sizes_without_values(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js)
    bucket.put("a", "x" * 1000)
    bucket.delete("b")
    watch = bucket.watch(headers_only=True)
    first, second = js.next(watch.sid), js.next(watch.sid)
    assert (first.payload, first.header("Nats-Msg-Size")) == (b"", "1000")
    assert (second.header(kv.OPERATION), second.header("Nats-Msg-Size")) == ("DEL", "0")


@case("KV-INV-036", config="jetstream", deliveries=False)
def test_a_watch_ends_with_its_consumer(nats: Nats) -> None:
    bucket = filled(nats)
    watch = bucket.watch()
    watch.initial()
    watch.stop()
    bucket.put("a", "x")
    bucket.js.quiet()
    assert bucket.js.state(bucket.stream)["consumer_count"] == 0
