"""How long messages say that they live, and that they do (chapter 116)."""

from __future__ import annotations

from typing import Any

from nats_conformance import expiring, polling
from nats_conformance.cases import Nats, case
from nats_conformance.expiring import SECOND

STORAGES = ("memory", "file")

#: A time to live is one of these.
VALID = (
    "1",
    "05",
    "7500",
    "1s",
    "1.5s",
    "1500ms",
    "1000000us",
    "+5s",
    ".5h",
    "1.s",
    "1h2m3s",
    "2562047h",
    "never",
    "NEVER",
    "Never",
)
INVALID = (
    "0",
    "0s",
    "999ms",
    "0.999s",
    "1us",
    "-1",
    "-5s",
    "+5",
    "1d",
    "1.0",
    "1_0",
    "1e3s",
    "1 s",
    "soon",
    "nevermore",
    "2562048h",
    "9223372036854775808",
)


def ttl(value: str) -> dict[str, str]:
    """The header fields of a message that lives so long."""
    return {"Nats-TTL": value}


@case("JS-TTL-001", config="jetstream", deliveries=False)
def test_seconds_durations_and_never(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream = js.create(allow_msg_ttl=True, storage=storage)
        for value in VALID:
            seq = js.publish(stream, "x", ttl(value))["seq"]
            assert (
                js.stored(stream, seq=seq)["hdrs"]
                == f"NATS/1.0\r\nNats-TTL: {value}\r\n\r\n".encode()
            )


@case("JS-TTL-001", config="jetstream", waits=True)
def test_whole_seconds_count(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], subject_delete_marker_ttl=SECOND)
    heard = expiring.hear(js, stream)
    # Were it 1.9 seconds, the marker of the second would be first.
    js.publish(f"{prefix}.first", "x", ttl("1.9s"))
    js.publish(f"{prefix}.second", "x", ttl("1s"))
    assert expiring.words(heard(4)) == "first second first second"


@case("JS-TTL-002", "JS-ERR-076", config="jetstream", deliveries=False)
def test_what_is_no_time_to_live(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in STORAGES:
        stream = js.create(allow_msg_ttl=True, storage=storage)
        for value in INVALID:
            js.publish_refused(stream, 10165, "x", ttl(value))
        assert js.state(stream)["last_seq"] == 0


@case("JS-TTL-003", "JS-ERR-077", config="jetstream", deliveries=False)
def test_a_stream_has_to_allow_it(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for value in VALID:
        js.publish_refused(stream, 10166, "x", ttl(value))
    for value in INVALID:
        js.publish_refused(stream, 10165, "x", ttl(value))
    config = js.info(stream)["config"]
    js.request(f"STREAM.UPDATE.{stream}", config | {"allow_msg_ttl": True})
    assert js.publish(stream, "x", ttl("1h"))["seq"] == 1


@case("JS-TTL-004", config="jetstream", waits=True)
def test_a_message_goes_when_its_time_is_over(nats: Nats) -> None:
    js = nats.jetstream()
    streams = []
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.*"], storage=storage, allow_msg_ttl=True)
        streams.append(stream)
        for word, value in (("a", "2"), ("b", "1s"), ("c", "1h"), ("d", "never"), ("e", "3s")):
            js.publish(f"{prefix}.{word}", "x", ttl(value))
        js.publish(f"{prefix}.f", "x")
    for stream in streams:
        expiring.until_words(js, stream, "c d f")
        state = js.state(stream)
        assert (state["first_seq"], state["last_seq"], state["num_deleted"]) == (3, 6, 1)


@case("JS-TTL-004", config="jetstream", waits=True)
def test_the_first_to_go_goes_first(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], subject_delete_marker_ttl=SECOND)
    heard = expiring.hear(js, stream)
    # Each leaves a marker, which tells when it went.
    js.publish(f"{prefix}.a", "x", ttl("3"))
    js.publish(f"{prefix}.b", "x", ttl("1"))
    found = heard(4)
    assert expiring.words(found) == "a b b a"
    times = [each.time for each in found]
    assert times[2] - times[1] >= SECOND
    assert times[3] - times[0] >= 3 * SECOND


@case("JS-TTL-004", config="jetstream", private=True)
def test_a_restart_changes_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], storage="file", allow_msg_ttl=True)
    for word, value in (("a", "1s"), ("b", "1h"), ("c", "1s"), ("d", "never")):
        js.publish(f"{prefix}.{word}", "x", ttl(value))
    nats.server.restart()
    js = nats.jetstream()
    expiring.until_words(js, stream, "b d")


@case("JS-TTL-015", config="jetstream", waits=True)
def test_a_time_beyond_all_times_is_no_time(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], allow_msg_ttl=True)
    far = ("7500000000", "9000000000", "99999999999", "9223372036854775807", "2562047h")
    for place, value in enumerate(far):
        js.publish(f"{prefix}.{place}", "x", ttl(value))
    js.publish(f"{prefix}.soon", "x", ttl("1"))
    found = expiring.until(js, stream, lambda found: "soon" not in expiring.words(found))
    assert expiring.words(found) == "0 1 2 3 4"


@case("JS-TTL-005", config="jetstream", deliveries=False)
def test_no_message_is_outlived_by_its_marker(nats: Nats) -> None:
    js = nats.jetstream()
    rows = (
        ("59s", "60"),
        ("1", "60"),
        ("60", "60"),
        ("60s", "60s"),
        ("1m", "1m"),
        ("60.5s", "60.5s"),
        ("59.9s", "60"),
        ("2h", "2h"),
        ("never", "never"),
    )
    for storage in STORAGES:
        for per_subject in (-1, 5, 1):
            stream = js.create(
                subject_delete_marker_ttl=60 * SECOND,
                max_msgs_per_subject=per_subject,
                storage=storage,
            )
            for sent, kept in rows:
                seq = js.publish(stream, "x", {"A": "1", "Nats-TTL": sent, "B": "2"})["seq"]
                block = js.stored(stream, seq=seq)["hdrs"].decode().split("\r\n")
                expected = sent if per_subject == 1 else kept
                assert sorted(block) == [
                    "",
                    "",
                    "A: 1",
                    "B: 2",
                    "NATS/1.0",
                    f"Nats-TTL: {expected}",
                ]
    stream = js.create(allow_msg_ttl=True)
    js.publish(stream, "x", ttl("1"))
    assert b"Nats-TTL: 1\r\n" in js.stored(stream, seq=1)["hdrs"]


@case("JS-TTL-005", config="jetstream", waits=True)
def test_the_longer_time_is_kept(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], subject_delete_marker_ttl=2 * SECOND)
    heard = expiring.hear(js, stream)
    js.publish(f"{prefix}.raised", "x", ttl("1"))
    js.publish(f"{prefix}.equal", "x", ttl("2"))
    assert expiring.words(heard(4)) == "raised equal raised equal"


@case("JS-LIM-016", config="jetstream", waits=True)
def test_never_outlives_max_age(nats: Nats) -> None:
    js = nats.jetstream()
    made = []
    for storage in STORAGES:
        prefix = nats.name("a")
        stream = js.create(
            subjects=[f"{prefix}.*"], storage=storage, allow_msg_ttl=True, max_age=SECOND
        )
        made.append((prefix, stream))
        for word, headers in (
            ("first", ttl("never")),
            ("long", ttl("1h")),
            ("plain", {}),
            ("last", ttl("never")),
            ("more", {}),
        ):
            js.publish(f"{prefix}.{word}", "x", headers)
    for prefix, stream in made:
        expiring.until_words(js, stream, "first last")
        js.publish(f"{prefix}.again", "x")
    for _, stream in made:
        expiring.until_words(js, stream, "first last")


@case("JS-TTL-012", config="jetstream", waits=True)
def test_what_copies_make_of_it(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    origin = js.create(subjects=[f"{prefix}.*"], allow_msg_ttl=True)
    source: dict[str, Any] = {"sources": [{"name": origin}]}
    mirror: dict[str, Any] = {"mirror": {"name": origin}}
    rows = [
        (source, "brief never plain"),
        (mirror, "brief never plain"),
        (source | {"allow_msg_ttl": True}, "never plain"),
        (mirror | {"allow_msg_ttl": True}, "never plain"),
        (source | {"max_age": 2 * SECOND}, "never"),
        (source | {"allow_msg_ttl": True, "max_age": 2 * SECOND}, "never"),
    ]
    made = [(js.create(**config), left) for config, left in rows]
    for word, headers in (("brief", ttl("2s")), ("never", ttl("never")), ("plain", {})):
        js.publish(f"{prefix}.{word}", "x", headers)
    for stream, _ in made:
        polling.until(lambda: js.state(stream), lambda state: state["last_seq"] == 3, js.patience)  # noqa: B023
    for stream, left in reversed(made):
        expiring.until_words(js, stream, left)
    # Long after it is over in the origin.
    expiring.until_words(js, origin, "never plain")
    for stream, left in made:
        assert expiring.words(expiring.held(js, stream)) == left
