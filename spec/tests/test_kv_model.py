"""The model of a bucket."""

from nats_spec.kv import Kind
from nats_spec.model import kv as model
from nats_spec.model.kv import Bucket, Entry


def wrote(bucket, *writes):
    revisions = []
    for key, kind, value, expected in writes:
        bucket, revision = model.write(bucket, key, kind, value, expected)
        revisions.append(revision)
    return bucket, revisions


def test_a_key_has_its_newest_values():
    bucket, revisions = wrote(
        Bucket(history=2),
        ("a", Kind.PUT, b"1", None),
        ("b", Kind.PUT, b"2", 0),
        ("a", Kind.PUT, b"3", 1),
        ("a", Kind.PUT, b"4", 1),
        ("a", Kind.PUT, b"5", 3),
    )
    assert revisions == [1, 2, 3, 0, 4]
    assert bucket.keys["a"] == (Entry(3, Kind.PUT, b"3"), Entry(4, Kind.PUT, b"5"))
    assert (model.get(bucket, "a"), model.get(bucket, "z")) == (b"5", None)
    assert model.living(bucket) == ["b", "a"]


def test_ends_and_what_comes_after_them():
    bucket, revisions = wrote(
        Bucket(history=5),
        ("a", Kind.PUT, b"1", None),
        ("a", Kind.DELETE, b"", None),
        ("a", Kind.PUT, b"2", 0),
        ("a", Kind.PUT, b"2", 2),
        ("a", Kind.PURGE, b"", 3),
        ("ghost", Kind.DELETE, b"", None),
    )
    assert revisions == [1, 2, 0, 3, 4, 5]
    assert [entry.revision for _, entry in model.entries(bucket)] == [4, 5]
    assert model.get(bucket, "a") is None
    assert model.living(bucket) == []


def test_keys_are_cleared():
    bucket, _ = wrote(
        Bucket(history=5), *[("a", Kind.PUT, b"%d" % number, None) for number in range(4)]
    )
    kept, count = model.clear(bucket, "a", keep=1)
    assert (count, model.revision(kept, "a")) == (3, 4)
    gone, count = model.clear(kept, "a")
    assert (count, model.revision(gone, "a"), gone.last) == (1, 0, 4)
    assert model.clear(gone, "a") == (gone, 0)
