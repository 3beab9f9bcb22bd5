"""Faults of chapter 120: messages of which nobody is in need any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.group import Group

CONSUMER = "nats_reference.jetstream.consumer"
INTEREST, GROUP = f"{CONSUMER}.interest", f"{CONSUMER}.group:Group"


@fault("JS-RET-016", "what only the old filters let in stays")
def outlives_filters(patch: Patch) -> None:
    """For good."""
    begun = patch.original(f"{INTEREST}:begun")
    stand_in = SimpleNamespace(lost=lambda _group: None, begun=begun)
    patch.attribute(f"{CONSUMER}.group:interest", stand_in)


@fault("JS-RET-016/others", "with other filters goes what others need")
def takes_all(patch: Patch) -> None:
    """Everything that this consumer does not want."""

    def refilter(original: Any, self: Group, consumer: Any, before: Any) -> None:  # noqa: ANN401 - handed on
        original(self, consumer, before)
        index = self.stream.store.index
        if self.stream.config.retention == "interest":
            for seq in index.sequences():
                if not consumer.wants(index.subject(seq)):
                    self.stream.discard(seq)

    wrap(patch, f"{GROUP}.refilter", refilter)


@fault("JS-RET-016/outstanding", "what goes with a filter stays outstanding")
def stays_outstanding(patch: Patch) -> None:
    """Until it is acknowledged."""

    def refilter(original: Any, self: Group, consumer: Any, before: Any) -> None:  # noqa: ANN401 - handed on
        self.holders.let_go(consumer, consumer.progress.kept())
        original(self, consumer, before)

    wrap(patch, f"{GROUP}.refilter", refilter)


@fault("JS-RET-017", "what was acknowledged under limits stays under interest")
def stays_below(patch: Patch) -> None:
    """As far as all have acknowledged."""
    with_interest(patch, lambda floor, seq: seq > floor)


@fault("JS-RET-017/unwanted", "what nobody wants does not stay under interest")
def unwanted_goes(patch: Patch) -> None:
    """With what is done."""
    wrap(
        patch,
        f"{INTEREST}:unneeded",
        lambda unneeded, group, **_how: unneeded(group, unwanted=True),
    )


@fault("JS-RET-018", "what was acknowledged behind a gap stays under interest")
def stays_above(patch: Patch) -> None:
    """Until its turn comes, which it never does."""
    with_interest(patch, lambda floor, seq: seq <= floor)


def with_interest(patch: Patch, goes: Any) -> None:  # noqa: ANN401 - a function of a floor and a sequence
    """Of what nobody needs have only some go when interest begins and there are consumers."""

    def unneeded(original: Any, group: Group, *, unwanted: bool) -> list[int]:  # noqa: ANN401 - handed on
        found: list[int] = original(group, unwanted=unwanted)
        if unwanted:
            return found
        floor = min(each.progress.floor_stream for each in group.by_name.values())
        return [seq for seq in found if goes(floor, seq)]

    wrap(patch, f"{INTEREST}:unneeded", unneeded)


@fault("JS-RET-019", "without consumers everything stays under interest")
def stays_alone(patch: Patch) -> None:
    """Somebody may come."""
    wrap(patch, f"{INTEREST}:begun", lambda begun, group: group.by_name and begun(group))
