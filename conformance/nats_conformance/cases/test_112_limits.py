"""What has to go, or stays out, when a stream is full (JS-LIM-008 .. JS-LIM-014, JS-LIM-031)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

STORAGES = ("memory", "file")
ROLLUP = {"Nats-Rollup": "sub"}


def holds(js: JetStream, stream: str) -> list[int]:
    """The sequences that a stream holds."""
    state = js.state(stream, deleted_details=True)
    if not state["messages"]:
        return []
    deleted = state.get("deleted") or ()
    return [s for s in range(state["first_seq"], state["last_seq"] + 1) if s not in deleted]


def fill(js: JetStream, prefix: str, words: str, payload: str = "x") -> list[int]:
    """A message on each subject; the sequences in the acknowledgements, 0 for 10077."""
    sequences = []
    for word in words:
        answer = js.acknowledgement(f"{prefix}.{word}", payload)
        assert answer.get("error", {}).get("err_code") in {None, 10077}
        sequences.append(answer["seq"])
    return sequences


@case("JS-LIM-008", config="jetstream", deliveries=False)
def test_the_limit_of_a_subject_goes_first(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        size = len(prefix) + 2 + 1 + (16 if storage == "memory" else 30)
        for max_msgs, max_bytes in ((3, None), (None, 3 * size)):
            stream = js.create(
                subjects=[f"{prefix}.*"],
                storage=storage,
                max_msgs_per_subject=2,
                max_msgs=max_msgs,
                max_bytes=max_bytes,
            )
            fill(js, prefix, "baa")
            assert holds(js, stream) == [1, 2, 3]
            fill(js, prefix, "a")
            assert holds(js, stream) == [1, 3, 4]
            fill(js, prefix, "c")
            assert holds(js, stream) == [3, 4, 5]
            fill(js, prefix, "ca")
            assert holds(js, stream) == [5, 6, 7]
            js.request(f"STREAM.DELETE.{stream}")


@case("JS-LIM-008", config="jetstream", deliveries=False)
def test_each_subject_keeps_its_newest(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        for limit, left in ((1, [7, 8, 9]), (2, [4, 5, 6, 7, 8, 9]), (4, [*range(1, 10)])):
            prefix = nats.name("a")
            stream = js.create(
                subjects=[f"{prefix}.*"], storage=storage, max_msgs_per_subject=limit
            )
            assert fill(js, prefix, "abcabcabc") == [*range(1, 10)]
            assert holds(js, stream) == left


@case("JS-LIM-009", config="jetstream", deliveries=False)
def test_the_oldest_make_room(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, max_msgs=3)
        assert fill(js, prefix, "abcde") == [1, 2, 3, 4, 5]
        assert holds(js, stream) == [3, 4, 5]
        overhead = len(prefix) + 2 + (16 if storage == "memory" else 30)
        other = nats.name("b")
        stream = js.create(subjects=[f"{other}.*"], storage=storage, max_bytes=10 * overhead)
        for payload, left in (
            (0, [1]),
            (9 * overhead - overhead, [1, 2]),
            (0, [2, 3]),
            (0, [3, 4]),
            (0, [3, 4, 5]),
            (8 * overhead, [5, 6]),
            (9 * overhead, [7]),
        ):
            js.publish(f"{other}.a", "x" * payload)
            assert holds(js, stream) == left
        assert js.state(stream)["bytes"] == 10 * overhead


@case("JS-LIM-010", config="jetstream", deliveries=False)
def test_a_message_that_never_fits_is_acknowledged_and_gone(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream = js.create(storage=storage, max_bytes=100)
        js.publish(stream, "x")
        for seq in (2, 3):
            assert js.publish(stream, "x" * 200) == {"stream": stream, "seq": seq}
            state = js.state(stream)
            assert (state["messages"], state["bytes"]) == (0, 0)
            assert (state["first_seq"], state["last_seq"]) == (seq + 1, seq)
        assert js.publish(stream, "x")["seq"] == 4
        assert holds(js, stream) == [4]


@case("JS-LIM-011", "JS-ERR-046", config="jetstream", deliveries=False)
def test_a_full_stream_refuses_what_is_new(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        size = len(prefix) + 2 + 10 + (16 if storage == "memory" else 30)
        kinds: tuple[tuple[dict[str, Any], int, str], ...] = (
            ({"max_msgs": 2}, 2, "maximum messages exceeded"),
            ({"max_bytes": 3 * size + 1}, 3, "maximum bytes exceeded"),
            ({"max_bytes": 3 * size - 1}, 2, "maximum bytes exceeded"),
            (
                {"max_msgs_per_subject": 1, "discard_new_per_subject": True},
                1,
                "maximum messages per subject exceeded",
            ),
        )
        for limits, fits, text in kinds:
            stream = js.create(subjects=[f"{prefix}.*"], storage=storage, discard="new", **limits)
            for seq in range(1, fits + 1):
                assert js.publish(f"{prefix}.a", "x" * 10)["seq"] == seq
            for _ in range(2):
                refusal = js.publish_refused(f"{prefix}.a", 10077, "x" * 10)["error"]
                assert (refusal["code"], refusal["description"]) == (503, text)
            assert holds(js, stream) == [*range(1, fits + 1)]
            js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 1})
            assert js.publish(f"{prefix}.a", "x" * 10)["seq"] == fits + 1
            js.request(f"STREAM.DELETE.{stream}")


def brimful(nats: Nats) -> list[int]:
    """What is answered to three messages where there is exactly room for two."""
    js = nats.jetstream()
    got = []
    for storage in STORAGES:
        prefix = nats.name("a")
        size = len(prefix) + 2 + 1 + (16 if storage == "memory" else 30)
        js.create(subjects=[f"{prefix}.*"], storage=storage, discard="new", max_bytes=2 * size)
        got += fill(js, prefix, "abc")
    return got


@case("JS-LIM-036", config="jetstream", deliveries=False)
def test_max_bytes_may_be_used_to_the_last(nats: Nats) -> None:
    assert brimful(nats) == [1, 2, 0, 1, 2, 0]


@case("JS-LIM-034", config="jetstream", deliveries=False)
def test_max_bytes_was_less_by_one_before_2_14(nats: Nats) -> None:
    assert brimful(nats) == [1, 0, 0, 1, 0, 0]


@case("JS-LIM-012", config="jetstream", deliveries=False)
def test_a_subject_s_oldest_makes_room_unless_told_otherwise(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        for per_subject in (False, True):
            prefix = nats.name("a")
            stream = js.create(
                subjects=[f"{prefix}.*"],
                storage=storage,
                discard="new",
                max_msgs_per_subject=2,
                discard_new_per_subject=per_subject,
            )
            got = fill(js, prefix, "aabaa")
            assert got == ([1, 2, 3, 0, 0] if per_subject else [1, 2, 3, 4, 5])
            assert holds(js, stream) == ([1, 2, 3] if per_subject else [3, 4, 5])


@case("JS-LIM-013", config="jetstream", deliveries=False)
def test_in_a_full_stream_a_message_may_replace_one_of_its_subject(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(
            subjects=[f"{prefix}.*"],
            storage=storage,
            discard="new",
            max_msgs=2,
            max_msgs_per_subject=1,
        )
        assert fill(js, prefix, "ab") == [1, 2]
        assert fill(js, prefix, "acb") == [3, 0, 4]
        assert holds(js, stream) == [3, 4]


@case("JS-LIM-031", config="jetstream", deliveries=False)
def test_a_replacement_must_not_be_larger(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        size = len(prefix) + 2 + 10 + (16 if storage == "memory" else 30)
        stream = js.create(
            subjects=[f"{prefix}.*"],
            storage=storage,
            discard="new",
            max_bytes=2 * size,
            max_msgs_per_subject=1,
        )
        for word in "ab":
            js.publish(f"{prefix}.{word}", "x" * 10)
        js.publish_refused(f"{prefix}.a", 10077, "x" * 11)
        js.publish_refused(f"{prefix}.c", 10077, "")
        assert js.publish(f"{prefix}.a", "y" * 10)["seq"] == 3
        assert js.publish(f"{prefix}.b", "y" * 4)["seq"] == 4
        assert holds(js, stream) == [3, 4]


@case("JS-LIM-014", config="jetstream", deliveries=False)
def test_a_rollup_gets_into_a_full_subject(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(
            subjects=[f"{prefix}.*"],
            storage=storage,
            discard="new",
            max_msgs_per_subject=2,
            discard_new_per_subject=True,
            allow_rollup_hdrs=True,
        )
        assert fill(js, prefix, "aaba") == [1, 2, 3, 0]
        assert js.publish(f"{prefix}.a", "x", ROLLUP)["seq"] == 4
        assert holds(js, stream) == [3, 4]
        assert fill(js, prefix, "aa") == [5, 0]
        assert js.publish(f"{prefix}.a", "x", {"Nats-Rollup": "all"})["seq"] == 6
        assert holds(js, stream) == [6]


@case("JS-LIM-033", config="jetstream", deliveries=False)
def test_a_rollup_does_not_get_into_a_full_stream(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(
            subjects=[f"{prefix}.*"],
            storage=storage,
            discard="new",
            max_msgs=2,
            allow_rollup_hdrs=True,
        )
        assert fill(js, prefix, "ab") == [1, 2]
        for value in ("sub", "all"):
            js.publish_refused(f"{prefix}.a", 10077, "x", {"Nats-Rollup": value})
        assert holds(js, stream) == [1, 2]
