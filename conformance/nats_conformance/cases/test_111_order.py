"""The order of the checks that a publish goes through (JS-PUB-008, JS-PUB-037, JS-PUB-038).

A message that breaks two rules is answered for the one that is checked first.
`CHECKS` are the rules that any stream can be made to enforce; each pair of them
is broken by one message, on a stream that has no room for it either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.cases import Mismatch, Nats, case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.jetstream import JetStream

MAX_MSG_SIZE: Final = 80_000


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, and what a message needs to break it."""

    name: str
    #: What the answer says: an err_code, that and the sequence in its text, or a duplicate.
    outcome: str
    headers: dict[str, str] = field(default_factory=dict)
    size: int = 0
    since: tuple[int, int] = (2, 2)


CHECKS: Final = {
    check.name: check
    for check in (
        Check("size", "10054", size=MAX_MSG_SIZE + 1),
        Check("header size", "10097", {"Long": "x" * 65_536}),
        Check("counter", "10168", {"Nats-Incr": "1"}, since=(2, 12)),
        Check("stream", "10060", {"Nats-Expected-Stream": "other"}),
        Check("TTL off", "10166", {"Nats-TTL": "5s"}, since=(2, 11)),
        Check("subject sequence", "10071 (1)", {"Nats-Expected-Last-Subject-Sequence": "9"}),
        Check("sequence", "10071 (2)", {"Nats-Expected-Last-Sequence": "9"}),
        Check("schedule", "10188", {"Nats-Schedule": "@at 2099-01-01T00:00:00Z"}, since=(2, 12)),
        Check("scheduler", "10212", {"Nats-Scheduler": "other"}, since=(2, 14)),
        Check("source", "10227", {"Nats-Stream-Source": "other 1"}, since=(2, 15)),
        Check("duplicate", "duplicate of 1", {"Nats-Msg-Id": "first"}),
        Check("message id", "10070", {"Nats-Expected-Last-Msg-Id": "other"}),
        Check("rollup", "10111", {"Nats-Rollup": "sub"}),
        Check("TTL", "10165", {"Nats-TTL": "soon"}, since=(2, 11)),
        Check("room", "10077"),
    )
}

ORDER: Final = (
    "size, header size, counter, stream, TTL off, subject sequence, sequence, schedule, scheduler,"
    " source, duplicate, message id, rollup, TTL, room"
)
BEFORE_2_15: Final = (
    "counter, stream, TTL off, subject sequence, sequence, schedule, scheduler,"
    " duplicate, message id, rollup, size, header size, TTL, room"
)
BEFORE_2_12: Final = (
    "stream, TTL off, duplicate, subject sequence, sequence,"
    " message id, rollup, size, header size, TTL, room"
)


def known(order: str, nats: Nats) -> list[Check]:
    """The checks of this order that the server's release has."""
    checks = [CHECKS[name.strip()] for name in order.split(",")]
    return [check for check in checks if check.since <= nats.release]


def outcome(answer: dict[str, Any]) -> str:
    """What an acknowledgement says, in the words of `CHECKS`."""
    if error := answer.get("error"):
        number = re.search(r"\d+", error["description"]) if error["err_code"] == 10071 else None
        return f"{error['err_code']} ({number[0]})" if number else str(error["err_code"])
    return f"duplicate of {answer['seq']}" if answer.get("duplicate") else f"seq {answer['seq']}"


def breaking(js: JetStream, subject: str, *checks: Check) -> str:
    """What becomes of a message that breaks all of these."""
    headers = {name: value for check in checks for name, value in check.headers.items()}
    payload = "x" * max(check.size for check in checks)
    return outcome(js.acknowledgement(subject, payload, headers))


def expect_order(js: JetStream, subject: str, checks: Sequence[Check]) -> None:
    """Each pair that one message can break is answered for the first of the two."""
    for check in checks:
        got = breaking(js, subject, check)
        if got != check.outcome:
            raise Mismatch(f"broken alone: {check.name}", check.outcome, got)
    for first, second in combinations(checks, 2):
        if first.headers.keys() & second.headers.keys():
            continue
        got = breaking(js, subject, first, second)
        if got != first.outcome:
            raise Mismatch(f"{first.name} is not before {second.name}", first.outcome, got)


def crowded(nats: Nats) -> tuple[JetStream, str, str]:
    """A stream without room for a third message, and the subject of its first."""
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(
        subjects=[f"{prefix}.*"], max_msgs=2, max_msg_size=MAX_MSG_SIZE, discard="new"
    )
    js.publish(f"{prefix}.a", "1", {"Nats-Msg-Id": "first"})
    js.publish(f"{prefix}.b", "2")
    return js, stream, f"{prefix}.a"


def seal(js: JetStream, stream: str) -> None:
    """Nothing gets in any more."""
    config = js.info(stream)["config"]
    config.pop("metadata", None)
    js.request(f"STREAM.UPDATE.{stream}", config | {"sealed": True})


def check_all(nats: Nats, order: str) -> None:
    """The whole of an order."""
    checks = known(order, nats)
    js, stream, subject = crowded(nats)
    expect_order(js, subject, checks)
    assert js.state(stream)["last_seq"] == 2
    seal(js, stream)
    for check in checks:
        got = breaking(js, subject, check)
        if got != "10109":
            raise Mismatch(f"{check.name} is checked before sealed", "10109", got)


@case("JS-PUB-008", config="jetstream", deliveries=False)
def test_of_two_broken_rules_the_first_is_named(nats: Nats) -> None:
    check_all(nats, ORDER)


@case("JS-PUB-038", config="jetstream", deliveries=False)
def test_the_order_before_2_15(nats: Nats) -> None:
    check_all(nats, BEFORE_2_15)


@case("JS-PUB-037", config="jetstream", deliveries=False)
def test_the_order_before_2_12(nats: Nats) -> None:
    check_all(nats, BEFORE_2_12)


@case("JS-PUB-008", "JS-PUB-031", config="jetstream", deliveries=False)
def test_interest_is_asked_for_after_all_but_ttl_and_room(nats: Nats) -> None:
    """A stream without interest keeps nothing, and lacks room for nothing."""
    js = nats.jetstream()
    stream = js.create(retention="interest", max_msgs=2, max_msg_size=MAX_MSG_SIZE, discard="new")
    js.publish(stream, "1", {"Nats-Msg-Id": "first"})
    js.publish(stream, "2")
    none = {"subject sequence": "10071 (0)"}
    skipped = ("TTL", "room")
    seq = 2
    for check in known(ORDER, nats):
        seq += check.name in skipped
        wanted = f"seq {seq}" if check.name in skipped else none.get(check.name, check.outcome)
        got = breaking(js, stream, check)
        if got != wanted:
            raise Mismatch(f"without interest: {check.name}", wanted, got)
