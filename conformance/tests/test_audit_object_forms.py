"""`audit object`: forms that no client writes, and links that lead astray."""

import json

import pytest
from raw_objects import Store, found

from nats_conformance.audit import objects as audited
from nats_conformance.targets import resolve
from nats_conformance.targets.configs import JETSTREAM
from nats_conformance.targets.pool import start
from nats_spec import objects
from nats_spec.objects import Link, Metadata

HELLO = objects.digest(b"hello")
NOTHING = objects.digest(b"")
PLAIN = HELLO.removeprefix("SHA-256=").translate(str.maketrans("-_", "+/"))


def said(store, **more):
    """Metadata of an object `y` without content, as JSON says it."""
    nothing = {"nuid": "ny", "size": 0, "chunks": 0, "digest": objects.digest(b"")}
    text = json.dumps({"name": "y", "bucket": store.bucket, **nothing, **more})
    store.publish(objects.metadata_subject(store.bucket, "y"), text.encode(), rollup=True)


def written(store, payload):
    store.publish(objects.metadata_subject(store.bucket, "y"), payload, rollup=True)


def configured(store, **changes):
    config = store.request("STREAM.INFO")["config"]
    store.request("STREAM.UPDATE", config | changes)


def parts(store, *payloads):
    for each in payloads:
        store.chunk("ny", each)
    content = b"".join(payloads)
    digest = objects.digest(content)
    store.say(Metadata("y", store.bucket, "ny", len(content), len(payloads), digest))


def passing(store):
    """Metadata of an object `y` that goes after an hour."""
    store.chunk("ny", b"!")
    meta = Metadata("y", store.bucket, "ny", 1, 1, objects.digest(b"!"))
    block = b"NATS/1.0\r\nNats-Rollup: sub\r\nNats-TTL: 1h\r\n\r\n"
    store.publish(objects.metadata_subject(store.bucket, "y"), meta.encode(), block=block)


def linked(store, link):
    store.say(Metadata("y", store.bucket, "ny", link=link))


#: A way to damage a store, what an audit calls it, of which object, and words that it says.
DAMAGES = {
    "headers are no lists": (
        lambda s: said(s, headers={"a": "b"}),
        ("metadata_can_be_read", "y", 'its headers are "b"'),
    ),
    "metadata is no text": (
        lambda s: said(s, metadata={"a": 1}),
        ("metadata_can_be_read", "y", "its metadata are [1]"),
    ),
    "mtime is no text": (
        lambda s: said(s, mtime=5),
        ("metadata_can_be_read", "y", "its mtime is 5"),
    ),
    "a link to nothing": (
        lambda s: said(s, options={"link": {}}),
        ("metadata_can_be_read", "y", "it has no bucket"),
    ),
    "nothing is said": (lambda s: written(s, b""), ("metadata_can_be_read", "y", "it is empty")),
    "JSON without an end": (
        lambda s: written(s, b"[" * 100_000),
        ("metadata_can_be_read", "y", "it is no JSON"),
    ),
    "JSON in UTF-16": (
        lambda s: written(s, '{"name":"y","bucket":"b"}'.encode("utf-16")),
        ("metadata_can_be_read", "y", "it is no JSON"),
    ),
    "JSON behind a mark": (
        lambda s: written(s, b"\xef\xbb\xbf" + b'{"name":"y","bucket":"b"}'),
        ("metadata_can_be_read", "y", "it is no JSON"),
    ),
    "a name twice": (
        lambda s: written(s, b'{"name":"y","bucket":"b","name":"z"}'),
        ("metadata_can_be_read", "y", "it says 'name' twice"),
    ),
    "a member of a member twice": (
        lambda s: written(s, b'{"name":"y","bucket":"b","metadata":{"a":"1","a":"2"}}'),
        ("metadata_can_be_read", "y", "it says 'a' twice"),
    ),
    "metadata that goes by itself": (
        lambda s: (configured(s, allow_msg_ttl=True), passing(s)),
        ("metadata_stays", "y", "with Nats-TTL: 1h it goes, and its chunks stay"),
    ),
    "numbers of Python": (
        lambda s: written(s, b'{"name":"y","bucket":"b","more":NaN}'),
        ("metadata_can_be_read", "y", "it is no JSON: NaN is no number"),
    ),
    "a link with chunks": (
        lambda s: (s.chunk("ny", b"!"), linked(s, Link(s.bucket, "x"))),
        ("links_have_no_content", "y", "it is a link, and has 1 chunks"),
    ),
    "an empty chunk in the middle": (
        lambda s: parts(s, b"a", b"", b"b"),
        ("chunks_are_small_enough", "y", "a chunk is empty"),
    ),
    "an empty chunk at the end": (
        lambda s: parts(s, b"a", b""),
        ("chunks_are_small_enough", "y", "a chunk is empty"),
    ),
    "an algorithm in small letters": (
        lambda s: s.put("y", b"hello", digest=HELLO.replace("SHA", "sha")),
        ("content_has_its_digest", "y", "its digest is right, but written 'sha-256="),
    ),
    "a digest in base64": (
        lambda s: s.put("y", b"hello", digest=f"SHA-256={PLAIN}"),
        ("content_has_its_digest", "y", "its digest is right, but written"),
    ),
    "a digest without padding": (
        lambda s: s.put("y", b"hello", digest=HELLO.rstrip("=")),
        ("content_has_its_digest", "y", "its digest is right, but written"),
    ),
    "a digest without an algorithm": (
        lambda s: s.put("y", b"hello", digest=PLAIN),
        ("content_has_its_digest", "y", "its digest is right, but written"),
    ),
    "no digest": (
        lambda s: s.put("y", b"hello", digest=""),
        ("content_has_its_digest", "y", "it says no digest"),
    ),
    "the digest of something else": (
        lambda s: s.put("y", b"hello", digest=objects.digest(b"else")),
        ("content_has_its_digest", "y", "it says 'SHA-256="),
    ),
    "a link to what can be no bucket": (
        lambda s: linked(s, Link("a.b")),
        ("links_lead_somewhere", "y", "the bucket 'a.b', which is not there"),
    ),
    "a link that would be two requests": (
        lambda s: linked(s, Link(f"x 0\r\n\r\nPUB $O.{s.bucket}.C.nx 1\r\n!\r\nPUB z", "q")),
        ("links_lead_somewhere", "y", "which is not there"),
    ),
    "a link to what can't be read": (
        lambda s: (linked(s, Link(s.bucket, "x")), s.publish(f"$O.{s.bucket}.M.eA==", b"{", True)),
        ("metadata_can_be_read", "x", "it is no JSON"),
    ),
    "half a character": (
        lambda s: s.publish(
            objects.metadata_subject(s.bucket, "\ud800"),
            json.dumps({"name": "\ud800", "bucket": s.bucket, "digest": NOTHING}).encode(),
            True,
        ),
        ("objects_have_names", "\ud800", "half a character"),
    ),
    "one chunk is kept": (
        lambda s: (s.request("STREAM.PURGE"), configured(s, max_msgs_per_subject=1)),
        ("stream_is_a_bucket", None, "max_msgs_per_subject is 1, not -1"),
    ),
    "puts get no answer": (
        lambda s: configured(s, no_ack=True),
        ("stream_is_a_bucket", None, "no_ack is True, not False"),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_in_words(store, damage):
    harm, expected = DAMAGES[damage]
    harm(store)
    (breach,) = [each for each in store.audited(settled=True).shown if not each.remark]
    invariant, name, words = expected
    assert (breach.invariant, breach.object) == (invariant, name)
    assert words in breach.text


def test_a_deleted_object_may_have_named_chunks_that_another_has(store):
    """It does no harm: whoever deletes it once more would purge them."""
    store.say(Metadata("y", store.bucket, "nx", deleted=True))
    (breach,) = store.audited(settled=True).shown
    assert (breach.invariant, breach.object, breach.remark) == (
        "deleted_chunks_are_gone",
        "y",
        True,
    )
    assert breach.text == "it is deleted, and its chunks are those of 'x'"


def test_a_link_writes_nothing(store):
    """The audit is read-only, whatever a link says."""
    linked(store, Link(f"x 0\r\n\r\nPUB $O.{store.bucket}.C.nx 1\r\n!\r\nPUB z", "q"))
    before = store.request("STREAM.INFO")["state"]
    store.audited()
    assert store.request("STREAM.INFO")["state"] == before


def test_what_a_link_leads_to_in_another_bucket_may_be_unreadable(store, url):
    other = Store(url, storage="memory")
    other.publish(objects.metadata_subject(other.bucket, "q"), b"{", rollup=True)
    linked(store, Link(other.bucket, "q"))
    (breach,) = store.audited().shown
    assert (breach.invariant, breach.object) == ("links_lead_somewhere", "y")
    assert "has metadata that can't be read" in breach.text
    other.close()


#: Who reads may ask for INFO and direct gets, and nothing else.
GUARDED = (
    JETSTREAM
    + """
authorization { users: [
  { user: w, password: w }
  { user: r, password: r, permissions: {
    publish: ["$JS.API.STREAM.INFO.OBJ_mine", "$JS.API.DIRECT.GET.OBJ_mine"], subscribe: "_INBOX.>"
  } }
] }
"""
)


@pytest.mark.parametrize("target", ["reference", "nats-server"])
def test_what_may_not_be_asked_is_not_judged(target, run):
    instance = start(resolve(target), text=GUARDED, patience=10)
    host, port = instance.address
    try:
        store = Store(f"nats://w:w@{host}:{port}", "mine", storage="memory")
        linked(store, Link("theirs", "q"))
        store.remove(store.publish(objects.metadata_subject("mine", "last"), b""))
        ran = run("audit", "object", "mine", "--server", f"nats://r:r@{host}:{port}")
        store.client.close()
    finally:
        instance.stop()
    assert (ran.status, "object store mine is sound: 1 message read" in ran.out) == (0, True), (
        ran.out
    )
    assert "not judged: links to the bucket theirs: the server refuses" in ran.out


def test_metadata_that_replaces_the_whole_bucket_is_named(store):
    meta = Metadata("y", store.bucket, "ny", digest=NOTHING)
    block = b"NATS/1.0\r\nNats-Rollup: all\r\n\r\n"
    store.publish(objects.metadata_subject(store.bucket, "y"), meta.encode(), block=block)
    assert found(store) == [("metadata_asks_to_replace", "y")]


def test_all_strays_are_counted(url):
    subjects = ["stray", *objects.config("strays")["subjects"]]
    store = Store(url, "strays", storage="memory", subjects=subjects)
    for _ in range(103):
        store.publish("stray", b"")
    texts = [each.text for each in store.audited().shown]
    assert texts[0].startswith("subjects is ")
    finding = store.audited()
    assert finding.violations["OBJ-INV-001"] == 102
    store.close()


def test_a_mirror_is_told_once(store):
    """And not of each message."""
    copy = f"{store.bucket}_copy"
    config = {"name": f"OBJ_{copy}", "mirror": {"name": store.stream}, "storage": "memory"}
    store.client.request(f"STREAM.CREATE.OBJ_{copy}", config)
    while not store.client.request(f"STREAM.INFO.OBJ_{copy}")["state"]["messages"]:
        pass
    finding = audited.audit(store.client, copy, lambda _done, _of: None)
    store.client.request(f"STREAM.DELETE.OBJ_{copy}")
    assert [each.text for each in finding.shown] == [
        f"it is a mirror of {store.stream}, and no bucket"
    ]
