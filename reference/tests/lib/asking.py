"""A client of JetStream without a socket: it asks, and reads what comes back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from nats_reference.jetstream.limits import AccountLimits
from nats_reference.jetstream.settings import JetStreamOptions
from nats_reference.options import AccountOptions, Authorization
from nats_spec import schemas

TYPES = "io.nats.jetstream.api.v1."
HEAD = re.compile(
    rb"(?:MSG (\S+) (\S+)(?: (\S+))? (\d+)|HMSG (\S+) (\S+)(?: (\S+))? (\d+) (\d+))\r\n"
)
UNLIMITED = AccountLimits()


@dataclass(frozen=True)
class Heard:
    """One message."""

    subject: str
    headers: bytes
    payload: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.payload)

    @property
    def status(self) -> str:
        """What stands behind NATS/1.0."""
        return self.headers.split(b"\r\n")[0].removeprefix(b"NATS/1.0").strip().decode()

    def field(self, name: str) -> str | None:
        """A header's value."""
        found = re.search(rb"\r\n%b: ([^\r]*)" % name.encode(), self.headers)
        return found and found[1].decode()


def messages(data: bytes) -> list[Heard]:
    """The messages in what a client read."""
    found, place = [], 0
    while head := HEAD.search(data, place):
        plain, _, _, size, with_headers, _, _, header_size, total = head.groups()
        end = head.end() + int(size or total)
        cut = head.end() + int(header_size or 0)
        subject = (plain or with_headers).decode()
        found.append(Heard(subject, data[head.end() : cut], data[cut:end]))
        place = end + 2
    return found


class Asker:
    """A client that asks the API."""

    def __init__(self, world, **connect) -> None:
        self.world = world
        self.client = world.client(no_responders=True, **connect)
        self.client.say(b"SUB inbox 1\r\n")

    def settle(self) -> bytes:
        """Let everything come that is on its way."""
        self.world.clock.advance(0)
        self.world.server.flush()
        return self.client.take()

    def say(
        self, subject: str, body: Any = b"", reply: str = "", headers: dict | None = None
    ) -> bytes:
        """Publish; what comes back."""
        data = (
            body
            if isinstance(body, bytes)
            else body.encode()
            if isinstance(body, str)
            else json.dumps(body).encode()
        )
        words = " ".join(filter(None, (subject, reply)))
        if headers:
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            block = f"NATS/1.0\r\n{lines}\r\n".encode()
            line = f"HPUB {words} {len(block)} {len(block) + len(data)}\r\n"
        else:
            block, line = b"", f"PUB {words} {len(data)}\r\n"
        said = self.client.say(line.encode() + block + data + b"\r\n")
        return said + self.settle()

    def all(self, subject: str, body: Any = b"", headers: dict | None = None) -> list[Heard]:
        """Publish with a reply subject; everything that comes to it."""
        said = messages(self.say(subject, body, "inbox", headers))
        return [each for each in said if each.subject == "inbox"]

    def ask(self, endpoint: str, body: Any = b"", headers: dict | None = None) -> dict[str, Any]:
        """The answer of an endpoint, which fits its schema."""
        (only,) = self.all(f"$JS.API.{endpoint}", body, headers)
        answer = only.json
        kind = answer["type"].removeprefix(TYPES)
        assert next(iter(answer)) == "type"
        if schemas.known(f"jetstream/{kind}"):
            assert schemas.validate(f"jetstream/{kind}", answer) == []
        return answer

    def request(
        self, endpoint: str, body: Any = b"", headers: dict | None = None
    ) -> dict[str, Any]:
        """The answer, which is no error."""
        answer = self.ask(endpoint, body, headers)
        assert "error" not in answer, answer["error"]
        return answer

    def refused(self, endpoint: str, body: Any = b"", headers: dict | None = None) -> int:
        """The err_code of the answer."""
        return self.ask(endpoint, body, headers)["error"]["err_code"]

    def why(self, endpoint: str, body: Any = b"") -> tuple[int, str]:
        """The err_code and the text."""
        error = self.ask(endpoint, body)["error"]
        return error["err_code"], error["description"]

    def create(self, name: str = "S", **config) -> dict[str, Any]:
        """Make a stream in memory; its configuration."""
        body = {"name": name, "storage": "memory"} | config
        return self.request(f"STREAM.CREATE.{name}", body)["config"]

    def publish(
        self, subject: str, payload: Any = b"x", headers: dict | None = None
    ) -> dict[str, Any]:
        """Publish to a stream; the acknowledgement."""
        (only,) = self.all(subject, payload, headers)
        return only.json

    def state(self, name: str = "S", **body) -> dict[str, Any]:
        """What a stream holds."""
        return self.request(f"STREAM.INFO.{name}", body)["state"]


def serve(world, tmp_path, **options):
    """A server with streams: what isn't of its JetStream goes into its own options."""
    own = {name: options.pop(name) for name in tuple(options) if name in JetStreamOptions.__slots__}
    made = world(jetstream=JetStreamOptions(store_dir=str(tmp_path), **own), **options)
    made.server.open_jetstream()
    return made


def accounts(users, **limits):
    """Options: accounts with a user of the same name each; `limits` says which may have streams."""
    return {
        "accounts": tuple(AccountOptions(user.account, limits.get(user.account)) for user in users),
        "authorization": Authorization(users=tuple(users)),
    }
