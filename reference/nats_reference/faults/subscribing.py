"""Faults of chapter 31, publish and subscribe: what SUB takes and refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.routing.subscription import Subscription

SUB = "nats_reference.operations.sub"


@fault("SUB-001", "the queue name of a SUB is lost")
def sub_without_queue(patch: Patch) -> None:
    """The second of three words is not used."""
    subscribe = patch.original(f"{SUB}:subscribe")
    patch.attribute(f"{SUB}:sub_queue", lambda c, subject, _, sid: subscribe(c, subject, None, sid))


def other_sid(patch: Patch, change: Callable[[bytes], bytes]) -> None:
    """Have SUB take every sid for another."""
    subscribe = patch.original(f"{SUB}:subscribe")
    patch.attribute(
        f"{SUB}:subscribe", lambda c, s, queue, sid: subscribe(c, s, queue, change(sid))
    )


@fault("SUB-002", "a sid is a number")
def sids_are_numbers(patch: Patch) -> None:
    """`01` is taken for `1`."""
    other_sid(patch, lambda sid: sid.lstrip(b"0") or b"0")


@fault("SUB-002/length", "a sid is cut after 256 bytes")
def sids_are_cut(patch: Patch) -> None:
    """The rest does not come back."""
    other_sid(patch, lambda sid: sid[:256])


@fault("SUB-003", "a SUB with a used sid replaces the subscription")
def last_subscription_holds(patch: Patch) -> None:
    """The second one is in force."""

    def in_use(connection: Connection, sid: bytes) -> bool:
        before = connection.subscriptions.get(sid)
        if before is not None:
            connection.forget(before)
        return False

    patch.attribute(f"{SUB}:in_use", in_use)


@fault("SUB-004", "a SUB with a used sid is not checked")
def repeated_sids_are_unchecked(patch: Patch) -> None:
    """It is ignored before limits and permissions are looked at."""
    subscribe = patch.original(f"{SUB}:subscribe")

    def lax(c: Connection, subject: bytes, queue: bytes | None, sid: bytes) -> None:
        if sid in c.subscriptions:
            c.send_ok()
        else:
            subscribe(c, subject, queue, sid)

    patch.attribute(f"{SUB}:subscribe", lax)


@fault("SUB-005", "a refused SUB keeps its sid")
def refused_sids_are_taken(patch: Patch) -> None:
    """The next SUB with it is ignored."""
    subscribe = patch.original(f"{SUB}:subscribe")
    refused: set[tuple[int, bytes]] = set()

    def strict(c: Connection, subject: bytes, queue: bytes | None, sid: bytes) -> None:
        if (c.cid, sid) in refused:
            c.send_ok()
            return
        subscribe(c, subject, queue, sid)
        if sid not in c.subscriptions:
            refused.add((c.cid, sid))

    patch.attribute(f"{SUB}:subscribe", strict)


@fault("SUB-006", "> may stand in the middle of a pattern")
def rest_in_the_middle(patch: Patch) -> None:
    """Only empty tokens are refused."""
    patch.attribute(f"{SUB}:valid", lambda subject: b"" not in subjects.tokens(subject))


@fault("SUB-006/empty", "a pattern may have empty tokens")
def empty_tokens_are_taken(patch: Patch) -> None:
    """Only a `>` in the middle is refused."""
    patch.attribute(f"{SUB}:valid", lambda subject: b">" not in subjects.tokens(subject)[:-1])


@fault("SUB-006/closes", "a bad pattern ends the connection")
def bad_patterns_close(patch: Patch) -> None:
    """The error comes, and then the end."""
    send_error = patch.original("nats_reference.connection:Connection.send_error")

    def final(self: Connection, text: str) -> None:
        send_error(self, text)
        if text == "Invalid Subject":
            self.close(text)

    patch.attribute("nats_reference.connection:Connection.send_error", final)


@fault("SUB-007", "a queue name with a wildcard is refused")
def queue_names_are_checked(patch: Patch) -> None:
    """It is taken for a bad subject."""
    allowed = patch.original(f"{SUB}:allowed")
    patch.attribute(
        f"{SUB}:allowed", lambda c, s, q: allowed(c, s, q) and subjects.valid_literal(q or b"-")
    )


@fault("SUB-007/case", "letter case does not count in a queue name")
def queue_names_are_folded(patch: Patch) -> None:
    """`q` and `Q` are one group."""
    subscribe = patch.original(f"{SUB}:subscribe")
    patch.attribute(
        f"{SUB}:subscribe", lambda c, s, q, sid: subscribe(c, s, q.lower() if q else q, sid)
    )


@fault("SUB-008", "the queue name _sys_ is free")
def system_queue_is_open(patch: Patch) -> None:
    """The name is like any other."""
    patch.attribute(f"{SUB}:SYSTEM_QUEUE", b"")


@fault("SUB-009", "a subscription begins with the next PING")
def subscriptions_begin_late(patch: Patch) -> None:
    """What is published in between is missed."""
    ping = patch.original("nats_reference.operations.ping:ping")
    late: list[Subscription] = []

    def remember(self: Connection, subscription: Subscription) -> None:
        self.subscriptions[subscription.sid] = subscription
        late.append(subscription)

    def begin(connection: Connection) -> None:
        for each in [s for s in late if s.connection is connection]:
            late.remove(each)
            if connection.subscriptions.get(each.sid) is each:
                connection.server.interest.add(each)
        ping(connection)

    patch.attribute("nats_reference.connection:Connection.remember", remember)
    patch.attribute("nats_reference.operations.ping:ping", begin)
