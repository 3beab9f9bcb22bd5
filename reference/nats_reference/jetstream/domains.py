"""The other name of JetStream's subjects, where the server has a domain (JS-API-028).

What is published to `$JS.<domain>.API.` and a known word goes on as if it had been
published to `$JS.API.`; any other subject under that prefix is nobody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_reference.operations import pub
from nats_reference.routing import delivery
from nats_reference.routing.itself import Itself
from nats_spec import subjects

if TYPE_CHECKING:
    from nats_reference.connection import Connection
    from nats_reference.jetstream.outlet import Outlet
    from nats_reference.operations.pub import Message
    from nats_reference.routing.itself import Publisher

API: Final = b"$JS.API."
#: What may follow the prefix, and what stands before it then.
MAPPED: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"INFO", API),
    (b"STREAM.>", API),
    (b"CONSUMER.>", API),
    (b"DIRECT.>", API),
    (b"META.>", API),
    (b"SERVER.>", API),
    (b"ACCOUNT.>", API),
    (b"$KV.>", b""),
    (b"$OBJ.>", b""),
)


def mapped(rest: bytes) -> bytes | None:
    """The subject that `rest`, behind a domain's prefix, stands for; None if it stands for none."""
    return next((before + rest for word, before in MAPPED if subjects.matches(word, rest)), None)


def answer(publisher: Connection, subject: bytes, reply: bytes | None) -> None:
    """Tell somebody who asked for it that nobody is there, by the subject it has become."""
    if reply and publisher.options.no_responders:
        pub.send_no_responders(publisher, subject, reply)


def open_door(outlet: Outlet) -> None:
    """Have the domain's subjects heard."""
    prefix = b"$JS.%b.API." % outlet.domain.encode()
    interest = outlet.interest

    def take(publisher: Publisher, message: Message, payload: bytes) -> bool:
        subject = mapped(message[0].removeprefix(prefix))
        if subject is None:
            return False
        route = interest.route(subject)
        delivered = delivery.distribute(publisher, route, (subject, *message[1:]), payload)
        if not delivered and not isinstance(publisher, Itself):
            answer(publisher, subject, message[1])
        return True

    outlet.hear(prefix + b">", take)
