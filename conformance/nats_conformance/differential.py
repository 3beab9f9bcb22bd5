"""The same conversation with two servers, and what they answer differently.

What may differ between two right servers is taken out by normalisers, each with a
name and a reason; everything else that differs is shown. No model here: what one
server does is the measure of the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from nats_spec.operations import Err, Hmsg, Info, Msg, Operation, Ping

from .expect import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .connection import Connection
    from .server import Server

#: What a server said on one connection.
Answers: TypeAlias = list[Operation]


@dataclass(frozen=True, slots=True)
class Normaliser:
    """One difference that two right servers may have."""

    name: str
    reason: str
    apply: Callable[[Answers], Answers]


def _without(*kinds: type[Operation]) -> Callable[[Answers], Answers]:
    return lambda answers: [each for each in answers if not isinstance(each, kinds)]


def _sorted_copies(answers: Answers) -> Answers:
    """Copies of one message that stand side by side, in the order of their sids."""
    result: Answers = []
    for each in answers:
        at = len(result)
        while at and _is_copy(result[at - 1], each) and _sid(result[at - 1]) > _sid(each):
            at -= 1
        result.insert(at, each)
    return result


def _sid(operation: Operation) -> bytes:
    return operation.sid if isinstance(operation, Msg | Hmsg) else b""


def _is_copy(one: Operation, other: Operation) -> bool:
    if not (isinstance(one, Msg | Hmsg) and isinstance(other, Msg | Hmsg)):
        return False
    return replace(one, sid=b"") == replace(other, sid=b"")


def _without_named_subject(answers: Answers) -> Answers:
    return [
        replace(each, header=b"NATS/1.0 503\r\n\r\n")
        if isinstance(each, Hmsg) and each.header.startswith(b"NATS/1.0 503\r\nNats-Subject: ")
        else each
        for each in answers
    ]


#: In the order in which they are applied.
NORMALISERS: Final = (
    Normaliser("identity", "INFO says who the server is (INFO-002)", _without(Info)),
    Normaliser("keepalive", "a server pings when its clock says so (PING-001)", _without(Ping)),
    Normaliser("copies", "their order among sids is open (ROUTE-002)", _sorted_copies),
)

#: Between releases on two sides of 2.12.
NAMED_SUBJECT: Final = Normaliser(
    "503", "the status names the subject since 2.12 (REQ-002, REQ-003)", _without_named_subject
)


@dataclass(frozen=True, slots=True)
class Said:
    """One step of a conversation: these bytes on that connection."""

    connection: int
    data: bytes


def converse(server: Server, hello: bytes, steps: Iterable[Said], count: int) -> list[Answers]:
    """What `server` answers on each of `count` connections, each step awaited everywhere.

    At the end each connection is ended from our side, and read to its end.
    """
    connections = [server.connect(auto_info=False, auto_pong=False) for _ in range(count)]
    answers: list[Answers] = [[] for _ in connections]
    for connection in connections:
        connection.send(hello)
    for step in steps:
        connections[step.connection].send(step.data)
        _await(connections, answers, step.connection)
    for index, connection in enumerate(connections):
        connection.half_close()
        answers[index] += connection.read_until_closed()
    return answers


def _await(connections: Sequence[Connection], answers: list[Answers], first: int) -> None:
    for index in [first, *(n for n in range(len(connections)) if n != first)]:
        if connections[index].ended:
            continue
        try:
            answers[index] += connections[index].barrier()
        except Mismatch:
            answers[index] += connections[index].read_until_closed()


def compare(ours: list[Answers], theirs: list[Answers], *, same_503: bool) -> None:
    """Both have answered alike, but for what the normalisers take out.

    Raises:
        Mismatch: they have not; says on which connection, and what each said.
    """
    normalisers = NORMALISERS if same_503 else (*NORMALISERS, NAMED_SUBJECT)
    for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        for normaliser in normalisers:
            one, other = normaliser.apply(one), normaliser.apply(other)  # noqa: PLW2901
        if one != other:
            raise Mismatch(
                f"the two servers differ on connection {index + 1}", _shown(other), _shown(one)
            )


def _shown(answers: Answers) -> str:
    return " ".join(repr(_wire(each)) for each in answers) or "nothing"


def _wire(operation: Operation) -> bytes:
    return operation.encode() if not isinstance(operation, Err) else b"-ERR " + operation.text
