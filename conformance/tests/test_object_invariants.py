"""Each invariant of an object store has a fault that it alone catches."""

import pytest
from raw_objects import Store, served

from nats_conformance.audit.reading import read
from nats_conformance.invariants.objects import INVARIANTS, violations
from nats_conformance.invariants.objects_log import Bucket, Message
from nats_conformance.targets import faulty
from nats_spec import objects
from nats_spec.objects import Metadata

ALONE = {
    "chunks_are_small_enough": "OBJ-INV-002",
    "chunks_are_all_there": "OBJ-INV-007",
    "chunks_add_up": "OBJ-INV-007/size",
    "content_has_its_digest": "OBJ-INV-005",
    "nothing_has_no_chunks": "OBJ-INV-006",
    "metadata_comes_last": "OBJ-INV-003/late",
    "chunks_have_an_object": "OBJ-INV-008",
    "chunks_have_one_object": "OBJ-INV-008/twice",
    "metadata_stays": "OBJ-INV-008/passing",
    "deleted_chunks_are_gone": "OBJ-INV-011/chunks",
    "stream_is_a_bucket": "OBJ-INV-001",
    "messages_are_chunks_or_metadata": "OBJ-INV-001/stray",
    "sealed_stays_sealed": "OBJ-INV-019",
    "metadata_can_be_read": "OBJ-INV-003/cut",
    "metadata_is_where_its_name_says": "OBJ-INV-003/padding",
    "objects_have_names": "OBJ-INV-004",
    "metadata_is_of_this_bucket": "OBJ-INV-003/bucket",
    "names_have_one_metadata": "OBJ-INV-003",
    "metadata_asks_to_replace": "OBJ-INV-003/field",
    "deleted_is_empty": "OBJ-INV-011",
    "links_have_no_content": "OBJ-INV-018",
    "links_lead_somewhere": "OBJ-INV-017",
}


def test_every_invariant_has_a_fault():
    assert ALONE.keys() == INVARIANTS.keys()


@pytest.mark.parametrize("invariant", ALONE)
def test_a_fault_is_caught_by_one_invariant_alone(invariant):
    with served(faulty(ALONE[invariant])) as url:
        store = Store(url, storage="memory")
        store.healthy()
        sealed = store.request("STREAM.INFO")["config"] | {"sealed": True}
        info = store.request("STREAM.UPDATE", sealed) if invariant.startswith("sealed") else None
        bucket = Bucket.of(store.bucket, store.request("STREAM.INFO"))
        if info:
            store.say(Metadata("late", store.bucket, "nz", digest=objects.digest(b"")), False)
        state = store.request("STREAM.INFO")["state"]
        for message in read(store.client, {"name": store.stream}, 1, state["last_seq"], Message):
            bucket.add(message)
        bucket.end(store.request("STREAM.INFO"))
        bucket.settled = True
        wrong = list(violations(bucket))
        if info:
            wrong = [each for each in wrong if not each.remark]
        assert {each.invariant for each in wrong} == {invariant}
        store.client.close()
