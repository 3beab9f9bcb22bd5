"""Faults of chapter 123: messages that are refused, worked on, or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.acknowledgement import only_if
from nats_reference.faults.tables import wrap
from nats_spec import acks as grammar

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.acks import Token
    from nats_reference.jetstream.consumer.consumer import Consumer

CONSUMER = "nats_reference.jetstream.consumer"
ACKNOWLEDGING = f"{CONSUMER}.acknowledging"
ACT = f"{ACKNOWLEDGING}:act"


@fault("JS-ACK-021", "+WPI does nothing")
def no_progress(patch: Patch) -> None:
    """The wait goes on."""
    patch.attribute(f"{ACKNOWLEDGING}:progress", lambda _consumer, _token: None)


def argued(patch: Patch, change: Any) -> None:  # noqa: ANN401 - a function of the argument
    """Have a refusal's argument read as something else; None for no refusal at all."""

    def refuse(original: Any, consumer: Consumer, token: Token, argument: bytes) -> None:  # noqa: ANN401 - handed on
        changed = change(argument)
        if changed is not None:
            original(consumer, token, changed)

    wrap(patch, f"{ACKNOWLEDGING}:refuse", refuse)


@fault("JS-ACK-016", "a refused message takes its time")
def takes_time(patch: Patch) -> None:
    """A minute."""
    argued(patch, lambda argument: argument or b"1m")


@fault("JS-ACK-017", "the delay of a refusal is not looked at")
def no_delay(patch: Patch) -> None:
    """The message comes again at once."""
    argued(patch, lambda _argument: b"")


@fault("JS-ACK-018", "a refusal with a delay that can't be read is none")
def unreadable(patch: Patch) -> None:
    """Nothing happens."""

    def strict(argument: bytes) -> bytes | None:
        return argument if not argument or grammar.delay(argument) is not None else None

    argued(patch, strict)


@fault("JS-ACK-019", "what is done can be refused")
def refuses_done(patch: Patch) -> None:
    """It comes again."""

    def refuse(original: Any, consumer: Consumer, token: Token, argument: bytes) -> None:  # noqa: ANN401 - handed on
        if token.stream_seq not in consumer.progress.pending:
            consumer.progress.requeue([token.stream_seq])
            consumer.wake()
        original(consumer, token, argument)

    wrap(patch, f"{ACKNOWLEDGING}:refuse", refuse)


@fault("JS-ACK-020", "requests that wait don't get what was refused")
def waits_in_vain(patch: Patch) -> None:
    """Only new ones do."""

    def refuse(original: Any, consumer: Consumer, token: Token, argument: bytes) -> None:  # noqa: ANN401 - handed on
        ready = dict(consumer.group._ready)  # noqa: SLF001 - a fault goes anywhere
        original(consumer, token, argument)
        consumer.group._ready = ready  # noqa: SLF001

    wrap(patch, f"{ACKNOWLEDGING}:refuse", refuse)


@fault("JS-ACK-022", "why a message was given up is not told")
def no_reason(patch: Patch) -> None:
    """Only that it was."""
    wrap(
        patch,
        f"{CONSUMER}.advisories:terminated",
        lambda tell, consumer, token, _reason: tell(consumer, token, ""),
    )


@fault("JS-ACK-024", "+NXT only acknowledges")
def no_next(patch: Patch) -> None:
    """Nothing is asked for."""

    def act(original: Any, consumer: Consumer, token: Token, payload: bytes, reply: Any) -> Any:  # noqa: ANN401 - handed on
        said = grammar.answer(payload)
        if said is not None and said.kind is grammar.Kind.NEXT:
            reply = None
        return original(consumer, token, payload, reply)

    wrap(patch, ACT, act)


@fault("JS-ACK-025", "+NXT does not acknowledge what was pushed")
def push_next(patch: Patch) -> None:
    """It is no pull consumer."""
    only_if(patch, lambda consumer, _token: not consumer.config.push)
