"""Faults of chapter 121, pull requests."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import Change, register, wrap
from nats_reference.jetstream.consumer import statuses
from nats_reference.jetstream.consumer.outbox import status

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.outbox import Outgoing
    from nats_reference.jetstream.consumer.pulls import Pull

CONSUMER = "nats_reference.jetstream.consumer"
PULLS, PULLING, STATUSES = f"{CONSUMER}.pulls", f"{CONSUMER}.pulling", f"{CONSUMER}.statuses"
NEXT = "nats_reference.jetstream.api.dispatch:next_message"

#: What is said otherwise, or not known.
CHANGES: tuple[Change, ...] = (
    ("JS-PULL-001", "a number is no request", f"{PULLS}:NUMBER", re.compile(rb"(?!)")),
    ("JS-PULL-003", "a bad request is told in other words", f"{STATUSES}:BAD_REQUEST", "400 Bad {why}"),
    ("JS-PULL-009", "nothing there is told in other words", f"{STATUSES}:NO_MESSAGES", "404 Not Found"),
    ("JS-PULL-012", "requests in front are told in other words", f"{STATUSES}:REQUESTS_PENDING", "408 Busy"),
    ("JS-PULL-016", "a message too large is told in other words", f"{STATUSES}:TOO_LARGE", "409 Too Large"),
    ("JS-PULL-017", "a full batch is told in other words", f"{STATUSES}:BATCH_COMPLETED", "409 Done"),
    ("JS-PULL-021", "a heartbeat has another description", f"{STATUSES}:HEARTBEAT", "100 Heartbeat"),
    ("JS-PULL-024", "too large a batch is told in other words", f"{STATUSES}:MAX_BATCH", "409 Batch {limit}"),
    ("JS-PULL-025", "too long a wait is told in other words", f"{STATUSES}:MAX_EXPIRES", "409 Expires {limit}"),
    ("JS-PULL-026", "too many bytes are told in other words", f"{STATUSES}:MAX_BYTES", "409 Bytes {limit}"),
    ("JS-PULL-027", "too many requests are told in other words", f"{STATUSES}:MAX_WAITING", "409 Full"),
    ("JS-PULL-030", "a push consumer has another answer", f"{STATUSES}:PUSH_BASED", "409 Push"),
    ("JS-PULL-031", "deletion is told in other words", f"{STATUSES}:DELETED", "409 Gone"),
    ("JS-PULL-032", "the server's end is told in other words", f"{STATUSES}:SHUTDOWN", "409 Bye"),
    ("JS-PULL-034", "an API level is refused in other words", f"{STATUSES}:API_LEVEL", "412 Level"),
    ("JS-PULL-028", "requests of clients that are gone stay", f"{PULLING}:drop_dead", lambda _consumer: None),
)  # fmt: skip

register(CHANGES)


def parsed(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of a request
    """Have `change` look at each request that was understood."""
    parse = patch.original(f"{PULLS}:parse")

    def otherwise(reply: bytes, body: bytes, now: int) -> Pull:
        pull: Pull = parse(reply, body, now)
        change(pull)
        return pull

    patch.attribute(f"{PULLS}:parse", otherwise)


def asked(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of members
    """Have `change` look at the members of each request."""
    wrap(patch, f"{PULLS}:members", lambda members, body: change(members(body)))


@fault("JS-PULL-002", "a batch of 0 is two messages")
def two_for_none(patch: Patch) -> None:
    """And a negative one, too."""

    def change(pull: Pull) -> None:
        if pull.batch <= 0:
            pull.batch = 2

    parsed(patch, change)


@fault("JS-PULL-004", "unknown members of a request are refused")
def strict_requests(patch: Patch) -> None:
    """As everywhere else."""
    members, known = patch.original(f"{PULLS}:members"), patch.original(f"{PULLS}:MEMBERS")
    refuse = patch.original(f"{PULLS}:BadRequest")

    def strict(body: bytes) -> dict[str, Any]:
        import json  # noqa: PLC0415 - a fault is seldom installed

        found: dict[str, Any] = members(body)
        if json.loads(body).keys() - known.keys():
            raise refuse("unknown field")
        return found

    patch.attribute(f"{PULLS}:members", strict)


@fault("JS-PULL-005", "a request gets a message too many")
def one_more(patch: Patch) -> None:
    """Whatever it asked for."""

    def change(pull: Pull) -> None:
        pull.batch = max(pull.batch, 1) + 1

    parsed(patch, change)


@fault("JS-PULL-006", "a timeout does not tell what is left")
def bare_timeout(patch: Patch) -> None:
    """The status alone."""
    block = patch.original(f"{STATUSES}:block")

    def bare(with_rest: Any, text: str, messages: int, size: int) -> Any:  # noqa: ANN401 - handed on
        return block(text) if text.startswith("408") else with_rest(text, messages, size)

    wrap(patch, f"{STATUSES}:with_rest", bare)


@fault("JS-PULL-007", "a negative time to wait is endless")
def endless(patch: Patch) -> None:
    """As if none were given."""

    def change(pull: Pull) -> None:
        if pull.expires < 0:
            pull.ends = 0

    parsed(patch, change)


@fault("JS-PULL-008", "a request without a time to wait doesn't wait")
def impatient(patch: Patch) -> None:
    """As if it had said so."""

    def change(pull: Pull) -> None:
        pull.no_wait = pull.no_wait or not pull.ends

    parsed(patch, change)


@fault("JS-PULL-029", "the first request gets all it asked for first")
def no_turns(patch: Patch) -> None:
    """Then the second."""

    def greedy(serve: Any, waiting: Any) -> Any:  # noqa: ANN401 - handed on
        pull = serve(waiting)
        if waiting.pulls and waiting.pulls[-1] is pull:
            waiting.pulls.rotate(1)
        return pull

    wrap(patch, f"{PULLS}:Waiting.serve", greedy)


@fault("JS-PULL-036", "a request to nobody is not answered")
def heard_by_nobody(patch: Patch) -> None:
    """Nor is there a status."""
    wrap(patch, NEXT, lambda take, *arguments: take(*arguments) or True)


@fault("JS-PULL-037", "requests that wait are not counted")
def uncounted(patch: Patch) -> None:
    """There are always none."""
    wrap(
        patch,
        f"{CONSUMER}.information:info",
        lambda info, consumer: info(consumer) | {"num_waiting": 0},
    )


@fault("JS-PULL-010", "a request that doesn't wait does not end")
def never_drained(patch: Patch) -> None:
    """It stays until it is filled."""
    wrap(
        patch,
        f"{PULLING}:tidy",
        lambda tidy, consumer, *, drained: tidy(consumer, drained=drained and False),
    )


@fault("JS-PULL-011", "a request that waits for a first message does not")
def no_first(patch: Patch) -> None:
    """It is told at once."""
    wrap(
        patch,
        f"{PULLING}:nothing_now",
        lambda decide, consumer, pull: decide(consumer, replace(pull, ends=0)),
    )


@fault("JS-PULL-015", "bytes are not counted")
def boundless(patch: Patch) -> None:
    """Any number may come."""

    def change(pull: Pull) -> None:
        pull.max_bytes = 0

    parsed(patch, change)


@fault("JS-PULL-044", "a request is told that its bytes are used up")
def told(patch: Patch) -> None:
    """As one is that has some left."""

    def after(original: Any, consumer: Consumer, pull: Pull) -> None:  # noqa: ANN401 - handed on
        original(consumer, pull)
        if pull.spent:
            consumer.group.say(status(pull.reply, statuses.with_rest(statuses.TOO_LARGE, 0, 0)))

    wrap(patch, f"{PULLING}:after_delivery", after)


@fault("JS-PULL-018", "a negative number of bytes is a limit")
def negative_bytes(patch: Patch) -> None:
    """Its amount."""
    asked(patch, lambda found: found | {"max_bytes": abs(found["max_bytes"])})


@fault("JS-PULL-019", "too long a heartbeat is none")
def lenient_heartbeat(patch: Patch) -> None:
    """The request goes on without."""

    def lenient(found: dict[str, Any]) -> dict[str, Any]:
        too_long = found["idle_heartbeat"] * 2 > found["expires"]
        return found | ({"idle_heartbeat": 0} if too_long else {})

    asked(patch, lenient)


@fault("JS-PULL-020", "a negative heartbeat is refused")
def refused_heartbeat(patch: Patch) -> None:
    """As too long a one."""
    refuse = patch.original(f"{PULLS}:BadRequest")

    def strict(found: dict[str, Any]) -> dict[str, Any]:
        if found["idle_heartbeat"] < 0:
            raise refuse("heartbeat value too small")
        return found

    asked(patch, strict)


@fault("JS-PULL-022", "no heartbeats while delivery is held up")
def silent_stall(patch: Patch) -> None:
    """By what is outstanding."""

    def silent(say: Any, consumer: Consumer, *arguments: Any) -> None:  # noqa: ANN401 - handed on
        if not consumer.stalled:
            say(consumer, *arguments)

    wrap(patch, f"{PULLING}:say_alive", silent)


@fault("JS-PULL-023", "a delivery doesn't count as a heartbeat")
def beats_anyway(patch: Patch) -> None:
    """The next one comes when it was due."""

    def keep(after: Any, consumer: Consumer, pull: Pull) -> None:  # noqa: ANN401 - handed on
        due = pull.beats
        after(consumer, pull)
        pull.beats = due

    wrap(patch, f"{PULLING}:after_delivery", keep)


@fault("JS-PULL-042", "a request with a heartbeat is told that there are too many")
def told_anyway(patch: Patch) -> None:
    """So that its client asks again at once."""
    block = patch.original(f"{STATUSES}:block")

    def tell(refuse: Any, consumer: Consumer, reply: bytes, body: bytes) -> bytes | None:  # noqa: ANN401 - handed on
        before = len(consumer.waiting.pulls)
        found: bytes | None = refuse(consumer, reply, body)
        if found is None and len(consumer.waiting.pulls) == before:
            found = block("409 Exceeded MaxWaiting")
        return found

    wrap(patch, f"{PULLING}:refuse", tell)


@fault("JS-PULL-039", "a request that timed out still gets messages")
def undead(patch: Patch) -> None:
    """As many as it asked for."""

    def revive(end: Any, consumer: Consumer, pull: Pull, text: str) -> None:  # noqa: ANN401 - handed on
        end(consumer, pull, text)
        if text.startswith("408"):
            pull.ends = 0
            consumer.waiting.pulls.append(pull)

    wrap(patch, f"{PULLING}:end", revive)


@fault("JS-PULL-040", "a status has a payload")
def wordy(patch: Patch) -> None:
    """The text once more."""

    def say(status: Any, *arguments: Any) -> Outgoing:  # noqa: ANN401 - handed on
        found: Outgoing = status(*arguments)
        return found._replace(payload=b"status")

    wrap(patch, f"{PULLING}:status", say)


@fault("JS-PULL-041", "a message that nobody received is lost")
def lost(patch: Patch) -> None:
    """It counts as delivered."""
    patch.attribute("nats_reference.jetstream.outlet:Outlet.heard", lambda _self, _subject: True)
    patch.attribute(f"{CONSUMER}.delivering:undelivered", lambda *_: None)
