"""`audit object` names what is damaged, and nothing else."""

import base64

import pytest
from raw_objects import CHUNK, found

from nats_spec import objects
from nats_spec.objects import Link, Metadata


def replaced_token(store, name, token):
    meta = store.put(name, b"padded", "np")
    store.request("STREAM.PURGE", {"filter": objects.metadata_subject(store.bucket, name)})
    store.say(meta, token=token)


def swapped(store):
    """The two chunks in the middle."""
    for seq in range(2, 5):
        store.remove(seq)
    for part in (b"cccc", b"bbbb", b"d"):
        store.chunk("nx", part)
    said(store)


def said(store, name="x", nuid="nx", size=13, chunks=4, **more):
    digest = more.pop("digest", objects.digest(b"aaaabbbbccccd"))
    more = {"max_chunk_size": CHUNK, **more}
    store.say(Metadata(name, store.bucket, nuid, size, chunks, digest, **more))


X = objects.digest(b"aaaabbbbccccd")


#: A way to damage a store, and what an audit calls it.
DAMAGES = {
    "a chunk is lost": (lambda s: s.remove(2), "chunks_are_all_there", "x"),
    "the last chunk is lost": (lambda s: s.remove(4), "chunks_are_all_there", "x"),
    "all chunks are lost": (lambda s: s.purge("nx"), "chunks_are_all_there", "x"),
    "a chunk is doubled": (lambda s: s.chunk("nx", b"d"), "chunks_are_all_there", "x"),
    "an empty chunk is added": (lambda s: s.chunk("nx", b""), "chunks_are_all_there", "x"),
    "chunks are swapped": (swapped, "content_has_its_digest", "x"),
    "a chunk is truncated": (
        lambda s: (s.remove(4), s.remove(3), s.chunk("nx", b"ccc"), s.chunk("nx", b"d"), said(s)),
        "chunks_add_up",
        "x",
    ),
    "a byte is changed": (
        lambda s: (s.remove(4), s.chunk("nx", b"e"), said(s)),
        "content_has_its_digest",
        "x",
    ),
    "a chunk comes behind the metadata": (
        lambda s: (s.remove(4), s.chunk("nx", b"d")),
        "metadata_comes_last",
        "x",
    ),
    "the size is wrong": (lambda s: said(s, size=14), "chunks_add_up", "x"),
    "the count is wrong": (lambda s: said(s, chunks=3), "chunks_are_all_there", "x"),
    "the digest is wrong": (
        lambda s: said(s, digest=objects.digest(b"else")),
        "content_has_its_digest",
        "x",
    ),
    "the digest is hexadecimal": (
        lambda s: said(
            s, digest="SHA-256=" + base64.urlsafe_b64decode(X.removeprefix("SHA-256=")).hex()
        ),
        "content_has_its_digest",
        "x",
    ),
    "the digest is not padded": (
        lambda s: said(s, digest=X.rstrip("=")),
        "content_has_its_digest",
        "x",
    ),
    "the digest is base64, not base64url": (
        lambda s: s.put("g", b"hello", said={"digest": objects.digest(b"hello").replace("-", "+")}),
        "content_has_its_digest",
        "g",
    ),
    "there is no digest": (lambda s: said(s, digest=""), "content_has_its_digest", "x"),
    "the nuid is that of nobody": (
        lambda s: (s.purge("nx"), said(s, nuid="ng2")),
        "chunks_are_all_there",
        "x",
    ),
    "chunks are larger than said": (
        lambda s: said(s, max_chunk_size=2),
        "chunks_are_small_enough",
        "x",
    ),
    "the name is not padded": (
        lambda s: replaced_token(s, "pad", "cGFk="),
        "metadata_is_where_its_name_says",
        "pad",
    ),
    "the padding is missing": (
        lambda s: replaced_token(s, "a", "YQ"),
        "metadata_is_where_its_name_says",
        "a",
    ),
    "the name is in plain base64": (
        lambda s: replaced_token(s, "~~~???", "fn5+Pz8/"),
        "metadata_is_where_its_name_says",
        "~~~???",
    ),
    "the name stands there as it is": (
        lambda s: replaced_token(s, "plain", "plain"),
        "metadata_is_where_its_name_says",
        "plain",
    ),
    "the old chunks are left after a put": (
        lambda s: (s.put("y", b"old", "no"), s.put("y", b"new", "nn")),
        "chunks_have_an_object",
        "no",
    ),
    "a put was broken off": (lambda s: s.chunk("nb", b"half"), "chunks_have_an_object", "nb"),
    "a deleted object left its chunks": (
        lambda s: s.say(Metadata("again", s.bucket, "n2", deleted=True)),
        "deleted_chunks_are_gone",
        "again",
    ),
    "a deleted object kept its size": (
        lambda s: (
            s.put("y", b"y", "ny"),
            s.purge("ny"),
            said(s, "y", "ny", 1, 0, digest="", deleted=True),
        ),
        "deleted_is_empty",
        "y",
    ),
    "metadata is cut": (
        lambda s: s.publish(f"$O.{s.bucket}.M.eQ==", b'{"name":"y","buc', True),
        "metadata_can_be_read",
        "y",
    ),
    "metadata is no object": (
        lambda s: s.publish(f"$O.{s.bucket}.M.eQ==", b'["y"]', True),
        "metadata_can_be_read",
        "y",
    ),
    "a member has the wrong type": (
        lambda s: s.publish(f"$O.{s.bucket}.M.eQ==", b'{"name":"y","bucket":"b","size":"1"}', True),
        "metadata_can_be_read",
        "y",
    ),
    "metadata has no name": (
        lambda s: s.publish(f"$O.{s.bucket}.M.eQ==", b'{"bucket":"B"}', True),
        "metadata_can_be_read",
        "y",
    ),
    "the name is empty": (
        lambda s: s.say(Metadata("", s.bucket, "ne", digest=objects.digest(b"")), token="eQ=="),
        "objects_have_names",
        "",
    ),
    "the bucket is another": (
        lambda s: s.say(Metadata("y", "other", "ny", digest=objects.digest(b""))),
        "metadata_is_of_this_bucket",
        "y",
    ),
    "two objects have the same chunks": (
        lambda s: said(s, "y"),
        "chunks_have_one_object",
        "y",
    ),
    "nothing has a chunk": (
        lambda s: (s.chunk("ny", b""), said(s, "y", "ny", 0, 1, digest=objects.digest(b""))),
        "nothing_has_no_chunks",
        "y",
    ),
    "a link leads nowhere": (
        lambda s: s.say(Metadata("y", s.bucket, "ny", link=Link(s.bucket, "never"))),
        "links_lead_somewhere",
        "y",
    ),
    "a link leads to a link": (
        lambda s: s.say(Metadata("y", s.bucket, "ny", link=Link(s.bucket, "link"))),
        "links_lead_somewhere",
        "y",
    ),
    "a link leads to a deleted object": (
        lambda s: s.say(Metadata("y", s.bucket, "ny", link=Link(s.bucket, "gone"))),
        "links_lead_somewhere",
        "y",
    ),
    "a link leads to a bucket that isn't there": (
        lambda s: s.say(Metadata("y", s.bucket, "ny", link=Link("absent", "x"))),
        "links_lead_somewhere",
        "y",
    ),
    "a link to a bucket leads nowhere": (
        lambda s: s.say(Metadata("y", s.bucket, "ny", link=Link("absent"))),
        "links_lead_somewhere",
        "y",
    ),
    "a link has content": (
        lambda s: s.put("y", b"content", link=Link(s.bucket, "x")),
        "links_have_no_content",
        "y",
    ),
    "there is a subject too deep": (
        lambda s: s.publish(f"$O.{s.bucket}.C.nx.y", b"?"),
        "messages_are_chunks_or_metadata",
        None,
    ),
    "the stream may not roll up": (
        lambda s: s.request(
            "STREAM.UPDATE", s.request("STREAM.INFO")["config"] | {"allow_rollup_hdrs": False}
        ),
        "stream_is_a_bucket",
        None,
    ),
    "the stream discards the old": (
        lambda s: s.request(
            "STREAM.UPDATE", s.request("STREAM.INFO")["config"] | {"discard": "old"}
        ),
        "stream_is_a_bucket",
        None,
    ),
    "the stream hears something else": (
        lambda s: s.request(
            "STREAM.UPDATE", s.request("STREAM.INFO")["config"] | {"subjects": [f"$O.{s.bucket}.>"]}
        ),
        "stream_is_a_bucket",
        None,
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named(store, damage):
    harm, invariant, name = DAMAGES[damage]
    harm(store)
    assert found(store, settled=True) == [(invariant, name)]
