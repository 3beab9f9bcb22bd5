"""Metadata of objects: changed, listed, watched; links (chapter 140)."""

from __future__ import annotations

from dataclasses import replace

from nats_conformance.cases import Nats, case
from nats_conformance.cases.test_140_objects import raises
from nats_conformance.invariants.stream_log import nanoseconds
from nats_conformance.objects import Missing, ObjectStore, Refused
from nats_spec import objects
from nats_spec.objects import Metadata


@case("OBJ-INV-013", config="jetstream", deliveries=False)
def test_a_listing_leaves_out_the_deleted(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    assert store.names() == []
    for name in ("a", "b", "c"):
        store.put(name, b"x")
    store.delete("b")
    store.put("a", b"y")
    assert store.names() == ["c", "a"]
    assert [(each.name, each.deleted) for each in store.entries()] == [
        ("c", False),
        ("b", True),
        ("a", False),
    ]


@case("OBJ-INV-014", config="jetstream", deliveries=False)
def test_metadata_changes_without_the_content(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        meta = store.put("a", b"hello", 2)
        headers = {"X-Type": ["text", "plain"]}
        store.say(replace(meta, description="greets", headers=headers, metadata={"k": "v"}))
        said = store.info("a")
        assert (said.description, said.headers, said.metadata) == ("greets", headers, {"k": "v"})
        assert (said.nuid, said.digest) == (meta.nuid, meta.digest)
        assert store.get("a") == b"hello"
        assert js.state(store.stream)["messages"] == 4
        store.rename("a", "b")
        assert store.get("b") == b"hello"
        assert store.info("b").description == "greets"
        assert store.entry("a") is None
        assert js.state(store.stream)["messages"] == 4
        assert store.names() == ["b"]
        store.sound()


@case("OBJ-INV-015", config="jetstream", deliveries=False)
def test_a_name_that_is_taken_is_not_given_away(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    store.put("a", b"one")
    store.put("b", b"two")
    store.put("c", b"three")
    store.delete("c")
    before = js.state(store.stream)
    with raises(Refused):
        store.rename("a", "b")
    with raises(Missing):
        store.rename("c", "d")
    with raises(Missing):
        store.rename("never", "d")
    assert js.state(store.stream) == before
    store.rename("a", "c")
    assert (store.get("c"), store.get("b")) == (b"one", b"two")
    store.sound()


@case("OBJ-INV-016", config="jetstream", deliveries=False)
def test_the_time_of_the_message_is_that_of_the_object(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        began = nanoseconds(js.info(store.stream)["ts"])
        store.put("a", b"hello", 2)
        ended = nanoseconds(js.info(store.stream)["ts"])
        last_chunk = nanoseconds(js.stored(store.stream, seq=3)["time"])
        message = store.message("a")
        assert message is not None
        assert began <= last_chunk <= nanoseconds(message["time"]) <= ended


@case("OBJ-INV-017", config="jetstream", deliveries=False)
def test_links_lead_to_objects_and_buckets(nats: Nats) -> None:
    js = nats.jetstream()
    store, other = ObjectStore.create(js), ObjectStore.create(js)
    here = store.put("a", b"here", 3)
    there = other.put("b", b"there", 3)
    store.link("to a", here)
    store.link("to b", there)
    store.link_bucket("to all", other.bucket)
    assert store.get("to a") == b"here"
    assert store.get("to b") == b"there"
    with raises(Refused):
        store.get("to all")
    link = store.info("to b").link
    assert link == objects.Link(other.bucket, "b")
    assert store.info("to all").link == objects.Link(other.bucket)
    with raises(Refused):
        store.link("to a link", store.info("to a"))
    with raises(Refused):
        store.link("a", there)
    other.put("b", b"changed", 3)
    assert store.get("to b") == b"changed"
    other.delete("b")
    with raises(Missing):
        store.get("to b")
    deleted = other.entry("b")
    assert deleted is not None
    with raises(Refused):
        store.link("to b again", deleted)
    store.sound()
    store.delete("to a")
    assert store.get("a") == b"here"


@case("OBJ-INV-018", config="jetstream", deliveries=False)
def test_a_link_has_no_content(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    target = store.put("a", b"here")
    link = store.link("l", target)
    said = store.info("l")
    assert (said.size, said.chunks, said.digest) == (0, 0, "")
    assert store.chunks(link.nuid) == []
    store.sound()
    store.put("l", b"an object now")
    assert store.get("l") == b"an object now"
    assert store.get("a") == b"here"
    store.sound()


@case("OBJ-INV-020", config="jetstream", deliveries=False)
def test_a_watch_gives_what_is_there_then_changes(nats: Nats) -> None:
    js, writer = nats.jetstream(), nats.jetstream()
    store = ObjectStore.create(js)
    mine = ObjectStore(writer, store.bucket)

    def heard(sid: str) -> tuple[str, int, bool]:
        meta = objects.parse(js.next(sid).payload)
        return meta.name, meta.size, meta.deleted

    sid, count = store.watch()
    assert count == 0
    mine.put("a", b"1")
    assert heard(sid) == ("a", 1, False)
    mine.put("b", b"12")
    mine.put("a", b"123")
    mine.delete("b")
    assert heard(sid) == ("b", 2, False)
    assert heard(sid) == ("a", 3, False)
    assert heard(sid) == ("b", 0, True)

    sid, count = store.watch()
    assert count == 2
    assert [heard(sid) for _ in range(count)] == [("a", 3, False), ("b", 0, True)]
    mine.say(Metadata("a", store.bucket, "n", deleted=True))
    assert heard(sid) == ("a", 0, True)

    sid, count = store.watch(deliver_policy="new")
    assert count == 0
    mine.put("c", b"")
    assert heard(sid) == ("c", 0, False)
