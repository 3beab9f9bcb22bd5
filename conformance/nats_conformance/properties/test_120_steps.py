"""Steps of the consumer machine that nobody draws: each situation once, the same every time.

What the machines find by chance is found here at once, if it is plain enough.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from nats_conformance.cases import Nats, case
from nats_conformance.properties.consumer_requests import BRIEF, Draft
from nats_conformance.properties.consumer_situations import FLOORS
from nats_conformance.properties.situations import Situations
from nats_conformance.properties.test_120_consumers import Consumers
from nats_spec.acks import Kind
from nats_spec.model.consumer import Ack, Deliver

Step: TypeAlias = tuple[str, dict[str, Any]]

ACKED: Final = (Kind.ACK, "+ACK")
REFUSED: Final = (Kind.NAK, "-NAK")
LATER: Final = (Kind.NAK, f'-NAK {{"delay":{BRIEF}}}')
NEXT: Final = (Kind.NEXT, '+NXT {"batch":1,"no_wait":true}')


def pull(slot: int, batch: int, form: str = "now", room: int = 0, client: int = 0) -> Step:
    """A pull request."""
    given = {"slot": slot, "client": client, "batch": batch, "form": form, "room": room}
    return "pull", given


def say(slot: int, said: tuple[Kind, str], pick: int = 0, *, old: bool = False) -> Step:
    """An acknowledgement: of the last that is outstanding, or of the one that `pick` says."""
    return "answer", {"slot": slot, "client": 1, "pick": pick, "said": said, "old": old}


def publish(letters: str) -> Step:
    """One message for each letter."""
    return "publish", {"client": 1, "letters": list(letters)}


def change(slot: int, room: int, letters: str = "") -> Step:
    """More or less room, other filters."""
    return "change", {"slot": slot, "room": room, "letters": tuple(letters)}


def anew(slot: int, draft: Draft) -> Step:
    """Deleted, and made again."""
    return "anew", {"slot": slot, "draft": draft}


def delete(pick: int) -> Step:
    """One of the messages that are there."""
    return "delete", {"pick": pick}


def purge(pick: int = 0, *, whole: bool = False) -> Step:
    """All below one that lies behind something outstanding, or simply all."""
    return "purge", {"pick": pick, "whole": whole}


LOOK: Final[Step] = ("look", {"slot": 0})
LEAVE: Final[Step] = ("leave", {"client": 1})

#: Each with the consumers that it is done to; what is stored before and after they are made.
SCRIPTS: Final[dict[str, tuple[tuple[Draft, ...], str, str, tuple[Step, ...]]]] = {
    "limits": (
        (
            Draft(letters=("a", "b")),
            Draft(max_deliver=2, max_ack_pending=2, max_waiting=2),
            Draft(ack=Ack.ALL, deliver=Deliver.LAST_PER_SUBJECT),
        ),
        "abcab",
        "abc",
        (
            LOOK,
            pull(0, 2, "bytes", room=1),
            pull(0, 2, "bytes", room=3),
            pull(0, 2),
            pull(1, 3),
            pull(2, 5),
            say(2, ACKED),
            say(0, ACKED),
            say(0, ACKED, 8),
            say(0, REFUSED),
            pull(0, 1),
            say(0, ACKED, 1, old=True),
            say(1, REFUSED),
            pull(1, 1),
            say(1, REFUSED),
            pull(1, 1, client=1),
            say(1, ACKED, 2),
            *[pull(1, 2, "wait", client=1)] * 3,
            LEAVE,
            pull(1, 1, "text"),
            publish("abcab"),
            say(1, ACKED),
            say(0, LATER),
            pull(0, 9, "wait"),
            say(0, LATER),
            pull(2, 3),
            say(2, NEXT),
            delete(0),
            LOOK,
            publish("abc"),
            pull(1, 30, "wait"),
            *[pull(2, 1)] * 3,
            publish("a"),
            anew(1, Draft(deliver=Deliver.NEW)),
            publish("ca"),
            pull(1, 5),
            LOOK,
        ),
    ),
    "bytes": ((Draft(), Draft()), "ab", "", (pull(0, 2, "exact"),)),
    "filters": (
        (Draft(letters=("a",)), Draft()),
        "aabbab",
        "ab",
        (
            pull(0, 1),
            say(0, ACKED),
            say(0, ACKED),
            change(0, 5, "b"),
            pull(0, 9),
            pull(1, 3),
            purge(),
            pull(1, 2),
            say(1, ACKED),
            delete(5),
            pull(1, 9),
            pull(1, 9),
            change(1, 3),
            LOOK,
        ),
    ),
    # Of two that are exhausted INFO counts the one that nobody has come upon; then the other is done.
    "exhausted": (
        (Draft(max_deliver=2), Draft()),
        "abc",
        "",
        (
            pull(0, 3),
            say(0, REFUSED),
            say(0, REFUSED, 1),
            pull(0, 2),
            say(0, REFUSED, 1),
            say(0, LATER),
            pull(1, 5, "brief"),
            pull(1, 5, "brief"),
            say(0, ACKED, 5),
            LOOK,
            pull(0, 1),
            LOOK,
        ),
    ),
    "interest": (
        (Draft(letters=("a", "b")), Draft(ack=Ack.NONE), Draft(ack=Ack.ALL, letters=("a",))),
        "ab",
        "aabca",
        (
            pull(1, 3),
            pull(0, 4),
            pull(2, 2),
            say(2, ACKED),
            say(0, ACKED, 3),
            pull(1, 5),
            say(0, ACKED),
            say(0, ACKED),
            say(0, ACKED),
            publish("bc"),
            LOOK,
        ),
    ),
    "workqueue": (
        (Draft(), Draft(max_deliver=2), Draft(max_ack_pending=1)),
        "abcab",
        "cab",
        (
            pull(0, 3),
            pull(1, 2),
            pull(2, 3),
            say(0, ACKED, 1),
            say(0, ACKED),
            say(1, ACKED),
            pull(2, 2, "wait"),
            say(2, ACKED),
            publish("abc"),
            LOOK,
        ),
    ),
}
#: Others are of limits.
RETENTIONS: Final = ("interest", "workqueue")
#: Before, a request with no_wait stays unanswered if all there is is exhausted; the model is of 2.14.
SINCE: Final = {"exhausted": (2, 14)}


@case(
    *[f"JS-INV-{number:03}" for number in (*range(1, 17), *range(19, 27))],
    "JS-INV-018",
    "JS-RDL-016",
    config="jetstream",
    deliveries=False,
)
def test_every_situation_once(nats: Nats) -> None:
    situations = Situations(dict.fromkeys(FLOORS, 1))
    for retention, (chosen, before, after, steps) in SCRIPTS.items():
        if nats.release < SINCE.get(retention, ()):
            continue
        machine = type("Steps", (Consumers,), {"case": nats, "situations": situations})()
        try:
            kept = retention if retention in RETENTIONS else "limits"
            machine.start(kept, chosen, before, after)
            for name, given in steps:
                machine.do(name, given)
        finally:
            machine.teardown()
    situations.check(100)
