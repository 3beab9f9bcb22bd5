"""What takes the place of a subject's last message, and what doesn't (chapter 116)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance import expiring
from nats_conformance.cases import Nats, case
from nats_conformance.expiring import SECOND, hear, held, marker, until, words

if TYPE_CHECKING:
    from nats_conformance.expiring import Held
    from nats_conformance.jetstream import JetStream

STORAGES = ("memory", "file")
SHORT = {"Nats-TTL": "1"}


def streams(nats: Nats, js: JetStream, **config: Any) -> list[tuple[str, str]]:
    """A stream of each kind of storage, with markers; its subjects' beginning and its name."""
    made = []
    for storage in STORAGES:
        prefix = nats.name("a")
        given = {"subject_delete_marker_ttl": SECOND, "max_msgs_per_subject": 5} | config
        made.append((prefix, js.create(subjects=[f"{prefix}.*"], storage=storage, **given)))
    return made


def marked(found: list[Held], lifetime: str) -> str:
    """The words of what is held that is exactly a marker."""
    return words([each for each in found if each.block == marker(lifetime)])


@case("JS-TTL-006", "JS-TTL-007", "JS-TTL-013", config="jetstream", waits=True)
def test_the_end_of_a_subject_leaves_a_marker(nats: Nats) -> None:
    js = nats.jetstream()
    aged = streams(nats, js, max_age=SECOND, subject_delete_marker_ttl=3723 * SECOND)
    timed = streams(nats, js, subject_delete_marker_ttl=60 * SECOND, max_msgs_per_subject=1)
    heard = {}
    for made, headers in ((aged, {}), (timed, SHORT)):
        for prefix, stream in made:
            heard[stream] = hear(js, stream)
            js.publish(f"{prefix}.a", "x", headers)
            js.publish(f"{prefix}.b", "x", headers)
            js.publish(f"{prefix}.c", "x", {"Nats-TTL": "never"})
    for made, lifetime in ((aged, "1h2m3s"), (timed, "1m0s")):
        for _, stream in made:
            found = heard[stream](5)
            assert words(found) == "a b c a b"
            assert marked(found, lifetime) == "a b"
            assert {1, 2}.isdisjoint(each.seq for each in held(js, stream))
    for _, stream in timed:
        assert words(held(js, stream)) == "c a b"
        assert js.stored(stream, seq=4)["data"] == b""
        state = js.state(stream)
        assert (state["messages"], state["first_seq"], state["last_seq"]) == (3, 3, 5)


@case("JS-TTL-006", config="jetstream", waits=True)
def test_consumers_deliver_markers(nats: Nats) -> None:
    js = nats.jetstream()
    prefix, stream = streams(nats, js)[0]
    consumer = js.consumer(stream, filter_subject=f"{prefix}.a")
    js.subscribe(f"{prefix}.>", "published")
    js.publish(f"{prefix}.a", "x", SHORT)
    assert js.next("published").payload == b"x"
    assert [each.seq for each in consumer.take(2)] == [1, 2]
    # It was stored, not published.
    js.quiet()


@case("JS-TTL-008", config="jetstream", waits=True)
def test_a_marker_leaves_no_marker(nats: Nats) -> None:
    js = nats.jetstream()
    made = streams(nats, js)
    for prefix, _ in made:
        js.publish(f"{prefix}.a", "x", SHORT)
    for prefix, stream in made:
        until(js, stream, lambda found: not found)
        assert js.state(stream)["last_seq"] == 2
        js.publish(f"{prefix}.b", "x", SHORT)
    for _, stream in made:
        until(js, stream, lambda found: not found)
        assert js.state(stream)["last_seq"] == 4


@case("JS-TTL-009", config="jetstream", waits=True)
def test_markers_grow_old(nats: Nats) -> None:
    js = nats.jetstream()
    made = streams(nats, js, max_age=SECOND, subject_delete_marker_ttl=3600 * SECOND)
    for prefix, _ in made:
        js.publish(f"{prefix}.a", "x")
    for _, stream in made:
        until(js, stream, lambda found: not found)
        assert js.state(stream)["last_seq"] == 2


@case("JS-TTL-010", config="jetstream", waits=True)
def test_what_says_that_a_subject_is_over_leaves_no_marker(nats: Nats) -> None:
    js = nats.jetstream()
    rows = {
        "deleted": ({"KV-Operation": "DEL"}, True),
        "purged": ({"KV-Operation": "PURGE"}, False),
        "lower": ({"KV-Operation": "purge"}, True),
        "name": ({"kv-operation": "PURGE"}, True),
        "reason": ({"Nats-Marker-Reason": "Remove"}, False),
        "any": ({"Nats-Marker-Reason": "x"}, False),
        "nothing": ({"Nats-Marker-Reason": ""}, True),
        "plain": ({}, True),
    }
    made = streams(nats, js)
    heard = [hear(js, stream) for _, stream in made]
    for prefix, _ in made:
        for word, (headers, _) in rows.items():
            js.publish(f"{prefix}.{word}", "", headers | SHORT)
    expected = [word for word, (_, leaves) in rows.items() if leaves]
    for each in heard:
        assert marked(each(len(rows) + len(expected)), "1s") == " ".join(expected)


@case("JS-TTL-011", config="jetstream", waits=True)
def test_other_ends_leave_no_marker(nats: Nats) -> None:
    js = nats.jetstream()
    made = streams(nats, js, max_msgs=5, max_msgs_per_subject=2)
    for prefix, stream in made:
        for word in ("evicted", "deleted", "purged", "plain", "over"):
            js.publish(f"{prefix}.{word}", "x")
        js.publish(f"{prefix}.over", "y", SHORT)
        js.request(f"STREAM.MSG.DELETE.{stream}", {"seq": 2})
        js.request(f"STREAM.PURGE.{stream}", {"filter": f"{prefix}.purged"})
        js.publish(f"{prefix}.rolled", "x")
        js.publish(f"{prefix}.rolled", "y", {"Nats-Rollup": "sub"})
    for prefix, stream in made:
        expiring.until_words(js, stream, "plain over rolled")
        state = js.state(stream)
        assert state["last_seq"] == 8
        assert js.stored(stream, last_by_subj=f"{prefix}.over")["seq"] == 5


@case("JS-TTL-014", config="jetstream", waits=True)
def test_without_room_for_a_marker_the_message_goes_all_the_same(nats: Nats) -> None:
    js = nats.jetstream()
    full = streams(nats, js, discard="new", max_msgs=2)
    for prefix, _ in full:
        js.publish(f"{prefix}.a", "x", SHORT)
        js.publish(f"{prefix}.b", "x")
        js.publish_refused(f"{prefix}.c", 10077)
    for prefix, stream in full:
        expiring.until_words(js, stream, "b")
        assert js.publish(f"{prefix}.c")["seq"] == 3


@case("JS-TTL-014", config="jetstream", waits=True)
def test_a_marker_too_large_for_the_stream(nats: Nats) -> None:
    js = nats.jetstream()
    small = streams(nats, js, max_msg_size=40)
    for prefix, _ in small:
        js.publish(f"{prefix}.a", "x", SHORT)
    for _, stream in small:
        until(js, stream, lambda found: not found)


@case("JS-TTL-017", config="jetstream", waits=True)
def test_a_marker_is_not_transformed_once_more(nats: Nats) -> None:
    js = nats.jetstream()
    made = streams(nats, js, subject_transform={"src": ">", "dest": "again.>"})
    heard = [hear(js, stream) for _, stream in made]
    for prefix, _ in made:
        js.publish(f"{prefix}.a", "x", SHORT)
    for (_, stream), each in zip(made, heard, strict=True):
        message, its_marker = each(2)
        assert its_marker.subject == message.subject
        until(js, stream, lambda found: not found)
        assert js.state(stream)["last_seq"] == 2
