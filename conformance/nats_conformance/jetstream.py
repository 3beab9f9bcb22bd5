"""A client of JetStream, as cases use it: requests, publishes, what comes of them.

Every JSON answer is checked against its schema. What a case makes with `create`
is deleted when the case ends. An answer may come later than the PONG to a PING
that follows its request, so silence is decided by the answer to a later request.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from nats_spec import schemas

from .consuming import Consumer, create
from .expect import Mismatch, NotApplicable
from .message import Body, Headers, Message, as_message, encoded, header_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from .connection import Connection
    from .fixture import Nats
    from .server import Server

#: The sid of the subscription that hears replies.
INBOX: Final = "js"


class JetStream:
    """One connection that speaks to JetStream."""

    def __init__(
        self,
        nats: Nats,
        *,
        prefix: str = "$JS.API",
        server: Server | None = None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Connect to the case's server, or to one that it has started; `options` go into CONNECT."""
        self._nats = nats
        self.prefix = prefix
        #: A server of the case's own takes its streams with it.
        self._keeps = server is None
        self.connection: Connection = (server or nats).client(
            **({"headers": True, "no_responders": True} | options)
        )
        if not self.connection.info.get("jetstream"):
            raise NotApplicable("this server does not announce JetStream")
        self._inbox = "_INBOX." + nats.name("js")
        self._asked = 0
        self.connection.send(f"SUB {self._inbox}.* {INBOX}\r\n")
        #: Messages that came while something else was awaited, in order.
        self.arrived: deque[Message] = deque()

    @property
    def patience(self) -> float:
        """Seconds that a wait may take."""
        return self._nats.patience

    def name(self, word: str = "s") -> str:
        """A name that nobody else uses."""
        return self._nats.name(word)

    # ---- Saying --------------------------------------------------------------

    def inbox(self) -> str:
        """A fresh reply subject of ours."""
        self._asked += 1
        return f"{self._inbox}.{self._asked}"

    def send(
        self, subject: str, payload: Body = None, headers: Headers = None, reply: str = ""
    ) -> None:
        """Publish, and wait for nothing."""
        data, block = encoded(payload), header_block(headers)
        words = " ".join(filter(None, (subject, reply)))
        if block:
            line = f"HPUB {words} {len(block)} {len(block) + len(data)}\r\n"
        else:
            line = f"PUB {words} {len(data)}\r\n"
        self.connection.send(line.encode() + block + data + b"\r\n")

    def subscribe(self, subject: str, sid: str, queue: str = "") -> None:
        """Hear `subject`; `next` gives what comes."""
        words = " ".join(filter(None, (subject, queue, sid)))
        self.connection.send(f"SUB {words}\r\n")
        self.barrier()

    # ---- Hearing -------------------------------------------------------------

    def next(self, sid: str | None = None) -> Message:
        """The next message, or the next for subscription `sid`; the others stay."""
        return self._first(lambda message: sid is None or message.sid == sid)

    def on_subject(self, subject: str) -> Message:
        """The next message with this subject; the others stay."""
        return self._first(lambda message: message.subject == subject)

    def _first(self, wanted: Callable[[Message], bool]) -> Message:
        for place, message in enumerate(self.arrived):
            if wanted(message):
                del self.arrived[place]
                return message
        while True:
            message = as_message(self.connection.next())
            if wanted(message):
                return message
            self.arrived.append(message)

    def barrier(self) -> None:
        """What the server had to say on this connection before now is in `arrived`."""
        self.arrived.extend(map(as_message, self.connection.barrier()))

    def quiet(self) -> None:
        """Nothing has come that was not taken: decided by the answer to one more request."""
        self.request("INFO")
        self.barrier()
        if self.arrived:
            raise Mismatch("something came", "nothing", str(self.arrived[0]))

    # ---- Asking --------------------------------------------------------------

    def ask(self, subject: str, payload: Body = None, headers: Headers = None) -> Message:
        """Publish with a reply subject; the first message that comes back."""
        inbox = self.inbox()
        self.send(subject, payload, headers, inbox)
        return self.on_subject(inbox)

    def answer(self, endpoint: str, body: Body = None, headers: Headers = None) -> dict[str, Any]:
        """The answer of an API endpoint (`STREAM.INFO.x`), an error or not, by its schema."""
        message = self.ask(f"{self.prefix}.{endpoint}", body, headers)
        if message.status is not None:
            raise Mismatch(f"{endpoint} was answered by a status", "JSON", str(message))
        return checked(message)

    def request(self, endpoint: str, body: Body = None, headers: Headers = None) -> dict[str, Any]:
        """The answer of an API endpoint, which is no error."""
        answer = self.answer(endpoint, body, headers)
        if "error" in answer:
            raise Mismatch(f"{endpoint} failed", "no error", json.dumps(answer["error"]))
        return answer

    def refused(
        self, endpoint: str, err_code: int, body: Body = None, headers: Headers = None
    ) -> dict[str, Any]:
        """The whole answer of an API endpoint, which must be this error."""
        answer = self.answer(endpoint, body, headers)
        _expect_code(answer, err_code, endpoint)
        return answer

    def publish(
        self, subject: str, payload: Body = None, headers: Headers = None
    ) -> dict[str, Any]:
        """The acknowledgement of a publish that is stored (or is a duplicate)."""
        ack = self.acknowledgement(subject, payload, headers)
        if "error" in ack:
            raise Mismatch(f"publish to {subject} failed", "no error", json.dumps(ack["error"]))
        return ack

    def publish_refused(
        self, subject: str, err_code: int, payload: Body = None, headers: Headers = None
    ) -> dict[str, Any]:
        """The answer to a publish that must fail like this."""
        ack = self.acknowledgement(subject, payload, headers)
        _expect_code(ack, err_code, f"publish to {subject}")
        return ack

    def acknowledgement(
        self, subject: str, payload: Body = None, headers: Headers = None
    ) -> dict[str, Any]:
        """What a publish is answered, an error or not."""
        message = self.ask(subject, payload, headers)
        if message.status is not None:
            raise Mismatch(f"publish to {subject} got a status", "an ack", str(message))
        return checked(message, "pub_ack")

    # ---- Streams -------------------------------------------------------------

    def create(self, name: str | None = None, **config: Any) -> str:  # noqa: ANN401 - JSON
        """Create a stream (in memory, unless told otherwise); its name. It goes with the case.

        A member of None is left out. Without `subjects` it hears its own name.
        """
        return str(self.created(name, **config)["config"]["name"])

    def created(self, name: str | None = None, **config: Any) -> dict[str, Any]:  # noqa: ANN401
        """The same; the whole answer."""
        name = name or self._nats.name("S")
        self.goes(name)
        body = {"name": name, "storage": "memory"} | config
        body = {key: value for key, value in body.items() if value is not None}
        return self.request(f"STREAM.CREATE.{name}", body)

    def goes(self, stream: str) -> None:
        """Delete this stream when the case ends, whatever becomes of it."""
        if self._keeps:
            self._nats.delete_at_end(stream)

    def info(self, stream: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """STREAM.INFO."""
        return self.request(f"STREAM.INFO.{stream}", body or None)

    def state(self, stream: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """The state in STREAM.INFO."""
        state: dict[str, Any] = self.info(stream, **body)["state"]
        return state

    def direct(
        self, stream: str, body: Body = None, *, subject: str = "", headers: Headers = None
    ) -> Message:
        """DIRECT.GET of one message, or the status that says why not."""
        return self.ask(self._direct(stream, subject), body, headers)

    def direct_all(self, stream: str, body: Body) -> tuple[list[Message], Message]:
        """DIRECT.GET of several: the messages, and the status that ends them."""
        inbox = self.inbox()
        self.send(self._direct(stream), body, None, inbox)
        messages: list[Message] = []
        while (message := self.on_subject(inbox)).status is None:
            messages.append(message)
        return messages, message

    def _direct(self, stream: str, subject: str = "") -> str:
        return ".".join(filter(None, (self.prefix, "DIRECT.GET", stream, subject)))

    def consumer(self, stream: str, name: str | None = None, **config: Any) -> Consumer:  # noqa: ANN401
        """Create a consumer; see `consuming.create`."""
        return create(self, stream, name, **config)

    def stored(self, stream: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """STREAM.MSG.GET; `data` and `hdrs` decoded to bytes."""
        answer = self.request(f"STREAM.MSG.GET.{stream}", body)
        message: dict[str, Any] = dict(answer["message"])
        for member in ("data", "hdrs"):
            message[member] = base64.b64decode(message.get(member, ""))
        return message


def checked(message: Message, schema: str | None = None) -> dict[str, Any]:
    """The JSON object of an answer, which must fit the schema of its type."""
    answer = message.json
    if not isinstance(answer, dict):
        raise Mismatch("the answer is no JSON object", "{…}", str(message))
    name = schema or _kind(str(answer.get("type", "")))
    if not schemas.known(f"jetstream/{name}"):
        raise Mismatch("the answer's type has no schema", "a type that is described", str(message))
    faults = schemas.validate(f"jetstream/{name}", answer)
    if faults:
        raise Mismatch(
            f"the answer does not fit the schema {name}", "; ".join(faults[:3]), json.dumps(answer)
        )
    return answer


def _kind(type_: str) -> str:
    """The schema's name: `io.nats.jetstream.advisory.v1.nak` is `nak_advisory`."""
    words = type_.split(".")
    return "_".join([words[-1], *(word for word in words[3:4] if word != "api")])


def _expect_code(answer: dict[str, Any], err_code: int, what: str) -> None:
    got = answer.get("error", {}).get("err_code")
    if got != err_code:
        shown = json.dumps(answer.get("error", answer))
        raise Mismatch(f"{what}: another outcome", f"error {err_code}", shown)
