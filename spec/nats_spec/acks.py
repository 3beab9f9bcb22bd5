"""Acknowledgements as values: the subject a delivered message asks to be answered on, the answers.

Reads and writes what acks.lark holds. Implements JS-DLV-003 .. JS-DLV-005, JS-ACK-001,
JS-ACK-017, JS-ACK-018.

Leaves out what an acknowledgement does: that's the model's and the reference's.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from nats_spec.recogniser import recogniser

#: What a token that should be a number and is none reads as.
UNREADABLE: Final = -1

_DIGITS: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PART: Final = re.compile(rb"([0-9]*)\.?([0-9]*)([a-z\xb5\xbc\xc2\xce]+)")
_UNITS: Final = {
    b"ns": 1,
    b"us": 1_000,
    b"\xc2\xb5s": 1_000,
    b"\xce\xbcs": 1_000,
    b"ms": 1_000_000,
    b"s": 1_000_000_000,
    b"m": 60_000_000_000,
    b"h": 3_600_000_000_000,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the reply subject of a delivered message says."""

    stream: bytes
    consumer: bytes
    #: How often the message was delivered, this time included.
    deliveries: int
    #: Its sequence in the stream.
    stream_seq: int
    #: The number of this delivery.
    consumer_seq: int
    #: When it was stored, nanoseconds since 1970.
    timestamp: int
    #: Messages that the consumer has not delivered yet, this one not counted.
    pending: int
    #: Of the second form: the JetStream domain, `_` for none. Empty in the first.
    domain: bytes = b""
    #: Of the second form: see `account_hash`.
    account: bytes = b""

    @property
    def subject(self) -> bytes:
        """The subject, in the form that has these fields."""
        where = b"%b.%b." % (self.domain, self.account) if self.account else b""
        return b"$JS.ACK.%b%b.%b.%d.%d.%d.%d.%d" % (
            where,
            self.stream,
            self.consumer,
            self.deliveries,
            self.stream_seq,
            self.consumer_seq,
            self.timestamp,
            self.pending,
        )


class Kind(Enum):
    """What an answer says of its message."""

    ACK = "+ACK"  #: it is done
    PROGRESS = "+WPI"  #: it is being worked on: wait again from now on
    NAK = "-NAK"  #: deliver it again, now or after a delay
    TERM = "+TERM"  #: never deliver it again
    NEXT = "+NXT"  #: it is done; and here is a pull request


@dataclass(frozen=True, slots=True)
class Answer:
    """The payload of an acknowledgement, taken apart."""

    kind: Kind
    #: Reason, delay or pull request; the blanks around it are taken off.
    argument: bytes = b""


def parse(subject: bytes) -> Reply | None:
    """What a reply subject says; None if it is of neither form."""
    found = recogniser("acks", "reply").match(subject)
    if found is None:
        return None
    form, tokens = found
    domain, account = tokens[:2] if form != "v1" else (b"", b"")
    stream, consumer, *numbers = tokens if form == "v1" else tokens[2:9]
    deliveries, stream_seq, consumer_seq, timestamp, pending = map(_number, numbers)
    return Reply(
        stream,
        consumer,
        deliveries,
        stream_seq,
        consumer_seq,
        timestamp,
        pending,
        domain,
        account,
    )


def answer(payload: bytes) -> Answer | None:
    """What a payload says; None if that is nothing, so that it must change nothing."""
    return read_once(payload) if len(payload) <= _SHORT else _read(payload)


def _read(payload: bytes) -> Answer | None:
    found = recogniser("acks", "payload").match(payload)
    if found is None:
        return None
    name, arguments = found
    kind = _KINDS[name]
    return Answer(kind, b"" if kind is Kind.ACK else b"".join(arguments).strip())


def delay(argument: bytes) -> int | None:
    """The delay that a -NAK asks for, in nanoseconds; None if it can't be read."""
    if argument.startswith(b"{"):
        return _json_delay(argument)
    found = recogniser("acks", "duration").match(argument)
    if found is None:
        return None
    *sign, amount = found[1]
    total = sum(_part(*part) for part in _PART.findall(amount))
    return -total if sign == [b"-"] else total


def account_hash(account: bytes) -> bytes:
    """How the second form names an account: eight digits of base 62."""
    return bytes(_DIGITS[byte % 62] for byte in hashlib.sha256(account).digest()[:8])


#: Nearly all payloads are among a few short ones: what they say is remembered.
_SHORT: Final = 16
read_once: Final = lru_cache(256)(_read)

_KINDS: Final = {
    "ack": Kind.ACK,
    "progress": Kind.PROGRESS,
    "nak": Kind.NAK,
    "term": Kind.TERM,
    "next": Kind.NEXT,
}


def _number(token: bytes) -> int:
    return int(token) if token.isdigit() else UNREADABLE


def _part(whole: bytes, fraction: bytes, unit: bytes) -> int:
    factor = _UNITS[unit]
    below = int(fraction or b"0") * factor // int(b"1" + b"0" * len(fraction))
    return int(whole or b"0") * factor + below


def _json_delay(argument: bytes) -> int | None:
    try:
        asked = json.loads(argument)
    except ValueError:
        return None
    found = 0
    for name, value in asked.items():
        if name.casefold() == "delay" and value is not None:
            if type(value) is not int:
                return None
            found = value
    return found
