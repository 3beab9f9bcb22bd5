"""Faults of chapter 120: messages that leave the stream under a consumer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import Change, register, wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.group import Group
    from nats_reference.jetstream.consumer.progress import Progress

    #: Sequence and subject of each.
    Messages = list[tuple[int, bytes]]

CONSUMER = "nats_reference.jetstream.consumer"
PROGRESS, GROUP = f"{CONSUMER}.progress:Progress", f"{CONSUMER}.group:Group"
LEAVING = f"{CONSUMER}.leaving"

CHANGES: tuple[Change, ...] = (
    ("JS-RET-010", "what was deleted is still to be delivered", f"{CONSUMER}.counting:Removals.add", lambda _self, _messages: None),
)  # fmt: skip

register(CHANGES)


@fault("JS-RET-009", "the end of an outstanding message is not told")
def untold(patch: Patch) -> None:
    """Its consumer lets it go in silence."""
    wrap(
        patch,
        f"{LEAVING}:gone",
        lambda gone, consumer, seq, *, silent: gone(consumer, seq, silent=silent or True),
    )


@fault("JS-RET-009/once", "a message that is deleted was delivered once, whatever the truth")
def once(patch: Patch) -> None:
    """As far as the advisory says."""

    def terminated(original: Any, consumer: Any, token: Any, reason: str) -> None:  # noqa: ANN401 - handed on
        deleted = reason == patch.original(f"{CONSUMER}.advisories:DELETED")
        original(consumer, token._replace(deliveries=1) if deleted else token, reason)

    wrap(patch, f"{CONSUMER}.advisories:terminated", terminated)


@fault("JS-RET-020", "with the policy all what is deleted acknowledges everything below it")
def takes_along(patch: Patch) -> None:
    """As an acknowledgement of it would."""

    def gone(original: Any, consumer: Any, seq: int, *, silent: bool) -> None:  # noqa: ANN401 - handed on
        entry = consumer.progress.pending.get(seq)
        original(consumer, seq, silent=silent)
        if entry is not None and consumer.config.ack_policy == "all":
            done = consumer.progress.settle_through(entry.sequence, seq)
            consumer.group.done(consumer, done)

    wrap(patch, f"{LEAVING}:gone", gone)


@fault("JS-RET-011", "a purge leaves what is outstanding")
def outlives_purge(patch: Patch) -> None:
    """Though it is gone."""
    patch.attribute(f"{PROGRESS}.purge", lambda _self, _first, _left: [])


@fault("JS-RET-012", "a purge of the beginning does not move the floor")
def floor_stays(patch: Patch) -> None:
    """It stays where it was."""

    def purge(original: Any, self: Progress, first: int, left: set[int]) -> Any:  # noqa: ANN401 - handed on
        floor, floor_stream = self.floor, self.floor_stream
        found = original(self, first, left)
        self.floor, self.floor_stream = floor, floor_stream
        return found

    wrap(patch, f"{PROGRESS}.purge", purge)


@fault("JS-RET-013", "a purge of one subject is one of all that is outstanding")
def purges_all(patch: Patch) -> None:
    """As far as consumers go."""

    def removed(original: Any, self: Group, messages: Messages, purged: Any) -> None:  # noqa: ANN401 - handed on
        original(self, messages, purged)
        if purged:
            for consumer in self.by_name.values():
                for seq in tuple(consumer.progress.pending):
                    consumer.progress.settle(seq)

    wrap(patch, f"{GROUP}.removed", removed)


@fault("JS-RET-013/place", "a purge of one subject moves nobody")
def moves_nobody(patch: Patch) -> None:
    """Consumers stay below the first message."""

    def purged(original: Any, self: Group, first: int, pattern: bytes) -> None:  # noqa: ANN401 - handed on
        if pattern == b">":
            original(self, first, pattern)

    wrap(patch, f"{GROUP}.purged", purged)


@fault("JS-RET-014", "what a limit discards stays outstanding")
def limits_forget(patch: Patch) -> None:
    """Nobody tells the consumers."""

    def removed(original: Any, self: Group, messages: Messages, purged: Any) -> None:  # noqa: ANN401 - handed on
        first = self.stream.store.index.first_seq
        original(self, [each for each in messages if purged or each[0] > first], purged)

    wrap(patch, f"{GROUP}.removed", removed)


@fault("JS-PUB-043", "a roll-up that nobody wants replaces nothing")
def unwanted(patch: Patch) -> None:
    """It is not there, after all."""

    def skip(original: Any, round_: Any, publication: Any) -> int:  # noqa: ANN401 - handed on
        publication.rollup = b""
        return int(original(round_, publication))

    wrap(patch, "nats_reference.jetstream.publishing:skip", skip)


@fault("JS-CAPI-039", "a message that is deleted is no activity")
def inactive(patch: Patch) -> None:
    """Nobody did anything."""

    def gone(original: Any, consumer: Any, seq: int, *, silent: bool) -> None:  # noqa: ANN401 - handed on
        before = consumer.last_ack_ns
        original(consumer, seq, silent=silent)
        consumer.last_ack_ns = before

    wrap(patch, f"{LEAVING}:gone", gone)


@fault("JS-RET-015", "what a roll-up replaces is deleted message by message")
def one_by_one(patch: Patch) -> None:
    """Each is told of."""

    def roll_up(original: Any, stream: Any, *arguments: Any) -> None:  # noqa: ANN401 - handed on
        original(stream, *arguments)
        stream.gone.patterns.clear()

    wrap(patch, "nats_reference.jetstream.retention:roll_up", roll_up)
