"""Whom the subject of an acknowledgement means, and the numbers in it.

JS-ACK-009, JS-ACK-010, JS-DLV-004, JS-DLV-005. acks.lark says which subjects there are. What
stands before the five numbers is the same for all deliveries of a consumer, so the
grammar is asked about it once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from nats_reference.jetstream.consumer import acks
from nats_spec.recogniser import recogniser

#: How many numbers end a subject, in the two forms that end with them.
NUMBERS: Final = 5
ENDING_IN_NUMBERS: Final = frozenset({"v1", "v2"})
#: Beginnings that are remembered at most.
REMEMBERED: Final = 4096


class Consignee(NamedTuple):
    """Stream and consumer, by name."""

    stream: str
    consumer: str


class Addressing:
    """The subjects of acknowledgements as an account reads them."""

    __slots__ = ("_domain", "_hash", "_known")

    def __init__(self, domain: str, account_hash: bytes) -> None:
        self._domain = domain.encode()
        self._hash = account_hash
        #: By what stands before the numbers.
        self._known: dict[bytes, Consignee] = {}

    def read(self, subject: bytes) -> tuple[Consignee, acks.Token] | None:
        """Who is meant, and the numbers; None if the subject is none of this account's."""
        beginning, *numbers = subject.rsplit(b".", NUMBERS)
        consignee = self._known.get(beginning)
        if consignee is not None and b"".join(numbers).isdigit() and b"" not in numbers:
            return consignee, acks.Token(int(numbers[0]), int(numbers[1]), int(numbers[2]))
        found = recogniser("acks", "reply").match(subject)
        if found is None:
            return None
        form, tokens = found
        if form != "v1":
            domain, account_hash, *rest = tokens
            if account_hash != self._hash or domain not in {b"_", self._domain}:
                return None
            tokens = tuple(rest)
        consignee = Consignee(text(tokens[0]), text(tokens[1]))
        if form in ENDING_IN_NUMBERS:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[beginning] = consignee
        return consignee, acks.token(tokens[2:])


def text(token: bytes) -> str:
    """A name as text."""
    return token.decode(errors="surrogateescape")


def octets(name: str) -> bytes:
    """A name, or a subject that holds one, as it is published."""
    return name.encode(errors="surrogateescape")
