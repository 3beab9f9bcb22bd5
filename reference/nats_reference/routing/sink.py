"""A receiver inside the server: a stream, a service, whatever is no client.

What is published to its subject is handed to a function at once. It takes part
in nothing else: no queue group, no permission, no limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.operations.pub import Message
    from nats_reference.routing.itself import Publisher

    #: Who published, what the control line said, and header block, payload, CR LF. Whether
    #: anybody is there to take it: if not, a request is one without responders.
    Take: TypeAlias = Callable[[Publisher, Message, bytes], bool]


class Sink:
    """A subject that the server itself hears."""

    __slots__ = ("subject", "take")

    #: No queue group.
    queue: bytes | None = None

    def __init__(self, subject: bytes, take: Take) -> None:
        self.subject = subject
        self.take = take
