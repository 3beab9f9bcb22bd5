"""Faults of chapter 130, watching and copies: what consumers and other buckets get of a bucket."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.consumer_delivery import DELIVERING, GROUP, POSITION, next_is, starting
from nats_reference.faults.tables import wrap

COPYING = "nats_reference.jetstream.copying"

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.record import Record


@fault("KV-INV-021", "without its payload a message has no fields of its own")
def bare(patch: Patch) -> None:
    """Just its size."""

    def without_payload(original: Any, record: Record) -> bytes:  # noqa: ANN401 - a function
        return bytes(original(record._replace(headers=None)))

    wrap(patch, f"{DELIVERING}:without_payload", without_payload)


def passing_over(patch: Patch, ending: bytes) -> None:
    """Deliver nothing that has this in its header block, and a payload of nothing."""

    def first_time(original: Any, consumer: Consumer) -> Any:  # noqa: ANN401 - handed on
        while (found := original(consumer)) is not None:
            if ending not in (found[0].headers or b""):
                return found
        return None

    next_is(patch, first_time)


@fault("KV-INV-022", "deletions are not delivered")
def without_ends(patch: Patch) -> None:
    """There is nothing in them."""
    passing_over(patch, b"KV-Operation: DEL")


@fault("KV-INV-025", "a server's markers are not delivered")
def without_markers(patch: Patch) -> None:
    """They were not published."""
    passing_over(patch, b"Nats-Marker-Reason")


@fault("KV-INV-023", "deliveries don't count what follows them")
def nothing_follows(patch: Patch) -> None:
    """The first looks like the last."""

    def say(original: Any, self: Any, outgoing: Any) -> None:  # noqa: ANN401 - handed on
        if outgoing.consumer is not None and outgoing.reply:
            reply = outgoing.reply.rpartition(b".")[0] + b".0"
            outgoing = outgoing._replace(reply=reply)
        original(self, outgoing)

    wrap(patch, f"{GROUP}.say", say)


@fault("KV-INV-023/twice", "the newest of the initial messages comes once more")
def once_more(patch: Patch) -> None:
    """Before what comes later."""
    starting(
        patch,
        "last_per_subject",
        lambda _asked, found: replace(found, resume=max(found.resume - 1, 0)),
    )


@fault("KV-INV-024", "with `new` the newest message of each subject is delivered first")
def not_only_new(patch: Patch) -> None:
    """As if updates were not enough."""

    def start(asked: Any, found: Any) -> Any:  # noqa: ANN401 - handed on
        if not asked.index.messages:
            return found
        return replace(found, sequence=asked.index.last_seq)

    starting(patch, "new", start)


@fault("KV-INV-035", "of several filters the first counts")
def first_filter(patch: Patch) -> None:
    """The others are forgotten."""
    wrap(
        patch,
        f"{POSITION}:next_matching",
        lambda original, index, filters, seq: original(index, filters[:1], seq),
    )


@fault("KV-INV-036", "a consumer is not deleted while somebody hears it")
def kept(patch: Patch) -> None:
    """It says that it was."""
    path = "nats_reference.jetstream.api.dispatch:ENDPOINTS"
    endpoints = patch.original(path)
    name = "consumer_delete"
    changed = endpoints[name]._replace(handler=lambda _request: {"success": True})
    patch.attribute(path, endpoints | {name: changed})


@fault("KV-INV-028", "a mirror renames what it has to its own name")
def renamed(patch: Patch) -> None:
    """As if it had subjects."""

    def publication(original: Any, self: Any, record: Record) -> Any:  # noqa: ANN401 - handed on
        made = original(self, record)
        if self.mirror and made.subject.startswith(b"$KV."):
            rest = made.subject.split(b".", 2)[2]
            own = self.stream.config.name.removeprefix("KV_").encode()
            made.subject = b"$KV.%b.%b" % (own, rest)
        return made

    wrap(patch, f"{COPYING}.feed:Feed._publication", publication)


@fault("KV-INV-029", "the transforms of a source are forgotten")
def not_renamed(patch: Patch) -> None:
    """Its keys keep its name."""
    path = f"{COPYING}.selecting:Selection.renamed"
    patch.attribute(path, lambda _self, subject: subject)
