"""The log of a bucket that a case has made, as the invariants of buckets look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .invariants.kv import violations
from .invariants.kv_log import BucketView
from .invariants.stream_log import Logged, View, nanoseconds
from .message import header_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .invariants.kv import Violation
    from .kv import Bucket
    from .message import Message

#: How the fields begin that a direct get adds.
_ADDED: Final = ("Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp")


def logged(message: Message) -> Logged:
    """A direct get's answer as a message of the log, without what it adds."""
    own = [(name, value) for name, value in message.fields if not name.startswith(_ADDED)]
    return Logged(
        int(message.header("Nats-Sequence") or 0),
        nanoseconds(message.header("Nats-Time-Stamp") or ""),
        (message.header("Nats-Subject") or "").encode(),
        header_block(dict(own)),
        len(message.payload),
    )


def breaches(bucket: Bucket) -> list[Violation]:
    """What is wrong with the bucket."""
    view = View.of(bucket.js.info(bucket.stream))
    return list(violations(map(logged, messages(bucket, view)), BucketView(bucket.name, view)))


def messages(bucket: Bucket, view: View) -> Iterator[Message]:
    """What is there, one by one."""
    for seq in range(max(view.before.first_seq, 1), view.before.last_seq + 1):
        message = bucket.js.direct(bucket.stream, {"seq": seq})
        if message.status is None:
            yield message
