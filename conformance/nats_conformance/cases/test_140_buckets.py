"""Buckets of objects: what stream they are, how they are found, sized and sealed (chapter 140)."""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.objects import ObjectStore
from nats_spec import objects


@case("OBJ-INV-001", config="jetstream", deliveries=False)
def test_a_bucket_is_a_stream(nats: Nats) -> None:
    js = nats.jetstream()
    for name in (nats.name("B-"), nats.name("_9_")):
        wanted = objects.config(name, storage="file")
        config = js.created(**wanted)["config"]
        assert {member: config[member] for member in wanted} == wanted
        ObjectStore(js, name).sound()


@case("OBJ-INV-001", config="jetstream", deliveries=False)
def test_a_bucket_is_changed_like_a_stream(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js, max_bytes=1000)
    js.publish_refused(objects.chunk_subject(store.bucket, "n"), 10077, b"x" * 1000)
    config = js.info(store.stream)["config"] | {"max_bytes": 10_000, "description": "larger"}
    config.pop("metadata", None)
    js.request(f"STREAM.UPDATE.{store.stream}", config)
    store.put("a", b"x" * 1000)
    assert js.info(store.stream)["config"]["description"] == "larger"
    store.sound()


@case("OBJ-INV-021", config="jetstream", deliveries=False)
def test_buckets_are_found_by_their_subjects(nats: Nats) -> None:
    js = nats.jetstream()
    store = ObjectStore.create(js)
    other = js.create(nats.name("KV_"), subjects=[f"$KV.{nats.name('b')}.>"])
    plain = js.create(nats.name("OBJ_"), subjects=[nats.name("s")])
    for endpoint in ("NAMES", "LIST"):
        names: list[str] = []
        while True:
            body = {"subject": "$O.*.C.>", "offset": len(names)}
            answer = js.request(f"STREAM.{endpoint}", body)
            page = answer["streams"] or []
            names += [each if endpoint == "NAMES" else each["config"]["name"] for each in page]
            if len(names) >= answer["total"]:
                break
        assert store.stream in names
        assert not {other, plain} & set(names)


@case("OBJ-INV-022", config="jetstream", deliveries=False)
def test_the_size_of_a_bucket_is_that_of_its_stream(nats: Nats) -> None:
    js = nats.jetstream()
    for storage, each in (("memory", 16), ("file", 30)):
        store = ObjectStore.create(js, storage=storage)
        assert js.state(store.stream)["bytes"] == 0
        meta = store.put("a", b"x" * 1000, 600)
        chunks = 1000 + 2 * (each + len(objects.chunk_subject(store.bucket, meta.nuid)))
        block = len("NATS/1.0\r\nNats-Rollup: sub\r\n\r\n") + 4 * (storage == "file")
        subject = objects.metadata_subject(store.bucket, "a")
        said = each + block + len(subject) + len(meta.encode())
        assert js.state(store.stream)["bytes"] == chunks + said
        store.delete("a")
        assert 0 < js.state(store.stream)["bytes"] < chunks
        assert not js.info(store.stream)["config"]["sealed"]


@case("OBJ-INV-019", config="jetstream", deliveries=False)
def test_a_sealed_bucket_is_only_read(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        store = ObjectStore.create(js, storage=storage)
        meta = store.put("a", b"hello", 2)
        store.seal()
        before = js.info(store.stream)
        assert before["config"]["sealed"]
        chunk = objects.chunk_subject(store.bucket, nats.name("n"))
        js.publish_refused(chunk, 10109, b"more")
        said = objects.metadata_subject(store.bucket, "a")
        js.publish_refused(said, 10109, meta.encode(), objects.ROLLUP)
        purge = {"filter": objects.chunk_subject(store.bucket, meta.nuid)}
        js.refused(f"STREAM.PURGE.{store.stream}", 10109, purge)
        js.refused(f"STREAM.MSG.DELETE.{store.stream}", 10109, {"seq": 1})
        config = {**before["config"], "sealed": False}
        js.refused(f"STREAM.UPDATE.{store.stream}", 10052, config)
        assert js.state(store.stream) == before["state"]
        assert store.get("a") == b"hello"
        store.sound()
