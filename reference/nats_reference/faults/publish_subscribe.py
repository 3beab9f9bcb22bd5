"""Faults of chapter 31, publish and subscribe: what PUB and SUB take and refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import wrap
from nats_spec import subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message

PUB = "nats_reference.operations.pub"
LIMITS = "nats_reference.limits"


def reserve(patch: Patch, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> None:
    """Change the prefixes that are refused, of subjects and of replies."""
    for name in ("RESERVED_SUBJECTS", "RESERVED_REPLIES"):
        patch.attribute(f"{PUB}:{name}", change(patch.original(f"{PUB}:{name}")))


def without(prefix: bytes) -> Callable[[tuple[bytes, ...]], tuple[bytes, ...]]:
    """All prefixes but one."""
    return lambda reserved: tuple(each for each in reserved if each != prefix)


@fault("PUB-001", "the reply subject of a PUB is lost")
def pub_without_reply(patch: Patch) -> None:
    """The second of three words is not used."""
    announce = patch.original(f"{PUB}:announce")
    patch.attribute(
        f"{PUB}:pub_reply", lambda c, subject, _, size: announce(c, subject, None, None, size)
    )


@fault("PUB-002", "a message without payload is not delivered")
def empty_is_nothing(patch: Patch) -> None:
    """A size of 0 is taken for no message."""
    publish = patch.original(f"{PUB}:publish")
    patch.attribute(f"{PUB}:publish", lambda c, m, p: publish(c, m, p) if m[4] else None)


@fault("PUB-003", "the header block does not count towards max_payload")
def headers_are_free(patch: Patch) -> None:
    """Only what follows the header block is compared with the limit."""
    announce = patch.original(f"{PUB}:announce")

    def lax(
        c: Connection, subject: bytes, reply: bytes | None, header: bytes | None, size: bytes
    ) -> Message | None:
        counted = b"%d" % (int(size) - int(header or 0))
        message: Message | None = announce(c, subject, reply, header, counted)
        return None if message is None else (subject, reply, header, size, int(size))

    patch.attribute(f"{PUB}:announce", lax)


@fault("PUB-004", "a message of max_payload bytes is too long")
def limit_is_excluded(patch: Patch) -> None:
    """One byte less than the limit is the most."""
    too_long = patch.original(f"{LIMITS}:payload_too_long")
    patch.attribute(f"{LIMITS}:payload_too_long", lambda c, length: too_long(c, length + 1))


@fault("PUB-005", "a max_payload of -1 is a limit")
def minus_one_is_a_limit(patch: Patch) -> None:
    """Nothing is short enough."""
    patch.attribute(f"{LIMITS}:NO_LIMIT", -2)


@fault("PUB-006", "a subject with a wildcard is not published")
def wildcards_are_dropped(patch: Patch) -> None:
    """What pedantic mode objects to goes nowhere."""
    publish = patch.original(f"{PUB}:publish")

    def strict(c: Connection, message: Message, payload: bytes) -> Any:  # noqa: ANN401
        return publish(c, message, payload) if subjects.valid_literal(message[0]) else None

    patch.attribute(f"{PUB}:publish", strict)


@fault("PUB-006/expanded", "a published wildcard reaches what it would match")
def wildcards_are_expanded(patch: Patch) -> None:
    """`PUB foo.*` is delivered to the publisher's subscription to `foo.bar`."""
    publish = patch.original(f"{PUB}:publish")

    def lax(c: Connection, message: Message, payload: bytes) -> Any:  # noqa: ANN401
        for each in {s.subject for s in c.subscriptions.values()}:
            if each != message[0] and subjects.matches(message[0], each):
                publish(c, (each, *message[1:]), payload)
        return publish(c, message, payload)

    patch.attribute(f"{PUB}:publish", lax)


@fault("PUB-007", "an empty token in a published subject is an error")
def empty_tokens_are_refused(patch: Patch) -> None:
    """Pedantic mode's answer without pedantic mode."""
    announce = patch.original(f"{PUB}:announce")

    def strict(c: Connection, subject: bytes, *rest: Any) -> Any:  # noqa: ANN401
        if b"" in subjects.tokens(subject) and not c.options.pedantic:
            c.send_error("Invalid Publish Subject")
        return announce(c, subject, *rest)

    patch.attribute(f"{PUB}:announce", strict)


@fault("PUB-008", "a reply subject that is no subject is left out")
def bad_replies_are_dropped(patch: Patch) -> None:
    """Wildcards and empty tokens are taken for mistakes."""
    announce = patch.original(f"{PUB}:announce")

    def strict(c: Connection, subject: bytes, reply: bytes | None, *rest: Any) -> Any:  # noqa: ANN401
        good = reply is not None and subjects.valid_literal(reply)
        return announce(c, subject, reply if good else None, *rest)

    patch.attribute(f"{PUB}:announce", strict)


@fault("PUB-009", "a client may publish below _GR_.")
def gateway_prefix_is_open(patch: Patch) -> None:
    """The prefix is like any other."""
    reserve(patch, without(b"_GR_."))


@fault("PUB-010", "a client may publish below $NRG.")
def nrg_is_open(patch: Patch) -> None:
    """The prefix is like any other."""
    reserve(patch, without(b"$NRG."))


@fault("PUB-011", "a client may ask for replies below _R_.")
def service_replies_are_open(patch: Patch) -> None:
    """The prefix is like any other."""
    reserve(patch, without(b"_R_."))


@fault("PUB-011/ack", "a client may ask for replies below $JS.ACK.")
def ack_replies_are_open(patch: Patch) -> None:
    """The prefix is like any other."""
    reserve(patch, without(b"$JS.ACK."))


@fault("PUB-012", "nobody may publish below $SYS.")
def system_subjects_are_denied(patch: Patch) -> None:
    """The prefix is refused in every account."""
    reserve(patch, lambda reserved: (*reserved, b"$SYS."))


@fault("PUB-013", "a client may publish below $GR.")
def old_gateway_prefix_is_open(patch: Patch) -> None:
    """The prefix is like any other, as it was before 2.15."""
    reserve(patch, without(b"$GR."))


@fault("JS-PULL-043", "what was refused with a > in it hears everything from then on")
def lingering(patch: Patch) -> None:
    """Somebody listens, whatever is asked."""
    refused: set[bytes] = set()

    def valid(original: Any, subject: bytes) -> bool:  # noqa: ANN401 - handed on
        if found := original(subject):
            return bool(found)
        refused.update({subject} if b">" in subject else ())
        return False

    def heard(original: Any, outlet: Any, subject: bytes) -> bool:  # noqa: ANN401 - handed on
        return bool(refused) or original(outlet, subject)

    wrap(patch, "nats_reference.operations.sub:valid", valid)
    wrap(patch, "nats_reference.jetstream.outlet:Outlet.heard", heard)
