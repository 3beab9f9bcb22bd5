"""What came to every connection, held against what the delivery model lets come.

Each message has a payload of its own, so what came can be told apart; the model
moves on message by message, because a delivery may end a subscription.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from nats_conformance.expect import Mismatch
from nats_spec.model import delivery as model
from nats_spec.operations import Hmsg, Msg
from nats_spec.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Delivered: TypeAlias = "Msg | Hmsg"

_STATUS = b"NATS/1.0 503"


class Arrivals:
    """The operations that came to each connection after some messages of one publisher."""

    def __init__(
        self, messages: Sequence[model.Message], came: Mapping[str, Sequence[Delivered]]
    ) -> None:
        """Sort what came by message.

        Raises:
            Mismatch: something was published by nobody, or came twice or out of order.
        """
        order = {message.payload: place for place, message in enumerate(messages)}
        self._by_payload: dict[bytes, dict[model.Key, Delivered]] = defaultdict(dict)
        self._statuses: list[tuple[model.Key, Hmsg]] = []
        for name, operations in came.items():
            last: dict[bytes, int] = {}
            for operation in operations:
                key = model.Key(name, operation.sid)
                if isinstance(operation, Hmsg) and operation.header.startswith(_STATUS):
                    self._statuses.append((key, operation))
                    continue
                place = order.get(operation.payload)
                if place is None:
                    raise Mismatch("nobody published this", "nothing", f"{operation}")
                if place <= last.get(operation.sid, -1):
                    raise Mismatch(
                        "each message once, in the order of its publisher (ROUTE-003)",
                        "a later message",
                        f"{operation}",
                    )
                last[operation.sid] = place
                self._by_payload[operation.payload][key] = operation

    def judge(
        self, world: model.World, publisher: str, message: model.Message, *, names_subject: bool
    ) -> model.World:
        """The world after `message`.

        Raises:
            Mismatch: it went where the model doesn't let it, or came as something else.
        """
        outcome = model.publish(world, publisher, message)
        came = self._by_payload.pop(message.payload, {})
        receivers = set(came)
        if not outcome.copies <= receivers:
            raise Mismatch("a copy is missing", _keys(outcome.copies), _keys(receivers))
        chosen = receivers - outcome.copies
        for members in outcome.groups:
            if len(members & chosen) != 1:
                raise Mismatch("one of a group", f"one of {_keys(members)}", _keys(receivers))
            chosen -= members
        if chosen:
            raise Mismatch("a copy where none belongs", _keys(receivers - chosen), _keys(chosen))
        for key, operation in came.items():
            expected = model.received_as(message, key.sid, world.connections[key.connection])
            if operation != expected:
                raise Mismatch("it came as another message", f"{expected}", f"{operation}")
        if outcome.unanswered:
            self._judge_status(message, outcome.unanswered, names_subject=names_subject)
        return model.delivered(world, came)

    def nothing_left(self) -> None:
        """Everything that came has been judged.

        Raises:
            Mismatch: a status came that nobody asked for.
        """
        if self._statuses:
            raise Mismatch("a status that nobody asked for", "nothing", f"{self._statuses[0]}")

    def _judge_status(
        self, message: model.Message, candidates: frozenset[model.Key], *, names_subject: bool
    ) -> None:
        if not self._statuses or self._statuses[0][0] not in candidates:
            raise Mismatch("a status 503", f"for {_keys(candidates)}", f"{self._statuses[:1]}")
        key, status = self._statuses.pop(0)
        expected = model.unanswered_as(message, key.sid, names_subject=names_subject)
        if status != expected:
            raise Mismatch("another status", f"{expected}", f"{status}")


def examples_of(world: model.World, publisher: str, message: model.Message) -> list[str]:
    """The situations that publishing `message` is an example of."""
    outcome = model.publish(world, publisher, message)
    receivers = outcome.copies.union(*outcome.groups)
    takes = {world.connections[key.connection].headers for key in receivers}
    own = any(
        key.connection == publisher and matches(sub.pattern, message.subject)
        for key, sub in world.subscriptions.items()
    )
    met = {
        "copies to two or more": len(outcome.copies) > 1,
        "choice in a group": any(len(members) > 1 for members in outcome.groups),
        "group over two patterns": any(
            len({world.subscriptions[key].pattern for key in members}) > 1
            for members in outcome.groups
        ),
        "nobody": not receivers,
        "503": bool(outcome.unanswered),
        "own message withheld": own and not world.connections[publisher].echo,
        "headers kept": bool(message.header) and True in takes,
        "headers taken off": bool(message.header) and False in takes,
    }
    return [situation for situation, is_met in met.items() if is_met]


def _keys(keys: Iterable[model.Key]) -> str:
    return ", ".join(f"{key.connection}/{key.sid.decode()}" for key in sorted(keys)) or "nobody"
