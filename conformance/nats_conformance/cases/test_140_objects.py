"""Objects written, replaced, read, deleted, step by step (chapter 140)."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.objects import Corrupt, Missing, ObjectStore, Refused
from nats_spec import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

#: One byte short of a chunk, a chunk, and so on.
SIZES = (1, objects.CHUNK - 1, objects.CHUNK, objects.CHUNK + 1, 300_000)


@contextmanager
def raises(kind: type[Exception]) -> Iterator[None]:
    """What is done must end so."""
    try:
        yield
    except kind:
        return
    raise Mismatch("it was done", kind.__name__, "no objection")


def content(size: int) -> bytes:
    """No chunk of it is like another."""
    return random.Random(size).randbytes(size)


@case("OBJ-INV-002", "OBJ-INV-007", config="jetstream", deliveries=False)
def test_content_is_stored_in_chunks_in_order(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        for size in SIZES:
            data = content(size)
            meta = store.put("a", data)
            subject = objects.chunk_subject(store.bucket, meta.nuid)
            found = js.state(store.stream, subjects_filter=subject)["subjects"]
            assert found == {subject: meta.chunks}
            first = js.stored(store.stream, seq=1, next_by_subj=subject)
            assert first["data"] == data[: objects.CHUNK]
            assert store.chunks(meta.nuid) == objects.chunks(data)
            assert store.get("a") == data
        store.sound()


@case("OBJ-INV-002", "OBJ-INV-005", "OBJ-INV-007", config="jetstream", deliveries=False)
def test_chunks_may_be_of_any_size(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    data = content(50)
    for chunk in (1, 3, 49, 50, 51):
        name = f"by {chunk}"
        meta = store.put(name, data, chunk)
        assert (meta.chunks, meta.size) == (-(-50 // chunk), 50)
        assert store.get(name) == data
    store.sound()


@case("OBJ-INV-007", config="jetstream", deliveries=False)
def test_writers_beside_one_another_do_not_mix(nats: Nats) -> None:
    one, other = nats.jetstream(), nats.jetstream()
    store = ObjectStore.create(one)
    nuids = {"a": nats.name("n"), "b": nats.name("n")}
    for part in range(20):
        for client, name in ((one, "a"), (other, "b")):
            client.publish(objects.chunk_subject(store.bucket, nuids[name]), f"{name}{part:02}")
    for name, nuid in nuids.items():
        data = b"".join(f"{name}{part:02}".encode() for part in range(20))
        meta = objects.Metadata(name, store.bucket, nuid, 60, 20, objects.digest(data))
        store.say(meta)
        assert store.get(name) == data
    store.sound()


@case("OBJ-INV-003", config="jetstream", deliveries=False)
def test_metadata_is_one_message_behind_the_chunks(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        meta = store.put("a", b"hello", 2)
        message = store.message("a")
        assert message is not None
        assert message["seq"] == 4
        assert message["subject"] == objects.metadata_subject(store.bucket, "a")
        assert message["data"] == meta.encode()
        assert message["hdrs"] == b"NATS/1.0\r\nNats-Rollup: sub\r\n\r\n"
        store.say(replace(meta, description="said again"))
        subject = objects.metadata_subject(store.bucket, "a")
        assert js.state(store.stream, subjects_filter=subject)["subjects"] == {subject: 1}
        assert store.info("a").description == "said again"
        store.sound()


@case("OBJ-INV-004", config="jetstream", deliveries=False)
def test_a_name_may_be_any_text(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    names = ["a", "ab", "abc", "a b", "*", ">", "a.b", ".", "~~~???>>>", "Grüße", "日本語", "\r\n"]
    names += ["\0", "🙂", "x" * 2000, "A", " a"]
    for number, name in enumerate(names):
        store.put(name, b"%d" % number)
    assert store.names() == names
    for number, name in enumerate(names):
        assert store.get(name) == b"%d" % number
    with raises(Refused):
        store.put("", b"nameless")
    store.sound()


@case("OBJ-INV-005", config="jetstream", deliveries=False)
def test_what_is_read_is_what_was_hashed(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        every = bytes(range(256)) * 4
        meta = store.put("a", every, 100)
        assert objects.digest(store.get("a")) == store.info("a").digest == meta.digest
        store.sound()


@case("OBJ-INV-006", config="jetstream", deliveries=False)
def test_nothing_is_metadata_alone(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    meta = store.put("empty", b"")
    assert (meta.size, meta.chunks) == (0, 0)
    assert meta.digest == "SHA-256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU="
    assert js.state(store.stream)["messages"] == 1
    assert store.get("empty") == b""
    store.put("empty", b"no more")
    store.put("empty", b"")
    assert js.state(store.stream)["messages"] == 1
    store.sound()


@case("OBJ-INV-008", config="jetstream", deliveries=False)
def test_the_old_content_is_there_until_the_new_is(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        store.put("other", b"stays", 2)
        old = store.put("a", b"old content", 4)
        new = store.upload("a", b"new content", 3)
        assert store.get("a") == b"old content"
        store.say(new)
        assert store.get("a") == b"new content"
        assert len(store.chunks(old.nuid)) == old.chunks
        assert store.purge_chunks(old.nuid) == old.chunks
        assert store.chunks(old.nuid) == []
        assert store.get("a") == b"new content"
        assert store.get("other") == b"stays"
        store.sound()


@case("OBJ-INV-009", config="jetstream", deliveries=False)
def test_a_put_that_fails_leaves_what_was_there(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js, max_msg_size=400)
    store.put("a", b"first", 2)
    before = store.message("a")
    failed = store.upload("a", b"second, longer", 3)
    js.publish_refused(objects.chunk_subject(store.bucket, failed.nuid), 10054, b"too long" * 100)
    assert store.purge_chunks(failed.nuid) == failed.chunks
    assert store.message("a") == before
    assert store.get("a") == b"first"
    store.sound()
    left = store.upload("b", b"never named", 3)
    bucket = store.observed()
    assert bucket.chunks[left.nuid].count == left.chunks
    assert store.names() == ["a"]
    assert store.purge_chunks(left.nuid) == left.chunks
    store.sound()


@case("OBJ-INV-010", config="jetstream", deliveries=False)
def test_a_reader_notices_what_is_wrong(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        names = ("missing", "extra", "other", "gone")
        metas = {name: store.put(name, content(10), 3) for name in names}
        subjects = {
            name: objects.chunk_subject(store.bucket, meta.nuid) for name, meta in metas.items()
        }
        second = js.stored(store.stream, seq=2)
        assert second["subject"] == subjects["missing"]
        js.request(f"STREAM.MSG.DELETE.{store.stream}", {"seq": 2})
        js.publish(subjects["extra"], b"!")
        last = js.stored(store.stream, last_by_subj=subjects["other"])
        js.request(f"STREAM.MSG.DELETE.{store.stream}", {"seq": last["seq"]})
        js.publish(subjects["other"], b"?")
        store.purge_chunks(metas["gone"].nuid)
        for name in names:
            with raises(Corrupt):
                store.get(name)


@case("OBJ-INV-011", config="jetstream", deliveries=False)
def test_a_deleted_object_leaves_its_metadata(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        store.put("b", b"stays")
        meta = store.put("a", b"hello", 2)
        store.delete("a")
        entry = store.entry("a")
        assert entry is not None
        assert (entry.deleted, entry.size, entry.chunks, entry.digest) == (True, 0, 0, "")
        assert store.chunks(meta.nuid) == []
        assert js.state(store.stream)["messages"] == 3
        assert store.get("b") == b"stays"
        store.put("a", b"again", 2)
        assert store.get("a") == b"again"
        store.sound()


@case("OBJ-INV-012", config="jetstream", deliveries=False)
def test_a_deleted_object_is_missing(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    store.put("a", b"hello", 2)
    store.delete("a")
    for name in ("a", "never"):
        with raises(Missing):
            store.get(name)
        with raises(Missing):
            store.info(name)
        with raises(Missing):
            store.delete(name)
    assert store.entry("never") is None
    js.refused(
        f"STREAM.MSG.GET.{store.stream}",
        10037,
        {"last_by_subj": objects.metadata_subject(store.bucket, "never")},
    )
