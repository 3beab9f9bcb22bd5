"""Names, digests and metadata of objects: vectors, and what is written reads back."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nats_spec import objects
from nats_spec.model import object_store as model
from nats_spec.objects import BadMetadata, Link, Metadata

texts = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(0, 1 << 40)


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("a", "YQ=="),
        ("ab", "YWI="),
        ("abc", "YWJj"),
        ("~~~???", "fn5-Pz8_"),
        ("Grüße", "R3LDvMOfZQ=="),
        ("日本語", "5pel5pys6Kqe"),
    ],
)
def test_names_are_padded_base64url_of_utf_8(name, token):
    assert objects.metadata_subject("files", name) == f"$O.files.M.{token}"
    assert objects.decoded(token) == name
    assert objects.decoded(token.rstrip("=")) == name


@given(texts)
def test_every_name_comes_back(name):
    token = objects.encoded(name)
    assert objects.decoded(token) == name
    assert len(token) % 4 == 0


@pytest.mark.parametrize("token", ["a", "a.b", "YQ=A", "_w==", "+/+/"])
def test_other_tokens_are_no_names(token):
    assert objects.decoded(token) is None


@given(st.binary(max_size=50), st.integers(1, 8))
def test_chunks_are_the_content_in_order(content, size):
    parts = objects.chunks(content, size)
    assert b"".join(parts) == content
    assert all(len(part) == size for part in parts[:-1])
    assert all(0 < len(part) <= size for part in parts)
    hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
    assert objects.digest(content) == f"SHA-256={hashed}"


@given(
    st.builds(
        Metadata,
        texts,
        texts,
        texts,
        numbers,
        numbers,
        texts,
        st.booleans(),
        st.none() | st.builds(Link, texts, texts),
        st.none() | st.integers(1, 1 << 20),
        texts,
        st.none() | st.dictionaries(texts, st.lists(texts), min_size=1),
        st.none() | st.dictionaries(texts, texts, min_size=1),
    )
)
def test_metadata_comes_back(meta):
    found = objects.parse(meta.encode())
    assert found.encode() == meta.encode()
    assert (found.live, found.link) == (meta.live, meta.link)


@pytest.mark.parametrize(
    "said",
    [
        {"bucket": "b"},
        {"name": "a"},
        {"name": 1, "bucket": "b"},
        {"name": "a", "bucket": "b", "size": -1},
        {"name": "a", "bucket": "b", "chunks": True},
        {"name": "a", "bucket": "b", "options": {"link": {"name": "c"}}},
        {"name": "a", "bucket": "b", "options": {"link": {}}},
        {"name": "a", "bucket": "b", "headers": {"c": "d"}},
        {"name": "a", "bucket": "b", "headers": {"c": [1]}},
        {"name": "a", "bucket": "b", "metadata": {"c": None}},
        {"name": "a", "bucket": "b", "mtime": 1},
        {"name": "a", "bucket": "b", "more": float("nan")},
        [],
        "a",
    ],
)
def test_what_is_no_metadata_is_told(said):
    with pytest.raises(BadMetadata):
        objects.parse(json.dumps(said).encode())
    with pytest.raises(BadMetadata):
        objects.parse(json.dumps(said).encode()[:-1])


@pytest.mark.parametrize(("name", "valid"), [("a-_9", True), ("", False), ("a.b", False)])
def test_buckets_have_plain_names(name, valid):
    assert objects.valid_bucket(name) is valid
    assert objects.bucket_of(objects.stream(name)) == name
    assert objects.bucket_of("KV_a") is None


def test_the_model_tells_what_is_refused():
    store = model.put(model.Store(), "a", b"one")
    assert model.put(store, "", b"") is model.Refused.NAMELESS
    assert model.delete(store, "b") is model.Refused.MISSING
    assert model.link(store, "a", "a") is model.Refused.TAKEN
    assert model.link(store, "l", "b") is model.Refused.MISSING
    linked = model.link(store, "l", "a")
    assert model.get(linked, "l") == b"one"
    assert model.link(linked, "m", "l") is model.Refused.A_LINK
    assert model.rename(linked, "l", "a") is model.Refused.TAKEN
    assert model.rename(store, "a", "") is model.Refused.NAMELESS
    assert model.rename(store, "b", "c") is model.Refused.MISSING
    gone = model.delete(linked, "a")
    assert model.get(gone, "l") is model.Refused.MISSING
    assert model.astray(gone) == {"l"}
    assert gone.names == {"l"}
    around = model.link(gone, "a", "")
    assert model.get(around, "a") is model.Refused.A_BUCKET
    sealed = model.seal(store)
    assert model.put(sealed, "a", b"") is model.Refused.SEALED
    assert model.delete(sealed, "a") is model.Refused.SEALED
    assert model.rename(sealed, "a", "b") is model.Refused.SEALED
    assert model.get(sealed, "a") == b"one"


def test_links_may_go_round():
    store = model.Store({"a": model.Link("b"), "b": model.Link("a")})
    assert model.get(store, "a") is model.Refused.ROUND
    assert model.astray(store) == {"a", "b"}
