"""Faults that break what must hold of a consumer's requests, and of its neighbours (JS-INV)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.invariants import CONSUMER, GROUP, number, shown
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer


@fault("JS-INV-017", "requests that wait are counted a thousandfold")
def waiting(patch: Patch) -> None:
    """In CONSUMER.INFO."""
    number(patch, "num_waiting", 1000)


@fault("JS-INV-018", "an acknowledgement is answered and forgotten")
def forgotten(patch: Patch) -> None:
    """The message comes again."""
    patch.attribute(f"{CONSUMER}.acknowledging:settle", lambda _consumer, _token: None)


@fault("JS-INV-020", "a request gets a message too many")
def one_too_many(patch: Patch) -> None:
    """Whatever it asked for."""

    def parse(original: Any, *arguments: Any) -> Any:  # noqa: ANN401 - handed on
        pull = original(*arguments)
        pull.batch = max(pull.batch, 1) + 1
        return pull

    wrap(patch, f"{CONSUMER}.pulls:parse", parse)


@fault("JS-INV-021", "the bytes of a request are not counted")
def uncounted(patch: Patch) -> None:
    """Any number may come."""

    def parse(original: Any, *arguments: Any) -> Any:  # noqa: ANN401 - handed on
        pull = original(*arguments)
        pull.max_bytes = 0
        return pull

    wrap(patch, f"{CONSUMER}.pulls:parse", parse)


@fault("JS-INV-022", "a request never ends")
def endless(patch: Patch) -> None:
    """Whatever it said."""

    def parse(original: Any, *arguments: Any) -> Any:  # noqa: ANN401 - handed on
        pull = original(*arguments)
        pull.ends = 0
        return pull

    wrap(patch, f"{CONSUMER}.pulls:parse", parse)


@fault("JS-INV-023", "what everybody is done with stays")
def stays(patch: Patch) -> None:
    """Until it is purged."""
    patch.attribute(f"{GROUP}.needed", lambda _self, _seq: True)


@fault("JS-INV-024", "asking about a consumer changes it")
def asked(patch: Patch) -> None:
    """It goes on by one delivery."""

    def change(consumer: Consumer, found: Any) -> Any:  # noqa: ANN401 - JSON
        consumer.progress.delivered += 1
        return found

    shown(patch, change)


@fault("JS-INV-025", "consumers share what is outstanding")
def shared(patch: Patch) -> None:
    """An acknowledgement is one for all."""

    def done(original: Any, self: Any, consumer: Consumer, seqs: Any) -> None:  # noqa: ANN401 - handed on
        seqs = tuple(seqs)
        original(self, consumer, seqs)
        for other in self.by_name.values():
            for seq in seqs:
                other.progress.settle(seq)

    wrap(patch, f"{GROUP}.done", done)


@fault("JS-INV-026", "lists leave the first consumer out")
def leaves_first_out(patch: Patch) -> None:
    """By name."""
    wrap(
        patch,
        "nats_reference.jetstream.api.consumers:shown",
        lambda shown_, group: shown_(group)[1:],
    )


@fault("JS-INV-027", "the answer to a creation shows another configuration")
def other_configuration(patch: Patch) -> None:
    """Without its description."""

    def made(original: Any, request: Any, asked_: Any) -> Any:  # noqa: ANN401 - JSON
        found = original(request, asked_)
        found["config"].pop("ack_wait", None)
        return found

    wrap(patch, "nats_reference.jetstream.api.consumers:made", made)


@fault("JS-INV-028", "a request that fails changes something")
def fails_and_changes(patch: Patch) -> None:
    """What is delivered, for one."""

    def change(original: Any, group: Any, consumer: Any, config: Any, *, action: str) -> Any:  # noqa: ANN401 - handed on
        consumer.progress.delivered += 1
        return original(group, consumer, config, action=action)

    wrap(patch, f"{CONSUMER}.creating:change", change)
