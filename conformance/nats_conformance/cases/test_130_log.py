"""What is kept of a bucket, read as it is stored (chapter 130)."""

from __future__ import annotations

from nats_conformance import kv as client
from nats_conformance.bucket_log import breaches
from nats_conformance.cases import Nats, case
from nats_spec import kv


@case(
    "KV-INV-001",
    "KV-INV-018",
    "KV-INV-025",
    config="jetstream",
    deliveries=False,
)
def test_what_was_written_by_the_rules_breaks_none(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=3, allow_msg_ttl=True)
    for number in range(5):
        bucket.put("a", str(number))
    assert bucket.update("b", "1", 0) == 6
    assert bucket.update("b", "2", 6) == 7
    assert bucket.write("c", "1", last=0, Nats_TTL="1h")["seq"] == 8
    bucket.delete("a")
    bucket.purge("b", Nats_TTL="1h")
    bucket.write("d", Nats_Marker_Reason="MaxAge", Nats_Rollup="sub")
    assert kv.subject(bucket.name, "d").startswith("$KV.")
    assert breaches(bucket) == []
