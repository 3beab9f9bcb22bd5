"""Permissions against their model: generated users on one server, generated clients of each.

AUTH-PERM-001, AUTH-PERM-003 .. AUTH-PERM-008, AUTH-PERM-014, AUTH-PERM-015,
AUTH-RESP-001, AUTH-RESP-003, AUTH-RESP-004, AUTH-RESP-007. Leaves out what
nats-server is known to do otherwise and has cases of its own: a SUB that ends in `>` where an
allow entry has `*` (SUBJ-011), and a reply subject that comes twice (AUTH-RESP-005).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from nats_conformance import generated
from nats_conformance.cases import Nats, property_case
from nats_conformance.expect import Mismatch
from nats_conformance.properties.permission_lists import QUEUES, USERS, configuration, users
from nats_conformance.properties.situations import Situations
from nats_spec.model import permissions as model
from nats_spec.operations import Err, Msg
from nats_spec.subjects import is_subset, matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats_conformance.connection import Connection

#: Every user has this password, and wants nothing that it publishes itself.
OPTIONS: Final = {"pass_": "pw", "echo": False}

#: Times that each situation must come up in a hundred examples.
FLOORS = {
    "publish refused": 60,
    "publish allowed": 60,
    "subscription refused": 20,
    "subscription allowed": 15,
    "queue refused": 20,
    "queue allowed": 20,
    "withheld": 3,
    "delivered": 40,
    "answer": 8,
    "answer too many": 3,
    "answer without leave": 60,
    "answer that lists allow": 40,
}

subjects = st.sampled_from(("a", "b", "a.b", "a.c", "b.b", "a.b.c", "a.c.c", "c", "a.*", "b.>"))
patterns = st.sampled_from(
    (">", "*", "a", "b", "a.*", "a.b", "*.b", "a.>", "*.*", "a.b.c", "a.*.c")
)
queues = st.sampled_from((*[None] * 5, *QUEUES, "x"))
#: What a client subscribes to, what it publishes to, and what it is sent and answers how often.
lives = st.tuples(
    st.lists(st.tuples(patterns, queues), min_size=2, max_size=6),
    st.lists(subjects, min_size=2, max_size=6),
    st.lists(st.tuples(subjects, subjects, st.integers(1, 4)), min_size=2, max_size=5),
)


@dataclass(slots=True)
class Life:
    """One client of one user, and another that may do everything."""

    granted: model.Permissions
    client: Connection
    free: Connection
    situations: Situations
    #: By sid: pattern and queue of what was subscribed to.
    subscriptions: dict[bytes, tuple[bytes, bytes | None]] = field(default_factory=dict)
    grants: model.Grants = field(default_factory=dict)

    def subscribe(self, asked: list[tuple[str, str | None]]) -> None:
        """Each SUB is refused or not, as the lists say."""
        refused = []
        for number, (pattern, queue) in enumerate(asked):
            subject, group = pattern.encode(), queue.encode() if queue else None
            if disputed(self.granted, subject):
                continue
            sid = b"%d" % number
            self.client.send(b"SUB %b %b %b\r\n" % (subject, group or b"", sid))
            kind = "queue" if group else "subscription"
            if model.may_subscribe(self.granted, subject, group):
                self.subscriptions[sid] = subject, group
                self.situations.meet(f"{kind} allowed")
            else:
                refused.append(denied_subscription(pattern, queue))
                self.situations.meet(f"{kind} refused")
        expect("errors of subscriptions", self.client.barrier(), refused)

    def publish(self, asked: list[str]) -> None:
        """Each PUB is refused, or arrives."""
        refused, allowed = [], []
        for subject in map(str.encode, asked):
            self.client.send(b"PUB %b 0\r\n\r\n" % subject)
            if model.may_publish(self.granted, subject):
                allowed.append(Msg(subject, b"all", b"", b""))
                self.situations.meet("publish allowed")
            else:
                refused.append(denied_publish(subject))
                self.situations.meet("publish refused")
        expect("errors of publishes", self.client.barrier(), refused)
        expect("what was published", self.free.barrier(), allowed)

    def hear(self, subject: bytes, reply: bytes) -> int:
        """Somebody publishes; how many copies came."""
        self.free.send(b"PUB %b %b 0\r\n\r\n" % (subject, reply))
        self.free.flush()
        got = self.client.barrier()
        if wrong := [op for op in got if not isinstance(op, Msg) or op.reply != reply]:
            raise Mismatch(f"something else than a message on {subject!r} came", "", f"{wrong}")
        found = Counter(operation.sid for operation in got)
        copies, members = self.due(subject)
        for sid in copies:
            if found.pop(sid, 0) != 1:
                raise Mismatch(f"a message on {subject!r} for {sid!r}", "once", f"{got}")
        for sids in members:
            if sum(found.pop(sid, 0) for sid in sids) != 1:
                raise Mismatch(f"a message on {subject!r} for one of {sids}", "once", f"{got}")
        expect("other copies", list(found), [])
        return len(got)

    def due(self, subject: bytes) -> tuple[list[bytes], list[list[bytes]]]:
        """Who gets a copy, and of whom exactly one does."""
        copies, groups = [], dict[bytes, list[bytes]]()
        for sid, (pattern, queue) in self.subscriptions.items():
            if not matches(pattern, subject):
                continue
            if not model.may_deliver(self.granted, subject, queue):
                self.situations.meet("withheld")
                continue
            self.situations.meet("delivered")
            if queue is None:
                copies.append(sid)
            else:
                groups.setdefault(queue, []).append(sid)
        return copies, list(groups.values())

    def answer(self, reply: bytes, times: int, copies: int) -> None:
        """Publish to a reply subject that came so often."""
        if copies > 1 and not model.may_publish(self.granted, reply):
            return
        if copies:
            self.grants = model.requested(self.granted, self.grants, reply, 0)
        refused, allowed = [], []
        for _ in range(times):
            self.client.send(b"PUB %b 0\r\n\r\n" % reply)
            after = model.respond(self.granted, self.grants, reply, 0)
            if after is None:
                refused.append(denied_publish(reply))
                self.situations.meet(
                    "answer too many" if reply in self.grants else "answer without leave"
                )
                continue
            lists = model.may_publish(self.granted, reply)
            self.situations.meet("answer that lists allow" if lists else "answer")
            allowed.append(Msg(reply, b"all", b"", b""))
            self.grants = after
        expect("errors of answers", self.client.barrier(), refused)
        expect("answers", self.free.barrier(), allowed)


def disputed(granted: model.Permissions, pattern: bytes) -> bool:
    """Whether an allow entry matches the text and doesn't cover the pattern (SUBJ-011)."""
    return any(
        matches(entry.pattern, pattern) and not is_subset(pattern, entry.pattern)
        for entry in granted.subscribe.allow or ()
    )


def denied_publish(subject: bytes) -> Err:
    """The error of a PUB."""
    return Err(b'Permissions Violation for Publish to "%b"' % subject)


def denied_subscription(pattern: str, queue: str | None) -> Err:
    """The error of a SUB."""
    text = f'Permissions Violation for Subscription to "{pattern}"'
    return Err((text + (f' using queue "{queue}"' if queue else "")).encode())


def expect(what: str, got: Sequence[object], expected: Sequence[object]) -> None:
    """These came, in this order."""
    if got != expected:
        raise Mismatch(f"{what} are others", f"{expected}", f"{got}")


@property_case(
    "AUTH-PERM-001",
    "AUTH-PERM-003",
    "AUTH-PERM-004",
    "AUTH-PERM-005",
    "AUTH-PERM-006",
    "AUTH-PERM-007",
    "AUTH-PERM-008",
    "AUTH-RESP-001",
    "AUTH-RESP-003",
    "AUTH-RESP-004",
    "AUTH-RESP-007",
)
def test_whoever_it_is_may_do_what_the_model_says(nats: Nats) -> None:
    situations = Situations(FLOORS)
    known = users(random.Random(nats.seed), nats.release)
    server = nats.start(text=configuration(known))

    def check(
        number: int,
        life: tuple[list[tuple[str, str | None]], list[str], list[tuple[str, str, int]]],
    ) -> None:
        asked, published, messages = life
        name = f"u{number}"
        with nats.example(server) as example:
            client = example.client(user=name, **OPTIONS)
            free = example.client(user="free", **OPTIONS)
            free.send("SUB > all\r\n")
            free.flush()
            one = Life(known[name], client, free, situations)
            one.subscribe(asked)
            one.publish(published)
            for place, (subject, reply, times) in enumerate(messages):
                inbox = b"%b.r%d" % (reply.encode(), place)
                one.answer(inbox, times, one.hear(subject.encode(), inbox))

    generated.run_until(nats, situations, check, st.integers(0, USERS - 1), lives)
