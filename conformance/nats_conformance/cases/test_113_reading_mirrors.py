"""Mirrors that answer direct gets of their origin (JS-DIRECT-018, JS-DIRECT-029)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nats_conformance import copying, polling
from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

#: Two of them are asked so often: that one is left out by chance is nothing to reckon with.
OFTEN: Final = 60


def origin(nats: Nats) -> tuple[str, str]:
    """A stream of two subjects; its name and their prefix."""
    js, prefix = nats.jetstream(), nats.name("o")
    stream = js.create(subjects=[f"{prefix}.*"], allow_direct=True, storage="memory")
    js.publish(f"{prefix}.a", "1")
    js.publish(f"{prefix}.b", "2")
    return stream, prefix


def answering(js: JetStream, stream: str, body: dict[str, Any], subject: str = "") -> set[str]:
    """Who answers a request that is made often, each by the name or status it gives."""
    found = set()
    for _ in range(OFTEN):
        message = js.direct(stream, body or None, subject=subject)
        found.add(message.header("Nats-Stream") or str(message.status))
    return found


def joined(nats: Nats, stream: str, mirror: str) -> None:
    """Wait until the mirror takes part."""
    js = nats.jetstream()
    polling.until(
        lambda: js.direct(stream, {"seq": 2}).header("Nats-Stream"),
        lambda name: name == mirror,
        nats.patience,
    )


@case("JS-DIRECT-018", config="jetstream", deliveries=False)
def test_a_mirror_answers_for_its_origin_too(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(nats)
    assert answering(js, stream, {"seq": 2}) == {stream}
    mirror = js.create(mirror={"name": stream}, storage="memory")
    copying.holds(js, mirror, [1, 2])
    joined(nats, stream, mirror)
    for body in ({"seq": 2}, {"last_by_subj": f"{prefix}.b"}):
        assert answering(js, stream, body) == {stream, mirror}
    assert answering(js, stream, {}, f"{prefix}.b") == {stream, mirror}
    payloads = {js.direct(stream, {"seq": 2}).payload for _ in range(OFTEN)}
    assert payloads == {b"2"}


@case("JS-DIRECT-029", config="jetstream", deliveries=False)
def test_a_mirror_answers_whatever_becomes_of_its_origin(nats: Nats) -> None:
    js = nats.jetstream()
    stream, prefix = origin(nats)
    filtered = {"name": stream, "filter_subject": f"{prefix}.b"}
    mirror = js.create(mirror=filtered, mirror_direct=True, storage="memory")
    copying.holds(js, mirror, [2])
    joined(nats, stream, mirror)
    assert answering(js, stream, {"seq": 1}) == {stream, "404"}
    config = js.info(stream)["config"] | {"allow_direct": False}
    js.request(f"STREAM.UPDATE.{stream}", config)
    assert answering(js, stream, {"seq": 2}) == {mirror}
    js.request(f"STREAM.DELETE.{stream}")
    assert answering(js, stream, {"seq": 2}) == {mirror}
