"""Many connections against the delivery model: who receives what, and as what.

Covers ROUTE-001, QUEUE-001, QUEUE-003, QUEUE-008, UNSUB-002 .. UNSUB-008, SUB-003,
ECHO-001 .. ECHO-003, REQ-001, REQ-004, MSG-003, ROUTE-003, CONN-009. After every
publish each connection is flushed, so that what came is all that will come.
"""

from __future__ import annotations

import time

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from nats_conformance.cases import Nats, property_case
from nats_conformance.connection import Connection
from nats_conformance.expect import Mismatch
from nats_conformance.properties import machine
from nats_conformance.properties.arrivals import Arrivals, examples_of
from nats_conformance.properties.situations import Situations
from nats_spec import strategies
from nats_spec.model import delivery as model
from nats_spec.operations import Hmsg, Msg

HEADER = b"NATS/1.0\r\nA: b\r\n\r\n"

#: Times that each situation must come up in a hundred examples.
FLOORS = {
    "copies to two or more": 15,
    "choice in a group": 10,
    "group over two patterns": 8,
    "nobody": 50,
    "503": 5,
    "ended by its limit": 2,
    "sid in use": 50,
    "own message withheld": 15,
    "headers taken off": 10,
    "headers kept": 20,
    "reply": 50,
    "second CONNECT": 10,
    "reconnected": 8,
    "several at once": 40,
}

names = st.sampled_from(("a", "b", "c"))
sids = st.sampled_from((b"1", b"2", b"three"))
queues = st.sampled_from((None, b"q", b"q.*"))
# Few, so that they meet; the generated ones are for what nobody thought of.
patterns = st.sampled_from((b">", b"*", b"a", b"a.*", b"a.>", b"a.b")) | strategies.patterns(3)
subjects = st.sampled_from(
    (b"a", b"a", b"a.b", b"a.b", b"*", b"a.>", b"a..b", b"nobody")
) | strategies.subjects(3)
options = st.builds(
    model.Options, echo=st.booleans(), headers=st.booleans(), no_responders=st.booleans()
).filter(lambda chosen: chosen.headers or not chosen.no_responders)


class Delivery(machine.Machine):
    """Connections a, b and c, each with subscriptions of its own making."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = self.nats.name("s").encode() + b"."
        self.world = model.World()
        self.clients: dict[str, Connection] = {}
        self.sent = 0
        #: Publishes since the last CONNECT: one that comes too often leaves nobody to receive.
        self.calm = 0

    @initialize(
        chosen=st.tuples(options, options, options),
        interests=st.lists(st.tuples(names, sids, patterns, queues), min_size=4, max_size=9),
    )
    def begin(
        self,
        chosen: tuple[model.Options, ...],
        interests: list[tuple[str, bytes, bytes, bytes | None]],
    ) -> None:
        """Nothing happens without connections and subscriptions."""
        for name, each in zip("abc", chosen, strict=True):
            self.connect(name, each)
        for interest in interests:
            self.subscribe(*interest)

    @precondition(lambda self: self.calm > 4)
    @rule(name=names, chosen=options)
    def connect(self, name: str, chosen: model.Options) -> None:
        """CONNECT, on a new connection or once more on an old one."""
        self.calm = 0
        if name in self.clients:
            self.situations.meet("second CONNECT")
            self.say(name, b"CONNECT %b\r\n" % _connect(chosen))
            if self.nats.release < (2, 12, 8):  # CONN-009
                kept = {**self.world.connections, name: chosen}
                self.world = model.World(kept, self.world.subscriptions)
                return
        else:
            self.clients[name] = self.nats.connect()
            self.say(name, b"CONNECT %b\r\n" % _connect(chosen))
        self.world = model.connect(self.world, name, chosen)

    @precondition(lambda self: self.calm > 4)
    @rule(name=names, again=options)
    def reconnect(self, name: str, again: model.Options) -> None:
        """The connection goes, with its subscriptions; another takes its place."""
        self.leave(name)
        self.connect(name, again)
        self.situations.meet("reconnected")

    @rule(name=names, sid=sids, pattern=patterns, queue=queues)
    def subscribe(self, name: str, sid: bytes, pattern: bytes, queue: bytes | None) -> None:
        """SUB, also with a sid that is in use."""
        key, asked = model.Key(name, sid), self.prefix + pattern
        if key in self.world.subscriptions:
            self.situations.meet("sid in use")
        self.say(name, b"SUB %b %b%b\r\n" % (asked, queue + b" " if queue else b"", sid))
        self.world = model.subscribe(self.world, key, asked, queue)

    @rule(name=names, sid=sids, limit=st.sampled_from((0, 1, 2, 2, 3, 4)))
    def unsubscribe(self, name: str, sid: bytes, limit: int) -> None:
        """UNSUB, at once (0) or after so many deliveries."""
        self.say(name, b"UNSUB %b%b\r\n" % (sid, b" %d" % limit if limit else b""))
        self.world = model.unsubscribe(self.world, model.Key(name, sid), limit)

    @rule(
        name=names,
        asked=st.lists(subjects, min_size=1, max_size=6),
        reply=st.one_of(st.none(), subjects),
        header=st.booleans(),
        body=st.binary(max_size=3),
    )
    def publish(
        self,
        name: str,
        asked: list[bytes],
        reply: bytes | None,
        header: bool,
        body: bytes,
    ) -> None:
        """PUB or HPUB, several in one write; everybody is flushed and compared."""
        header = header and self.world.connections[name].headers
        messages = [
            model.Message(
                self.prefix + subject,
                b"%d:%b" % (self.sent + number, body),
                self.prefix + reply if reply else b"",
                HEADER if header else b"",
            )
            for number, subject in enumerate(asked)
        ]
        self.sent += len(asked)
        self.calm += 1
        self.clients[name].send(b"".join(_published(message) for message in messages))
        self.compare(name, messages)
        self.situations.meet(*(["several at once"] * (len(asked) > 1) + ["reply"] * bool(reply)))

    @rule(name=names, subject=subjects, header=st.booleans(), queue=queues)
    def request(self, name: str, subject: bytes, header: bool, queue: bytes | None) -> None:
        """A publish with an inbox of the publisher's own, which may be a queue member."""
        self.subscribe(name, b"inbox", b"_inbox." + name.encode(), queue)
        self.publish(name, [subject], b"_inbox." + name.encode(), header, b"")

    def compare(self, publisher: str, messages: list[model.Message]) -> None:
        """Flush everybody, publisher first; each message went where the model lets it."""
        names = [publisher, *(name for name in self.clients if name != publisher)]
        arrivals = Arrivals(messages, {name: self.flush(name) for name in names})
        for message in messages:
            self.situations.meet(*examples_of(self.world, publisher, message))
            names_subject = self.nats.release >= (2, 12)  # REQ-002, REQ-003
            after = arrivals.judge(self.world, publisher, message, names_subject=names_subject)
            if len(after.subscriptions) < len(self.world.subscriptions):
                self.situations.meet("ended by its limit")
            self.world = after
        arrivals.nothing_left()

    def say(self, name: str, data: bytes) -> None:
        """Send what changes the model, and wait until the server has taken it."""
        self.clients[name].send(data)
        if (extra := self.clients[name].barrier()) != []:
            raise Mismatch(f"nobody published, and to {name} came", "nothing", f"{extra}")

    def flush(self, name: str) -> list[Msg | Hmsg]:
        """What has come to `name`."""
        operations = self.clients[name].barrier()
        for operation in operations:
            if not isinstance(operation, Msg | Hmsg):
                raise Mismatch(f"to {name} came", "messages only", f"{operation}")
        return operations

    def leave(self, name: str) -> None:
        """Close `name`, and wait until the server no longer counts it as a responder."""
        farewell, inbox = self.nats.name("bye").encode(), self.nats.name("in").encode()
        client = self.clients.pop(name)
        client.send(b"SUB %b bye\r\n" % farewell)
        client.flush()
        client.close()
        self.world = model.disconnect(self.world, name)
        probe = self.nats.client(headers=True, no_responders=True)
        probe.send(b"SUB %b 1\r\n" % inbox)
        ends = time.monotonic() + self.nats.patience
        while time.monotonic() < ends:
            probe.send(b"PUB %b %b 0\r\n\r\n" % (farewell, inbox))
            if probe.barrier():
                probe.close()
                return
        raise Mismatch(f"{name} has gone, and its subscriptions stay", "a status 503", "nothing")


def _connect(chosen: model.Options) -> bytes:
    flags = {
        "verbose": False,
        "pedantic": False,
        "echo": chosen.echo,
        "headers": chosen.headers,
        "no_responders": chosen.no_responders,
    }
    fields = ",".join(f'"{name}":{str(value).lower()}' for name, value in flags.items())
    return f"{{{fields}}}".encode()


def _published(message: model.Message) -> bytes:
    reply = message.reply + b" " if message.reply else b""
    total = len(message.header) + len(message.payload)
    if message.header:
        line = b"HPUB %b %b%d %d" % (message.subject, reply, len(message.header), total)
    else:
        line = b"PUB %b %b%d" % (message.subject, reply, total)
    return b"%b\r\n%b%b\r\n" % (line, message.header, message.payload)


@property_case(
    "ROUTE-001",
    "ROUTE-003",
    "QUEUE-001",
    "QUEUE-003",
    "QUEUE-008",
    "UNSUB-002",
    "UNSUB-003",
    "UNSUB-004",
    "UNSUB-006",
    "UNSUB-007",
    "SUB-003",
    "ECHO-001",
    "ECHO-002",
    "ECHO-003",
    "REQ-001",
    "REQ-004",
    "MSG-003",
)
def test_whatever_happens_messages_go_where_the_model_says(nats: Nats) -> None:
    machine.run(nats, Delivery, Situations(FLOORS))
