"""What the consumer machine asks for: configurations, pull requests, acknowledgements."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from nats_spec import acks
from nats_spec.acks import Kind
from nats_spec.model import consumer as fold
from nats_spec.model.consumer import Ack, Deliver
from nats_spec.model.consumer_delivery import choices, deliver, exhaust, room

if TYPE_CHECKING:
    from nats_conformance.properties.consumer_stream import Held
    from nats_conformance.properties.consumer_watch import Watched

#: Nanoseconds; no example lasts so long.
WAIT: Final = 120 * 10**9
#: Nanoseconds of a -NAK that comes soon, and of a request that is over soon.
BRIEF: Final = 40_000_000

LETTERS: Final = "abc"


@dataclass(frozen=True, slots=True)
class Draft:
    """A consumer to be made."""

    deliver: Deliver = Deliver.ALL
    ack: Ack = Ack.EXPLICIT
    #: Its filters; none for all.
    letters: tuple[str, ...] = ()
    max_deliver: int = -1
    max_ack_pending: int = -1
    max_waiting: int = 512
    start: int = 1

    def fitted(self, held: Held, slot: int) -> Draft:
        """The nearest one that a stream with this retention takes."""
        retention = held.retention
        # What is before a start that is still to come is the matter of JS-DLV-008.
        draft = replace(self, start=min(self.start, held.model.last + 1))
        gone = held.model.last not in held.model.messages
        if draft.deliver is Deliver.LAST and gone and not draft.letters:
            draft = replace(draft, deliver=Deliver.ALL)  # the matter of JS-DLV-010
        if draft.deliver is Deliver.LAST_PER_SUBJECT and not draft.letters:
            draft = replace(draft, letters=tuple(LETTERS))
        if retention == "interest" and draft.deliver is Deliver.LAST_PER_SUBJECT:
            draft = replace(draft, deliver=Deliver.NEW)
        if retention == "workqueue":
            draft = replace(draft, deliver=Deliver.ALL, ack=Ack.EXPLICIT, letters=(LETTERS[slot],))
        return draft

    def config(self, held: Held) -> fold.Config:
        """As the model has it."""
        return fold.Config(
            deliver=self.deliver,
            ack=self.ack,
            start=self.start,
            filters=tuple(held.subject(letter) for letter in self.letters),
            ack_wait=WAIT,
            max_deliver=self.max_deliver,
            max_ack_pending=self.max_ack_pending,
        )

    def request(self, held: Held) -> dict[str, Any]:
        """As the API has it."""
        fields: dict[str, Any] = {
            "deliver_policy": self.deliver.value,
            "ack_policy": self.ack.value,
            "max_deliver": self.max_deliver,
            "max_waiting": self.max_waiting,
            "filter_subjects": [held.subject(letter).decode() for letter in self.letters] or None,
        }
        if self.ack is not Ack.NONE:
            fields |= {"ack_wait": WAIT, "max_ack_pending": self.max_ack_pending}
        if self.deliver is Deliver.BY_SEQUENCE:
            fields["opt_start_seq"] = self.start
        return fields


choices_of_letters = st.sampled_from(((), (), ("a",), ("b",), ("a", "b"), ("b", "c")))
drafts = st.builds(
    Draft,
    deliver=st.sampled_from(
        (
            *[Deliver.ALL] * 4,
            *[Deliver.LAST_PER_SUBJECT] * 2,
            Deliver.NEW,
            Deliver.LAST,
            Deliver.BY_SEQUENCE,
        )
    ),
    ack=st.sampled_from((*[Ack.EXPLICIT] * 4, *[Ack.ALL] * 2, Ack.NONE)),
    letters=choices_of_letters,
    max_deliver=st.sampled_from((-1, 2, 2, 3)),
    max_ack_pending=st.sampled_from((-1, 1, 2, 4, 4)),
    max_waiting=st.sampled_from((2, 512)),
    start=st.integers(1, 6),
)

#: How a pull request is made.
forms = st.sampled_from((*["now"] * 4, "brief", *["bytes"] * 4, "exact", *["wait"] * 4, "text"))
#: Forms with a limit of bytes, and how many there are over.
SIZED: Final = {"bytes": 3, "exact": 0}
batches = st.integers(1, 5)
letters = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5)

#: What is said of a message, and the payload that says it.
answers = st.sampled_from(
    (
        (Kind.ACK, ""),
        (Kind.ACK, "+ACK"),
        (Kind.ACK, "+OK"),
        *[(Kind.NAK, "-NAK")] * 4,
        (Kind.NAK, f'-NAK {{"delay":{BRIEF}}}'),
        (Kind.NAK, "-NAK 90s"),
        (Kind.PROGRESS, "+WPI"),
        (Kind.TERM, "+TERM"),
        (Kind.TERM, "+TERM of no use"),
        (Kind.NEXT, '+NXT {"batch":1,"no_wait":true}'),
    )
)

slots = st.integers(0, 2)
clients = st.integers(0, 1)
picks = st.integers(0, 3) | st.integers(0, 30)

#: What the machine does, how often beside the others, and with what.
ACTS: Final[dict[str, tuple[int, st.SearchStrategy[dict[str, Any]]]]] = {
    "publish": (4, st.fixed_dictionaries({"client": clients, "letters": letters})),
    "pull": (
        8,
        st.fixed_dictionaries(
            {
                "slot": slots,
                "client": clients,
                "batch": batches,
                "form": forms,
                "room": st.integers(0, 3),
            }
        ),
    ),
    "answer": (
        12,
        st.fixed_dictionaries(
            {"slot": slots, "client": clients, "pick": picks, "said": answers, "old": st.booleans()}
        ),
    ),
    "change": (
        3,
        st.fixed_dictionaries(
            {
                "slot": slots,
                "room": st.sampled_from((1, 2, 5, -1)),
                "letters": choices_of_letters,
            }
        ),
    ),
    "delete": (2, st.fixed_dictionaries({"pick": picks})),
    "purge": (2, st.fixed_dictionaries({"pick": picks, "whole": st.booleans()})),
    "anew": (2, st.fixed_dictionaries({"slot": slots, "draft": drafts})),
    "leave": (1, st.fixed_dictionaries({"client": clients})),
    "look": (1, st.fixed_dictionaries({"slot": slots})),
}


def acts(**more: int) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Any of these, and others that need nothing, by their weight.

    One strategy and not a rule each: Hypothesis leaves whole rules out of an example, and an
    example without pull requests shows nothing.
    """
    weighted = [name for name, (weight, _) in ACTS.items() for _ in range(weight)]
    weighted += [name for name, weight in more.items() for _ in range(weight)]
    nothing: st.SearchStrategy[dict[str, Any]] = st.just({})
    return st.sampled_from(weighted).flatmap(
        lambda name: st.tuples(st.just(name), ACTS[name][1] if name in ACTS else nothing)
    )


def ending(watched: Watched, batch: int, now: int, done: int = 0) -> tuple[int, bool]:
    """How many messages a request for `batch` gets now, and whether room then holds it up.

    `done`: this message is acknowledged first.
    """
    one, held = exhaust(fold.settled(watched.model, done), now)[0], watched.held.model
    count = 0
    while count < batch and (options := choices(one, held, now, now)).due:
        seq = next((each for each in one.refused if each in options.allowed), min(options.allowed))
        one, _ = deliver(one, held, seq, now)
        count += 1
    return count, count < batch and not room(one)


def size(watched: Watched, seq: int, now: int) -> int:
    """What the delivery of `seq` would count for max_bytes."""
    one, token = deliver(watched.model, watched.held.model, seq, now)
    stored = watched.held.stored[seq]
    reply = acks.Reply(
        watched.held.name.encode(),
        watched.name.encode(),
        token.deliveries,
        seq,
        one.delivered[0],
        now,
        token.pending,
    )
    parts = (stored.subject, reply.subject, stored.block, stored.payload)
    return sum(map(len, parts))


def sized(watched: Watched) -> bool:
    """Whether a request with a limit of bytes shows something."""
    if watched.open or watched.soon or watched.model.selected:
        return False
    return ending(watched, 1, time.time_ns())[0] > 0


def answerable(watched: Watched) -> bool:
    """Whether something was delivered that is to be acknowledged."""
    return bool(watched.replies) and watched.model.config.ack is not Ack.NONE


def repeated(watched: Watched) -> list[int]:
    """What is outstanding and was delivered more than once."""
    if watched.model.config.ack is Ack.NONE:
        return []
    return [seq for seq in watched.model.outstanding if len(watched.replies.get(seq, ())) > 1]


def exhausted(watched: Watched) -> list[int]:
    """What was delivered as often as it may be, and can be acknowledged all the same."""
    return list(watched.model.exhausted) if answerable(watched) else []


def filtering(watched: Watched) -> bool:
    """Whether other filters can be given to it, and what they do can be seen.

    A request that waits would be served before. How last_per_subject then counts is the
    matter of JS-CONS-UPD-010.
    """
    last = watched.model.config.deliver is Deliver.LAST_PER_SUBJECT
    return bool(watched.letters) and not last and not watched.open


def undecided(watched: Watched, seq: int, kind: Kind) -> bool:
    """Whether a server may have noticed already that the wait for `seq` is over, and what follows.

    Then this changes nothing, else it begins a new wait.
    """
    one = watched.model
    known = one.outstanding.get(seq)
    if seq in watched.unnoticed:
        return kind in {Kind.NAK, Kind.PROGRESS}
    if known is None or kind not in {Kind.NAK, Kind.PROGRESS}:
        return False
    over = known.due < time.time_ns() + WAIT // 4 or seq in one.refused
    return over and (kind is Kind.PROGRESS or 0 < one.config.max_deliver <= known.deliveries)
