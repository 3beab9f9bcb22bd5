"""One connection for reading much: requests, and the replies as they come.

It takes no record and checks no grammar, unlike the connections of cases: that would cost ten
times the rest. What isn't a message, PING or INFO ends it.
"""

from __future__ import annotations

import json
import socket
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from nats_conformance.expect import Unreachable
from nats_spec import schemas
from nats_spec.subjects import valid_subscription

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from nats_conformance.targets.url import Url

_BUFFER: Final = 1 << 20
#: How endpoints begin, and the schema that their answers fit.
_SCHEMAS: Final = (
    ("STREAM.INFO.", "stream_info_response"),
    ("CONSUMER.INFO.", "consumer_info_response"),
    ("CONSUMER.LIST.", "consumer_list_response"),
    ("STREAM.MSG.GET.", "stream_msg_get_response"),
)
#: What of them an audit can't do without.
_NEEDED: Final = frozenset(
    [
        "config",
        "created",
        "ts",
        "name",
        "state",
        "messages",
        "bytes",
        "first_seq",
        "last_seq",
        "first_ts",
        "last_ts",
        "consumers",
        "total",
        "message",
        "seq",
        "time",
        "subject",
        "stream_name",
        "delivered",
        "ack_floor",
        "stream_seq",
        "consumer_seq",
        "num_ack_pending",
        "num_redelivered",
        "num_waiting",
        "num_pending",
    ]
)


class Refused(Exception):
    """JetStream answered with an error."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{description} ({code})")
        self.code = code


class Forbidden(Unreachable):
    """We may not ask for that; the connection goes on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that came."""

    #: What distinguishes its request.
    token: bytes
    block: bytes
    payload: bytes

    @property
    def status(self) -> int | None:
        """The three digits behind the version of its block, or None."""
        digits = self.block[9:12]
        return int(digits) if digits.isdigit() else None


class Client:
    """A connection after its CONNECT, subscribed to an inbox of its own."""

    def __init__(self, url: Url, patience: float) -> None:
        """Connect.

        Raises:
            Unreachable: says why not.
        """
        self._asked = 0
        self._inbox = f"_INBOX.{uuid.uuid4().hex}".encode()
        where = f"{url.host}:{url.port}"
        try:
            self._socket = socket.create_connection((url.host, url.port), timeout=patience)
        except OSError as error:
            raise Unreachable(f"cannot connect to {where}: {error.strerror or error}") from error
        self._stream = self._socket.makefile("rb", _BUFFER)
        #: What the server said of itself.
        self.info = self._greeting(where)
        options = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True}
        connect = json.dumps({**options, **dict(url.credentials)}).encode()
        self._send(b"CONNECT %b\r\nSUB %b.* 1\r\nPING\r\n" % (connect, self._inbox))
        while (line := self._line()) != b"PONG\r\n":
            if line.startswith(b"-ERR"):
                self.close()
                raise Unreachable(f"{where} doesn't let us in: {line.decode().strip()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; the subscription goes with it."""
        self._stream.close()
        self._socket.close()

    def _greeting(self, where: str) -> dict[str, Any]:
        line = self._line()
        try:
            info: dict[str, Any] = json.loads(line[5:]) if line.startswith(b"INFO {") else {}
        except ValueError:
            info = {}
        if not info:
            self.close()
            raise Unreachable(f"{where} does not look like NATS: got {line[:80]!r}")
        if info.get("tls_required"):
            self.close()
            raise Unreachable(f"{where} asks for TLS, which an audit doesn't speak")
        return info

    def ask(self, requests: Sequence[tuple[str, Mapping[str, Any]]]) -> list[bytes]:
        """Send these requests in one go; the tokens of their replies.

        Raises:
            Unreachable: one is to be sent where nothing can be: it would break the protocol.
        """
        tokens, data = [], []
        for subject, body in requests:
            if not valid_subscription(subject.encode()):
                raise Unreachable(f"{subject!r} is no subject")
            self._asked += 1
            tokens.append(b"%d" % self._asked)
            payload = json.dumps(body).encode() if body else b""
            reply = b"%b.%b" % (self._inbox, tokens[-1])
            data.append(
                b"PUB %b %b %d\r\n%b\r\n" % (subject.encode(), reply, len(payload), payload)
            )
        self._send(b"".join(data))
        return tokens

    def reply(self, token: bytes) -> Reply:
        """The next message for this request.

        Raises:
            Unreachable: nothing comes, or a refusal.
        """
        while True:
            reply = self._next()
            if reply.token == token:
                return reply

    def replies(self, tokens: list[bytes]) -> list[Reply]:
        """The first message for each of these requests; servers answer in any order."""
        came: dict[bytes, Reply] = {}
        wanted = set(tokens)
        while len(came) < len(wanted):
            reply = self._next()
            if reply.token in wanted:
                came.setdefault(reply.token, reply)
        return [came[token] for token in tokens]

    def request(self, endpoint: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of an API endpoint.

        Raises:
            Refused: it is an error.
            Unreachable: JetStream isn't there, or its answer lacks something.
        """
        (token,) = self.ask([(f"$JS.API.{endpoint}", body or {})])
        reply = self.reply(token)
        if reply.status is not None:
            raise Unreachable("nobody answers there for JetStream")
        found = answer(reply)
        for schema in (each for start, each in _SCHEMAS if endpoint.startswith(start)):
            if faults := schemas.unreadable(f"jetstream/{schema}", found, _NEEDED):
                raise Unreachable(f"the answer of {endpoint} can't be read: {faults[0]}")
        return found

    def _next(self) -> Reply:
        while True:
            line = self._line()
            words = line.split()
            if line.startswith(b"HMSG"):
                header, total = int(words[-2]), int(words[-1])
                data = self._read(total + 2)
                return Reply(_token(words[1]), data[:header], data[header:-2])
            if line.startswith(b"MSG"):
                data = self._read(int(words[-1]) + 2)
                return Reply(_token(words[1]), b"", data[:-2])
            if line.startswith(b"PING"):
                self._send(b"PONG\r\n")
            elif not line.startswith((b"PONG", b"INFO", b"+OK")):
                kind = Forbidden if b"Permissions Violation" in line else Unreachable
                raise kind(f"the server refuses: {line.decode(errors='replace').strip()}")

    def _line(self) -> bytes:
        try:
            line = self._stream.readline()
        except OSError as error:
            raise Unreachable(f"no answer: {error}") from error
        if not line:
            raise Unreachable("the server ended the connection")
        return line

    def _read(self, count: int) -> bytes:
        try:
            data: bytes = self._stream.read(count)
        except OSError as error:
            raise Unreachable(f"no answer: {error}") from error
        if len(data) < count:
            raise Unreachable("the server ended the connection")
        return data

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Unreachable(f"the server takes nothing more: {error}") from error


def answer(reply: Reply) -> dict[str, Any]:
    """The JSON of an answer.

    Raises:
        Refused: it is an error.
        Unreachable: it is none.
    """
    try:
        found = json.loads(reply.payload)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("error", {}), dict):
        raise Unreachable(f"{reply.payload[:80]!r} is no answer of JetStream")
    if "error" in found:
        error = found["error"]
        raise Refused(error.get("err_code", 0), error.get("description", "an error without words"))
    return found


def _token(subject: bytes) -> bytes:
    return subject[subject.rfind(b".") + 1 :]
