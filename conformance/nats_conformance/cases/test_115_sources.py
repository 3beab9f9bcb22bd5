"""Sources: several streams poured into one (JS-MIRROR-010 .. JS-MIRROR-014)."""

from __future__ import annotations

from nats_conformance import copying
from nats_conformance.cases import Nats, case
from nats_conformance.jetstream import JetStream


@case("JS-MIRROR-010", config="jetstream", deliveries=False)
def test_messages_say_where_they_come_from(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("o")
    stream = js.create(subjects=[f"{prefix}.>"])
    js.publish(f"{prefix}.a", "1", {"A": "b", "Nats-Expected-Last-Sequence": "0"})
    js.publish(f"{prefix}.b", "2")
    js.publish(f"{prefix}.c", "3")
    js.publish(f"{prefix}.a", "4")
    plain = js.create(sources=[{"name": stream}])
    filtered = js.create(sources=[{"name": stream, "filter_subject": f"{prefix}.a"}])
    pairs = [{"src": f"{prefix}.a", "dest": "x.a"}, {"src": f"{prefix}.b", "dest": "x.b"}]
    renamed = js.create(sources=[{"name": stream, "subject_transforms": pairs}])
    for copy, count in ((plain, 4), (filtered, 2), (renamed, 3)):
        copying.holds(js, copy, list(range(1, count + 1)))
    first = js.stored(plain, seq=1)
    assert (first["subject"], first["data"]) == (f"{prefix}.a", b"1")
    assert first["hdrs"].startswith(b"NATS/1.0\r\nA: b\r\nNats-Stream-Source: ")
    assert first["time"] > js.stored(stream, seq=4)["time"]
    assert copying.fields(js, plain, 4)[:4] == [stream, "4", ">", ">"]
    assert copying.fields(js, filtered, 2)[:4] == [stream, "4", f"{prefix}.a", ">"]
    words = [stream, "2", f"{prefix}.a\f{prefix}.b", "x.a\fx.b"]
    assert copying.fields(js, renamed, 2)[:4] == words
    assert js.stored(renamed, seq=2)["subject"] == "x.b"
    if nats.release >= (2, 12):
        assert copying.fields(js, renamed, 2)[4] == f"{prefix}.b"
    again = js.create(sources=[{"name": filtered}])
    copying.holds(js, again, [1, 2])
    assert copying.fields(js, again, 2)[:4] == [filtered, "2", ">", ">"]


@case("JS-MIRROR-010", config="jetstream", deliveries=False)
def test_a_source_begins_where_it_is_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for number in range(1, 7):
        js.publish(stream, str(number))
    time = js.stored(stream, seq=5)["time"]
    for start, held in (
        ({}, [b"1", b"2", b"3", b"4", b"5", b"6"]),
        ({"opt_start_seq": 4}, [b"4", b"5", b"6"]),
        ({"opt_start_time": time}, [b"5", b"6"]),
    ):
        copy = js.create(sources=[{"name": stream, **start}])
        copying.holds(js, copy, list(range(1, len(held) + 1)))
        assert copying.payloads(js, copy) == held


@case("JS-MIRROR-011", config="jetstream", private=True, limit=120)
def test_a_restart_neither_loses_nor_repeats(nats: Nats) -> None:
    js = nats.jetstream()
    stream, copy, mirror = nats.name("S"), nats.name("C"), nats.name("M")
    js.create(stream, subjects=[stream], storage="file")
    js.create(copy, sources=[{"name": stream}], storage="file")
    js.create(mirror, mirror={"name": stream}, storage="file")
    for number in range(1, 21):
        js.publish(stream, str(number))
    for each in (copy, mirror):
        copying.holds(js, each, list(range(1, 21)))
    nats.server.restart()
    js = JetStream(nats)
    for number in range(21, 31):
        js.publish(stream, str(number))
    for each in (copy, mirror):
        copying.has(js, each, 30, 6 * js.patience)
        assert copying.payloads(js, each) == [b"%d" % number for number in range(1, 31)]


@case("JS-MIRROR-012", config="jetstream", deliveries=False)
def test_own_subjects_share_the_numbering(nats: Nats) -> None:
    js = nats.jetstream()
    one, other, own = js.create(), js.create(), nats.name("own")
    together = js.create(subjects=[own], sources=[{"name": one}, {"name": other}])
    expected = []
    for number in range(1, 7):
        name = (one, other, own)[number % 3]
        js.publish(name, str(number))
        copying.holds(js, together, list(range(1, number + 1)))
        expected.append(name)
    assert js.publish(own, "7") == {"stream": together, "seq": 7}
    found = [js.stored(together, seq=seq)["subject"] for seq in range(1, 8)]
    assert found == [*expected, own]
    assert js.stored(together, seq=2)["hdrs"].count(b"Nats-Stream-Source") <= 1
    assert js.stored(together, seq=7)["hdrs"] == b""


@case("JS-MIRROR-013", config="jetstream", deliveries=False)
def test_sources_are_deduplicated_if_there_is_a_window(nats: Nats) -> None:
    js = nats.jetstream()
    one, other = js.create(), js.create()
    sources = [{"name": one}, {"name": other}]
    every = js.create(sources=sources)
    assert not js.info(every)["config"].get("duplicate_window")
    once = js.create(sources=sources, duplicate_window=60 * 10**9)
    for number, name in enumerate((one, other, one, other), 1):
        js.publish(name, str(number), {"Nats-Msg-Id": f"id {(number - 1) // 2}"})
        copying.last(js, every, number)
    js.publish(one, "end")
    copying.holds(js, once, [1, 2, 3])
    assert sorted(copying.payloads(js, every)) == [b"1", b"2", b"3", b"4", b"end"]
    kept = copying.payloads(js, once)
    assert len(kept) == 3
    assert kept[-1] == b"end"


@case("JS-MIRROR-014", config="jetstream", deliveries=False, waits=True)
def test_sources_come_and_go_by_an_update(nats: Nats) -> None:
    js = nats.jetstream()
    one, other = js.create(), js.create()
    for name in (one, other):
        js.publish(name, f"{name} 1")
    copy = js.create(sources=[{"name": one}])
    copying.holds(js, copy, [1])

    def update(*sources: str) -> None:
        config = js.info(copy)["config"] | {"sources": [{"name": name} for name in sources]}
        config.pop("metadata", None)
        js.request(f"STREAM.UPDATE.{copy}", config)

    update(one, other)
    copying.holds(js, copy, [1, 2])
    update(other)
    js.publish(one, f"{one} 2")
    js.publish(other, f"{other} 2")
    copying.holds(js, copy, [1, 2, 3])
    update(other, one)
    copying.holds(js, copy, [1, 2, 3, 4])
    found = [each.decode() for each in copying.payloads(js, copy)]
    assert found == [f"{one} 1", f"{other} 1", f"{other} 2", f"{one} 2"]
