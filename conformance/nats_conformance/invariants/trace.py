"""What can be observed of a consumer: its deliveries, requests and INFOs, and its stream.

A trace is told in steps: what belongs to one step happened after all of the step before,
and in any order within it. Leaves out who observes: state machines, cases, `audit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Stored:
    """A message of the stream, whether it is still there or not."""

    seq: int
    subject: bytes
    payload: bytes
    #: The header block; empty if there is none.
    block: bytes
    #: Nanoseconds since 1970.
    time: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it was delivered."""

    step: int
    stream_seq: int
    consumer_seq: int
    #: How often it was delivered, this time included.
    deliveries: int
    #: What its reply subject says of messages still pending.
    pending: int
    time: int
    subject: bytes
    payload: bytes
    block: bytes
    #: The bytes that count for max_bytes.
    size: int = 0
    #: The pull request that it answers; 0 for none.
    request: int = 0
    #: When it came, seconds of any clock.
    came: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """A pull request and what ended it."""

    number: int
    batch: int
    #: 0 is no limit.
    max_bytes: int = 0
    #: When it expires, seconds of that clock; 0 for never.
    expires: float = 0.0
    #: The statuses that came, 100 left out, each with how many deliveries had come before.
    statuses: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """An answer of CONSUMER.INFO."""

    step: int
    #: Consumer and stream sequence.
    delivered: tuple[int, int]
    floor: tuple[int, int]
    ack_pending: int
    pending: int
    redelivered: int
    waiting: int

    @classmethod
    def of(cls, step: int, answer: Mapping[str, Any]) -> Info:
        """What an answer says."""
        delivered, floor = answer["delivered"], answer["ack_floor"]
        return cls(
            step,
            (delivered["consumer_seq"], delivered["stream_seq"]),
            (floor["consumer_seq"], floor["stream_seq"]),
            answer["num_ack_pending"],
            answer["num_pending"],
            answer["num_redelivered"],
            answer["num_waiting"],
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the configuration the invariants ask for."""

    #: The filters in force from each consumer sequence on; none for every subject.
    filters: tuple[tuple[int, tuple[bytes, ...]], ...] = ((1, ()),)
    #: `none`, `all` or `explicit`.
    ack_policy: str = "explicit"
    #: -1 is no limit.
    max_deliver: int = -1
    max_ack_pending: int = -1
    max_waiting: int = 512
    #: The stream sequence just below its start.
    start: int = 0
    #: It began with the last message of each subject.
    last_per_subject: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that was observed of a consumer, from its creation on."""

    rules: Rules
    stored: Mapping[int, Stored] = field(default_factory=dict)
    #: The step in which a message left the stream.
    gone: Mapping[int, int] = field(default_factory=dict)
    #: The highest stream sequence to which a purge may have moved the consumer.
    purged: int = 0
    deliveries: Sequence[Delivery] = ()
    #: The step in which an acknowledgement or termination of it was answered.
    done: Mapping[int, int] = field(default_factory=dict)
    #: Messages of which an advisory told that they are exhausted.
    exhausted: frozenset[int] = frozenset()
    #: Exhausted, too, but perhaps not noticed: some of them may still be counted (JS-RDL-011).
    perhaps: frozenset[int] = frozenset()
    requests: Sequence[Request] = ()
    #: In order; the last one was asked for at rest.
    infos: Sequence[Info] = ()


#: An invariant: what violates it, a sentence each.
Invariant: TypeAlias = Callable[[Trace], list[str]]
