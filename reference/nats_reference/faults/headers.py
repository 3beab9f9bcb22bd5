"""Faults of chapter 40, headers: HPUB's sizes, and what becomes of the block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_spec.headers import MalformedHeader, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.connection import Connection
    from nats_reference.operations.pub import Message

PUB = "nats_reference.operations.pub"


def with_block(patch: Patch, change: Callable[[Connection, bytes], bytes | None]) -> None:
    """Deliver another block of the same size, or none of the message."""
    publish = patch.original(f"{PUB}:publish")

    def other(connection: Connection, message: Message, payload: bytes) -> Any:  # noqa: ANN401
        size = int(message[2] or 0)
        if not size:
            return publish(connection, message, payload)
        block = change(connection, payload[:size])
        return None if block is None else publish(connection, message, block + payload[size:])

    patch.attribute(f"{PUB}:publish", other)


@fault("HDR-001", "the reply subject of an HPUB is lost")
def hpub_without_reply(patch: Patch) -> None:
    """The second of four words is not used."""
    hpub_reply = patch.original(f"{PUB}:hpub_reply")
    patch.attribute(f"{PUB}:hpub_reply", lambda c, s, _, *sizes: hpub_reply(c, s, None, *sizes))


@fault("HDR-002", "HPUB is taken from clients without headers")
def headers_from_anybody(patch: Patch) -> None:
    """What CONNECT said is not looked at."""
    patch.attribute(f"{PUB}:headers_allowed", lambda _connection: True)


@fault("HDR-003", "a header block may be longer than its message")
def header_may_be_longer(patch: Patch) -> None:
    """The sizes are not compared."""
    patch.attribute(f"{PUB}:header_too_long", lambda _header_size, _size: False)


@fault("HDR-004", "a header size of 0 closes the connection")
def header_must_be_there(patch: Patch) -> None:
    """HPUB wants a header block."""
    too_long = patch.original(f"{PUB}:header_too_long")
    patch.attribute(f"{PUB}:header_too_long", lambda h, size: not int(h) or too_long(h, size))


@fault("HDR-005", "a header block without a payload closes the connection")
def payload_must_be_there(patch: Patch) -> None:
    """The sizes may not be equal."""
    patch.attribute(f"{PUB}:header_too_long", lambda h, size: int(h) >= int(size) > 0)


@fault("HDR-006", "a malformed header block closes the connection")
def blocks_are_checked(patch: Patch) -> None:
    """The server reads what it only has to relay."""

    def check(connection: Connection, block: bytes) -> bytes | None:
        try:
            parse(block)
        except MalformedHeader:
            connection.close("Protocol Violation")
            return None
        return block

    with_block(patch, check)


@fault("HDR-007", "field names are made lower-case")
def names_are_folded(patch: Patch) -> None:
    """As HTTP/2 does."""

    def fold(_connection: Connection, block: bytes) -> bytes:
        first, end, rest = block.partition(b"\r\n")
        return first + end + rest.lower()

    with_block(patch, fold)


@fault("HDR-007/blanks", "tabs in a header block become blanks")
def tabs_are_blanks(patch: Patch) -> None:
    """The block is rewritten on its way."""
    with_block(patch, lambda _connection, block: block.replace(b"\t", b" "))


@fault("HDR-008", "the server's own header block has bare LFs")
def bare_line_ends(patch: Patch) -> None:
    """Its lines do not end in CR LF."""
    patch.attribute(f"{PUB}:NO_RESPONDERS", b"NATS/1.0 503\nNats-Subject: %b\n\n")


@fault("HDR-009", "a status of the client's own is not relayed")
def only_servers_have_statuses(patch: Patch) -> None:
    """The message is dropped."""
    with_block(patch, lambda _connection, b: None if b.startswith(b"NATS/1.0 ") else b)
