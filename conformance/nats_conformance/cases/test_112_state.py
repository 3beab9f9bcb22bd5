"""What the state of a stream says (JS-LIM-001 .. JS-LIM-007)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

STORAGES = ("memory", "file")
#: How the time of nothing is written.
NO_TIME = "0001-01-01T00:00:00Z"


def delete(js: JetStream, stream: str, seq: int) -> None:
    """Delete one message."""
    js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})


def figures(js: JetStream, stream: str) -> tuple[int, int, int, list[int]]:
    """Messages, first, last and deleted sequences."""
    state = js.state(stream, deleted_details=True)
    deleted = state.get("deleted") or []
    assert len(deleted) == state.get("num_deleted", 0)
    return state["messages"], state["first_seq"], state["last_seq"], deleted


@case("JS-LIM-001", "JS-LIM-002", "JS-LIM-004", config="jetstream", deliveries=False)
def test_the_figures_agree_whatever_happens(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, max_msgs_per_subject=4)
        there: dict[int, str] = {}
        last = 0
        for _ in range(40):
            word = nats.random.choice("abc")
            match nats.random.choice(("publish", "publish", "publish", "delete", "purge")):
                case "publish":
                    last = js.publish(f"{prefix}.{word}", "x")["seq"]
                    there[last] = word
                    of_word = [seq for seq in there if there[seq] == word]
                    if len(of_word) > 4:
                        del there[min(of_word)]
                case "delete" if there:
                    seq = nats.random.choice(sorted(there))
                    delete(js, stream, seq)
                    del there[seq]
                case "purge":
                    body = {"filter": f"{prefix}.{word}", "keep": 2}
                    js.request(f"STREAM.PURGE.{stream}", body)
                    for seq in sorted(s for s in there if there[s] == word)[:-2]:
                        del there[seq]
            first = min(there, default=last + 1) if last else 0
            gone = [seq for seq in range(first, last + 1) if seq not in there]
            if last:
                assert figures(js, stream) == (len(there), first, last, gone)


@case("JS-LIM-035", config="jetstream", deliveries=False)
def test_a_new_stream_has_lost_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream = js.create(storage=storage)
        assert js.state(stream, deleted_details=True) == {
            "messages": 0,
            "bytes": 0,
            "first_seq": 0,
            "first_ts": NO_TIME,
            "last_seq": 0,
            "last_ts": NO_TIME,
            "consumer_count": 0,
        }


@case("JS-LIM-003", config="jetstream", deliveries=False)
def test_an_emptied_stream_begins_after_its_last_message(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        for purges in (True, False):
            stream = js.create(storage=storage)
            for _ in range(3):
                js.publish(stream, "x")
            before = js.state(stream)
            assert before["first_ts"] != NO_TIME
            if purges:
                js.request(f"STREAM.PURGE.{stream}")
            else:
                for seq in (2, 1, 3):
                    delete(js, stream, seq)
            state = js.state(stream)
            assert state == {
                "messages": 0,
                "bytes": 0,
                "first_seq": 4,
                "first_ts": NO_TIME,
                "last_seq": 3,
                "last_ts": before["last_ts"],
                "consumer_count": 0,
            }
            assert js.publish(stream, "x")["seq"] == 4
            state = js.state(stream)
            assert (state["messages"], state["first_seq"], state["last_seq"]) == (1, 4, 4)
            assert state["first_ts"] == state["last_ts"]


@case("JS-LIM-004", config="jetstream", deliveries=False)
def test_the_first_sequence_moves_past_what_is_deleted(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream = js.create(storage=storage)
        for _ in range(6):
            js.publish(stream, "x")
        for seq, expected in (
            (3, (5, 1, 6, [3])),
            (6, (4, 1, 6, [3, 6])),
            (2, (3, 1, 6, [2, 3, 6])),
            (1, (2, 4, 6, [6])),
            (5, (1, 4, 6, [5, 6])),
        ):
            delete(js, stream, seq)
            assert figures(js, stream) == expected
        state = js.state(stream)
        assert state["first_ts"] == js.stored(stream, seq=4)["time"]
        assert js.publish(stream, "x")["seq"] == 7
        assert figures(js, stream) == (2, 4, 7, [5, 6])


@case("JS-LIM-005", config="jetstream", deliveries=False)
def test_bytes_are_what_the_messages_count_for(nats: Nats) -> None:
    js = nats.jetstream()
    kinds: tuple[dict[str, Any], ...] = (
        {"storage": "memory"},
        {"storage": "file"},
        {"storage": "file", "compression": "s2"},
    )
    for config in kinds:
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.>"], **config)
        in_memory = config["storage"] == "memory"
        sizes: list[int] = []
        for word, payload, headers in (
            ("a", 0, None),
            ("a", 100, None),
            ("a.longer.subject", 7, None),
            ("a", 0, {"A": "1"}),
            ("b", 5000, {"A": "1", "B": "x" * 300}),
        ):
            subject = f"{prefix}.{word}"
            js.publish(subject, "x" * payload, headers)
            size = (16 if in_memory else 30) + len(subject) + payload
            if headers:
                block = len("NATS/1.0\r\n\r\n") + sum(len(k + v) + 4 for k, v in headers.items())
                size += block if in_memory else block + 4
            sizes.append(size)
            assert js.state(stream)["bytes"] == sum(sizes), (config, word, payload, headers)
        delete(js, stream, 5)
        delete(js, stream, 2)
        assert js.state(stream)["bytes"] == sizes[0] + sizes[2] + sizes[3]


@case("JS-LIM-006", config="jetstream", deliveries=False)
def test_subjects_are_counted_while_they_have_messages(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage)
        assert "num_subjects" not in js.state(stream)
        for word, count in (("a", 1), ("b", 2), ("a", 2), ("c", 3)):
            js.publish(f"{prefix}.{word}", "x")
            assert js.state(stream)["num_subjects"] == count
        for seq, count in ((1, 3), (3, 2), (2, 1)):
            delete(js, stream, seq)
            assert js.state(stream)["num_subjects"] == count
        js.request(f"STREAM.PURGE.{stream}")
        assert "num_subjects" not in js.state(stream)


@case("JS-LIM-007", config="jetstream", private=True)
def test_created_stays(nats: Nats) -> None:
    js = nats.jetstream()
    created = js.created("KEPT", storage="file")
    assert created["state"]["consumer_count"] == 0
    js.publish("KEPT", "x")
    config = created["config"] | {"max_msgs": 10}
    config.pop("metadata", None)
    updated = js.request("STREAM.UPDATE.KEPT", config)
    assert updated["created"] == created["created"]
    nats.server.restart("term")
    js = nats.jetstream()
    assert js.info("KEPT")["created"] == created["created"]
    js.request("STREAM.DELETE.KEPT")
    assert js.created("KEPT", storage="file")["created"] > created["created"]


@case("JS-LIM-032", config="jetstream", deliveries=False)
def test_consumers_are_counted(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumers = []
    for count in (1, 2):
        consumers.append(js.consumer(stream))
        assert js.state(stream)["consumer_count"] == count
    consumers[0].delete()
    assert js.state(stream)["consumer_count"] == 1
