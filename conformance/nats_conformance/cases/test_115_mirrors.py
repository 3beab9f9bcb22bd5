"""Mirrors: what they copy, under which numbers, and what stays (JS-MIRROR-001 .. JS-MIRROR-009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_conformance import copying, polling
from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream


def origin(js: JetStream, nats: Nats, count: int, storage: str = "memory") -> tuple[str, str]:
    """A stream with messages on three subjects, .0 .1 .2 in turn from .1 on; its name and prefix."""
    prefix = nats.name("o")
    stream = js.create(subjects=[f"{prefix}.>"], storage=storage, allow_rollup_hdrs=True)
    for number in range(1, count + 1):
        js.publish(
            f"{prefix}.{number % 3}", f"m{number}", {"A": str(number)} if number % 2 else None
        )
    return stream, prefix


@case("JS-MIRROR-001", config="jetstream", deliveries=False)
def test_a_mirror_is_the_same(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream, prefix = origin(js, nats, 5, storage)
        js.publish(f"{prefix}.x", b"", {"B": "1", "Nats-Msg-Id": "id"})
        mirror = js.create(mirror={"name": stream}, storage=storage)
        copying.holds(js, mirror, [1, 2, 3, 4, 5, 6])
        js.publish(f"{prefix}.live", b"\0\xff" * 500)
        copying.holds(js, mirror, [1, 2, 3, 4, 5, 6, 7])
        for seq in range(1, 8):
            assert js.stored(mirror, seq=seq) == js.stored(stream, seq=seq)
        assert js.state(mirror)["bytes"] == js.state(stream)["bytes"]


@case("JS-MIRROR-001", config="jetstream", deliveries=False)
def test_what_was_expected_of_the_origin_is_left_out(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 1)
    js.publish(prefix + ".x", "x", {"Nats-Expected-Last-Sequence": "1", "A": "b"})
    js.publish(prefix + ".y", "y", {"Nats-Expected-Last-Subject-Sequence": "0"})
    mirror = js.create(mirror={"name": stream})
    copying.holds(js, mirror, [1, 2, 3])
    assert js.stored(mirror, seq=2)["hdrs"] == b"NATS/1.0\r\nA: b\r\n\r\n"
    assert js.stored(mirror, seq=3)["hdrs"] == b""


@case("JS-MIRROR-002", config="jetstream", deliveries=False)
def test_what_is_not_copied_is_a_gap(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 9)
    for seq in (1, 4, 5):
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})
    whole = js.create(mirror={"name": stream})
    some = js.create(mirror={"name": stream, "filter_subject": f"{prefix}.0"})
    none = js.create(mirror={"name": stream, "filter_subject": f"{prefix}.none"})
    copying.holds(js, whole, [2, 3, 6, 7, 8, 9])
    copying.holds(js, some, [3, 6, 9])
    state = copying.last(js, some, 9)
    assert (state["first_seq"], state["num_deleted"], state["deleted"]) == (3, 4, [4, 5, 7, 8])
    state = copying.last(js, none, 1)
    assert (state["first_seq"], state["last_seq"], state["messages"]) == (2, 1, 0)
    js.publish(f"{prefix}.none", "late")
    copying.holds(js, none, [10])
    js.publish(f"{prefix}.0", "late")
    copying.holds(js, some, [3, 6, 9, 11])


@case("JS-MIRROR-003", config="jetstream", deliveries=False)
def test_a_mirror_keeps_what_its_origin_loses(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 6)
    mirror = js.create(mirror={"name": stream})
    newest = js.create(mirror={"name": stream}, max_msgs=2)
    copying.holds(js, mirror, [1, 2, 3, 4, 5, 6])
    copying.holds(js, newest, [5, 6])
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 2})
    js.request(f"STREAM.PURGE.{stream}", {"seq": 4})
    js.publish(f"{prefix}.1", "x")
    copying.holds(js, mirror, [1, 2, 3, 4, 5, 6, 7])
    copying.holds(js, newest, [6, 7])
    assert copying.sequences(js, stream) == [4, 5, 6, 7]
    js.request(f"STREAM.PURGE.{stream}")
    js.publish(f"{prefix}.1", "x")
    copying.holds(js, mirror, [1, 2, 3, 4, 5, 6, 7, 8])


@case("JS-MIRROR-022", config="jetstream", deliveries=False)
def test_a_roll_up_is_copied_and_rolls_up_if_it_may(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 5)
    kept = js.create(mirror={"name": stream})
    rolled = js.create(mirror={"name": stream}, allow_rollup_hdrs=True)
    for copy in (kept, rolled):
        copying.holds(js, copy, [1, 2, 3, 4, 5])
    js.publish(f"{prefix}.1", "x", {"Nats-Rollup": "sub"})
    copying.holds(js, kept, [1, 2, 3, 4, 5, 6])
    copying.holds(js, rolled, [2, 3, 5, 6])
    assert js.stored(kept, seq=6) == js.stored(stream, seq=6)
    assert js.stored(rolled, seq=6) == js.stored(stream, seq=6)
    js.publish(f"{prefix}.1", "x", {"Nats-Rollup": "all"})
    copying.holds(js, kept, [1, 2, 3, 4, 5, 6, 7])
    copying.holds(js, rolled, [7])


@case("JS-MIRROR-004", config="jetstream", deliveries=False)
def test_a_mirror_is_written_by_nobody_else(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 4)
    mirror = js.create(mirror={"name": stream})
    copying.holds(js, mirror, [1, 2, 3, 4])
    assert not js.info(mirror)["config"].get("subjects")
    assert js.ask(mirror, "x").status == 503
    assert js.publish(f"{prefix}.1", "x")["stream"] == stream
    copying.holds(js, mirror, [1, 2, 3, 4, 5])
    js.request(f"STREAM.MSG.DELETE.{mirror}", {"seq": 2})
    assert copying.sequences(js, mirror) == [1, 3, 4, 5]
    assert js.request(f"STREAM.PURGE.{mirror}")["purged"] == 4
    js.publish(f"{prefix}.1", "x")
    copying.holds(js, mirror, [6])
    assert copying.sequences(js, stream) == [1, 2, 3, 4, 5, 6]


@case("JS-MIRROR-005", config="jetstream", deliveries=False)
def test_a_mirror_begins_where_it_is_told(nats: Nats) -> None:
    js = nats.jetstream()
    stream, _ = origin(js, nats, 8)
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 4})
    time = js.stored(stream, seq=6)["time"]
    for start, held in (
        ({"opt_start_seq": 3}, [3, 5, 6, 7, 8]),
        ({"opt_start_seq": 4}, [5, 6, 7, 8]),
        ({"opt_start_time": time}, [6, 7, 8]),
        ({"opt_start_time": "2020-01-01T00:00:00Z"}, [1, 2, 3, 5, 6, 7, 8]),
    ):
        mirror = js.create(mirror={"name": stream, **start})
        copying.holds(js, mirror, held)
        assert js.state(mirror)["first_seq"] == held[0]


@case("JS-MIRROR-023", config="jetstream", deliveries=False)
def test_an_empty_mirror_begins_where_it_will(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 3)
    ahead = js.create(mirror={"name": stream, "opt_start_seq": 6})
    assert copying.last(js, ahead, 5)["first_seq"] == 6
    for _ in range(4):
        js.publish(f"{prefix}.1", "x")
    copying.holds(js, ahead, [6, 7])


@case("JS-MIRROR-006", config="jetstream", deliveries=False)
def test_the_first_transform_that_matches_makes_the_subject(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 6)
    mirror = js.create(
        mirror={
            "name": stream,
            "subject_transforms": [
                {"src": f"{prefix}.1", "dest": "one.$1"[:3]},
                {"src": f"{prefix}.0", "dest": f"{prefix}.zero"},
            ],
        }
    )
    copying.holds(js, mirror, [1, 3, 4, 6])
    subjects = [js.stored(mirror, seq=seq)["subject"] for seq in (1, 3, 4, 6)]
    assert subjects == ["one", f"{prefix}.zero", "one", f"{prefix}.zero"]
    wild = js.create(
        mirror={
            "name": stream,
            "subject_transforms": [{"src": f"{prefix}.*", "dest": "all.$1.of"}],
        }
    )
    copying.holds(js, wild, [1, 2, 3, 4, 5, 6])
    assert js.stored(wild, seq=2)["subject"] == "all.2.of"


@case("JS-MIRROR-007", config="jetstream", deliveries=False)
def test_it_is_told_how_a_mirror_does(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(js, nats, 6)
    transforms = [{"src": f"{prefix}.1", "dest": "one"}]
    for said in ({}, {"filter_subject": f"{prefix}.1"}, {"subject_transforms": transforms}):
        described = {"name": stream, **said}
        mirror = js.create(mirror=described)
        entry = copying.caught_up(js, mirror)
        assert {key: value for key, value in entry.items() if key in described} == described
        assert "sources" not in js.info(mirror)
        together = js.create(sources=[described, {"name": stream, "filter_subject": f"{prefix}.2"}])
        told = js.info(together)["sources"]
        first, second = sorted(told, key=lambda each: each.get("filter_subject") == f"{prefix}.2")
        assert {key: value for key, value in first.items() if key in described} == described
        assert (second["name"], second.get("filter_subject")) == (stream, f"{prefix}.2")
        assert "mirror" not in js.info(together)
    assert "mirror" not in js.info(stream)


@case("JS-MIRROR-009", config="jetstream", deliveries=False, waits=True)
def test_an_origin_that_is_missing_is_waited_for(nats: Nats) -> None:
    js = nats.jetstream()
    absent = nats.name("S")
    mirror = js.create(mirror={"name": absent})
    sources = js.create(sources=[{"name": absent}])

    def errors() -> list[int]:
        entries = [js.info(mirror)["mirror"], js.info(sources)["sources"][0]]
        return [each.get("error", {}).get("err_code", 0) for each in entries]

    polling.until(errors, lambda found: found == [10059, 10059], 2 * js.patience)
    js.create(absent, subjects=[absent])
    js.publish(absent, "one")
    for copy in (mirror, sources):
        copying.has(js, copy, 1, 8 * js.patience)
    polling.until(errors, lambda found: found == [0, 0], js.patience)
