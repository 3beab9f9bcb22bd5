"""Consumers as cases use them: made, pulled from, answered, asked how they are.

Whatever a consumer sends is checked on the way: a delivery has a reply subject that names
stream and consumer (JS-DLV-002), a status is one of the table, without payload (JS-PULL-040).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nats_spec import acks, dialogue, schemas, statuses

from . import polling
from .expect import Mismatch

if TYPE_CHECKING:
    from nats_spec.statuses import Status

    from .jetstream import JetStream
    from .message import Body, Headers, Message

#: Nanoseconds in a millisecond: every duration of the API is in nanoseconds.
MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that a consumer delivered."""

    message: Message
    #: What its reply subject says.
    token: acks.Reply

    @property
    def seq(self) -> int:
        """Its sequence in the stream."""
        return self.token.stream_seq

    @property
    def reply(self) -> str:
        """Where it is to be acknowledged."""
        return self.message.reply

    @property
    def payload(self) -> bytes:
        """What was published."""
        return self.message.payload


@dataclass(slots=True)
class Came:
    """What came in answer to one pull request."""

    deliveries: list[Delivery] = field(default_factory=list)
    #: The status that ended it; None if it was filled.
    status: Message | None = None
    #: The heartbeats before.
    heartbeats: list[Message] = field(default_factory=list)

    @property
    def seqs(self) -> list[int]:
        """The stream sequences that came."""
        return [each.seq for each in self.deliveries]

    @property
    def end(self) -> str:
        """Code and text of the status that ended it; empty if it was filled."""
        return "" if self.status is None else f"{self.status.status} {self.status.description}"


class Pull:
    """One pull request and the inbox that it is answered on."""

    def __init__(self, js: JetStream, batch: int) -> None:
        self._js = js
        self.batch = batch
        self.inbox = js.inbox()
        self.sid = self.inbox.rpartition(".")[2]
        js.connection.send(f"SUB {self.inbox}.* {self.sid}\r\n")

    @property
    def reply(self) -> str:
        """The reply subject of the request."""
        return f"{self.inbox}.p"

    def next(self) -> Message:
        """What comes next, a delivery or a status; either is checked."""
        message = self._js.next(self.sid)
        if message.status is None:
            delivered(message)
        else:
            status_of(message)
        return message

    def delivery(self) -> Delivery:
        """The next thing to come, which must be a message of the stream."""
        message = self.next()
        if message.status is not None:
            raise Mismatch("a status came", "a message", str(message))
        return delivered(message)

    def ends(self, status: str) -> Message:
        """The next thing to come must be this status: code and text."""
        message = self.next()
        if f"{message.status} {message.description}".strip() != status:
            raise Mismatch("something else came", status, str(message))
        return message

    def all(self) -> Came:
        """Everything until the request is filled, or ended by a status."""
        came = Came()
        while len(came.deliveries) < self.batch:
            message = self.next()
            if message.status is None:
                came.deliveries.append(delivered(message))
            elif status_of(message).ends:
                came.status = message
                break
            else:
                came.heartbeats.append(message)
        return came

    def abandon(self) -> None:
        """Unsubscribe: nobody is interested in the answer any more."""
        self._js.connection.send(f"UNSUB {self.sid}\r\n")
        self._js.barrier()


class Consumer:
    """One consumer of one stream."""

    def __init__(self, js: JetStream, stream: str, name: str) -> None:
        self.js = js
        self.stream = stream
        self.name = name
        #: What it was answered when it was made.
        self.made: dict[str, Any] = {}

    @property
    def path(self) -> str:
        """The end of the subjects of its endpoints."""
        return f"{self.stream}.{self.name}"

    # ---- Asking ----------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """CONSUMER.INFO."""
        return self.js.request(f"CONSUMER.INFO.{self.path}")

    def update(self, **config: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Set these members of the configuration, None to leave one out; the answer."""
        return self.js.request(f"CONSUMER.CREATE.{self.path}", self.changed(**config))

    def update_refused(self, err_code: int, **config: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """The same, and it must fail like this."""
        body = self.changed(**config)
        return self.js.refused(f"CONSUMER.CREATE.{self.path}", err_code, body)

    def changed(self, **config: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """The request that sets these members of the configuration as it is now."""
        merged = self.info()["config"] | config
        return request(self.stream, merged, "update")

    def delete(self) -> None:
        """CONSUMER.DELETE."""
        self.js.request(f"CONSUMER.DELETE.{self.path}")

    def until(self, **wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """INFO, as soon as it holds this; a mismatch if it doesn't come to."""
        return polling.until(
            self.info,
            lambda info: dialogue.holds(wanted, info) is None,
            self.js.patience,
            f"INFO of {self.name} says {wanted}",
        )

    # ---- Receiving ---------------------------------------------------------------

    def ask(self, body: Body = None, batch: int = 1, headers: Headers = None) -> Pull:
        """A pull request with this body as it is; `batch`: how many messages fill it."""
        pull = Pull(self.js, batch)
        subject = f"{self.js.prefix}.CONSUMER.MSG.NEXT.{self.path}"
        self.js.send(subject, body, headers, pull.reply)
        return pull

    def pull(self, batch: int = 1, **members: Any) -> Pull:  # noqa: ANN401 - JSON
        """A pull request; durations in nanoseconds."""
        return self.ask({"batch": batch} | members, batch)

    def fetch(self, batch: int = 100) -> Came:
        """What can be delivered now, up to `batch`.

        A consumer may learn of a message a little after its publisher was answered, so
        nothing is asked about again, for a moment.
        """
        ends = time.monotonic() + 0.3
        return polling.until(
            lambda: self.pull(batch, no_wait=True).all(),
            lambda came: came.deliveries or time.monotonic() > ends,
            self.js.patience,
        )

    def next(self) -> Delivery:
        """One message, waited for."""
        return self.pull(1).delivery()

    def take(self, count: int) -> list[Delivery]:
        """So many messages, waited for."""
        pull = self.pull(count)
        return [pull.delivery() for _ in range(count)]

    def nothing(self) -> None:
        """There is nothing to deliver now."""
        came = self.pull(1, no_wait=True).all()
        if came.deliveries:
            raise Mismatch("something came", "404 No Messages", str(came.deliveries[0].message))

    # ---- Acknowledging -----------------------------------------------------------

    def say(self, to: Delivery | str, payload: Body = b"", headers: Headers = None) -> None:
        """Acknowledge, and wait for nothing."""
        self.js.send(to if isinstance(to, str) else to.reply, payload, headers)

    def answer(self, to: Delivery | str, payload: Body = b"", headers: Headers = None) -> Message:
        """Acknowledge, and wait until that is acknowledged."""
        subject = to if isinstance(to, str) else to.reply
        message = self.js.ask(subject, payload, headers)
        if message.status is not None or message.payload:
            raise Mismatch("an acknowledgement was answered", "an empty message", str(message))
        return message


def create(js: JetStream, stream: str, name: str | None = None, **config: Any) -> Consumer:  # noqa: ANN401 - JSON
    """Make a durable consumer with explicit acknowledgements, unless told otherwise.

    A member of None is left out: `durable_name=None` makes an ephemeral.
    """
    name = name or js.name("c")
    body = request(stream, {"durable_name": name, "ack_policy": "explicit"} | config, "create")
    consumer = Consumer(js, stream, name)
    consumer.made = js.request(f"CONSUMER.CREATE.{consumer.path}", body)
    return consumer


def delivered(message: Message) -> Delivery:
    """A message of the stream, with its reply subject read."""
    token = acks.parse(message.reply.encode(errors="surrogateescape"))
    if token is None:
        raise Mismatch("a delivery has another reply subject", "$JS.ACK.…", message.reply)
    return Delivery(message, token)


def status_of(message: Message) -> Status:
    """The entry of the table that this message is; it has its fields, and no payload."""
    found = statuses.said(message.status or 0, message.description)
    if found is None:
        raise Mismatch("no such status is known", "one of the table", str(message))
    lacks = found.lacks(tuple(name for name, _ in message.fields))
    if message.payload:
        lacks.append("it has a payload")
    if bool(message.reply) != found.reply:
        lacks.append("it has a reply subject" if message.reply else "it has no reply subject")
    if lacks:
        raise Mismatch(f"a status is not as it should be: {'; '.join(lacks)}", "", str(message))
    return found


def hear_advisories(js: JetStream, stream: str, sid: str = "advisories") -> None:
    """Hear what is told about the consumers of a stream; `advisory` gives it."""
    js.subscribe(f"$JS.EVENT.*.CONSUMER.*.{stream}.>", sid)


def advisory(js: JetStream, sid: str = "advisories") -> dict[str, Any]:
    """The next advisory or metric, which must fit its schema."""
    message = js.next(sid)
    told: dict[str, Any] = message.json
    kind = str(told.get("type", "")).split(".")
    name = f"jetstream/{kind[-1]}_{kind[3]}" if len(kind) > 3 else ""
    faults = schemas.validate(name, told) if schemas.known(name) else []
    if not name or faults:
        raise Mismatch(f"an advisory does not fit {name}", "; ".join(faults[:3]), str(message))
    return told | {"subject": message.subject}


def request(stream: str, config: dict[str, Any], action: str = "create") -> dict[str, Any]:
    """The body that creates or updates a consumer; a member of None is left out."""
    given = {name: value for name, value in config.items() if value is not None}
    return {"stream_name": stream, "config": given, "action": action}
