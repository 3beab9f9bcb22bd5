"""`audit object` of a store that is written while it is read: what is under way is no damage."""

import pytest
from raw_objects import CHUNK, Store, found

from nats_conformance.audit import objects as audited
from nats_conformance.invariants import objects_contents
from nats_spec import objects
from nats_spec.objects import Metadata


def replaced(store):
    """The object `x` by another content."""
    store.put("x", b"other", "nx2")
    store.purge("nx")


def deleted(store):
    store.say(Metadata("x", store.bucket, "nx", deleted=True))
    store.purge("nx")


def described(store):
    """Other metadata of the same content."""
    digest, more = objects.digest(b"aaaabbbbccccd"), {"description": "new"}
    store.say(Metadata("x", store.bucket, "nx", 13, 4, digest, max_chunk_size=CHUNK, **more))


@pytest.fixture
def changing(url, monkeypatch):
    """A store without direct gets; what is changed when its first chunk is read, and then found."""
    monkeypatch.setattr(objects_contents, "UNDER_WAY", 0)
    monkeypatch.setattr(audited, "_STEP", 1)
    monkeypatch.setattr(audited, "_MOMENT", 0.0)
    store = Store(url, storage="memory", allow_direct=False)
    store.healthy()
    writer = Store(url, store.bucket, there=True)

    def change(how):
        finding = audited.audit(
            store.client, store.bucket, lambda done, _of: how(writer) if done == 1 else None
        )
        assert finding.not_judged == [
            "the bucket changed meanwhile: run it again when nobody writes"
        ]
        return finding.shown

    yield store, change
    writer.client.close()
    store.close()


@pytest.mark.parametrize("how", [replaced, described])
def test_what_is_written_meanwhile_is_no_damage(changing, how):
    _, change = changing
    assert change(how) == []


def test_what_a_link_leads_to_may_go_meanwhile(changing):
    _, change = changing
    assert [(each.object, "is deleted" in each.text) for each in change(deleted)] == [
        ("link", True)
    ]


def test_what_is_left_over_is_found_in_a_changing_store(changing):
    store, change = changing
    store.chunk("left", b"over")
    said = [(each.invariant, each.object, each.remark) for each in change(replaced)]
    assert said == [("chunks_have_an_object", "left", False)]


def test_what_is_renamed_may_have_two_names(changing):
    store, change = changing
    digest = objects.digest(b"aaaabbbbccccd")
    store.say(Metadata("z", store.bucket, "nx", 13, 4, digest, max_chunk_size=CHUNK))
    (breach,) = change(lambda writer: writer.put("new", b"", "nn"))
    assert (breach.invariant, breach.object, breach.remark) == ("chunks_have_one_object", "z", True)
    assert found(store) == [("chunks_have_one_object", "z")]
