"""Chapter 101: errors that no example can show."""

from __future__ import annotations

from nats_conformance.cases import Nats, case

#: What a header block has beside the value of its one field, `A`.
AROUND = len("NATS/1.0\r\nA: \r\n\r\n")
MOST = 65535


@case("JS-ERR-048", config="jetstream", deliveries=False)
def test_headers_have_an_end(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(storage=storage)
        assert js.publish(stream, "", {"A": "x" * (MOST - AROUND)})["seq"] == 1
        refusal = js.publish_refused(stream, 10097, "", {"A": "x" * (MOST - AROUND + 1)})
        assert refusal["error"]["code"] == 400
