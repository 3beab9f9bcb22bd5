"""Buckets that mirror another, or have others as sources (chapter 130)."""

from __future__ import annotations

from nats_conformance import copying
from nats_conformance import kv as client
from nats_conformance.cases import Nats, case
from nats_conformance.kv import Bucket, Entry
from nats_spec import kv
from nats_spec.kv import Kind


@case("KV-INV-028", config="jetstream", deliveries=False)
def test_a_mirror_has_the_keys_of_its_origin(nats: Nats) -> None:
    js = nats.jetstream()
    origin = client.make(js, history=2)
    origin.put("a", "1")
    origin.put("a", "2")
    name = js.name("M")
    config = kv.config(name, history=2, storage="memory") | {
        "subjects": None,
        "mirror": {"name": origin.stream},
        "mirror_direct": True,
    }
    del config["subjects"], config["duplicate_window"]
    told = js.created(**config)["config"]
    assert told["mirror"] == {"name": origin.stream}
    assert told["mirror_direct"] is True
    mirror = Mirror(origin, kv.stream(name))
    origin.put("b", "3")
    origin.delete("a")
    copying.last(js, mirror.stream, 4)
    assert mirror.keys() == ["b"]
    assert mirror.newest("a") == Entry("a", 4, Kind.DELETE, b"")
    assert mirror.get("b") == b"3"
    assert [each.revision for each in mirror.history("a")] == [2, 4]
    # Nobody hears the mirror's own keys; what the origin's are told comes.
    assert js.ask(kv.subject(name, "b"), "no").status == 503
    watch = mirror.watch()
    assert [each.revision for each in watch.initial()] == [3, 4]
    assert mirror.put("b", "5") == 5
    assert watch.entries(1) == [Entry("b", 5, Kind.PUT, b"5")]


class Mirror(Bucket):
    """A client of a bucket that mirrors another."""

    def __init__(self, origin: Bucket, stream: str) -> None:
        super().__init__(origin.js, origin.name)
        self.stream = stream


@case("KV-INV-029", config="jetstream", deliveries=False)
def test_a_source_s_keys_are_changed_with_it(nats: Nats) -> None:
    js = nats.jetstream()
    first, second = client.make(js, history=5), client.make(js, history=5)
    first.put("a", "1")
    second.put("b", "2")
    name = js.name("D")
    sources = [
        {
            "name": each.stream,
            "subject_transforms": [{"src": each.subject(">"), "dest": kv.subject(name, ">")}],
        }
        for each in (first, second)
    ]
    js.created(**kv.config(name, history=5, storage="memory", sources=sources))
    both = Bucket(js, name)
    copying.last(js, both.stream, 2)
    assert sorted(both.keys()) == ["a", "b"]
    assert (both.get("a"), both.get("b")) == (b"1", b"2")
    assert both.put("c", "3") == 3
    first.delete("a")
    copying.last(js, both.stream, 4)
    assert both.newest("a") == Entry("a", 4, Kind.DELETE, b"")
    first.purge("a")
    copying.last(js, both.stream, 5)
    assert both.history("a") == [Entry("a", 5, Kind.PURGE, b"")]
    assert both.keys() in (["b", "c"], ["c", "b"])
    # Its own revisions, which the source's know nothing of.
    assert first.newest("a") == Entry("a", 3, Kind.PURGE, b"")
    assert both.update("c", "4", 3) == 6
    assert first.keys() == []
