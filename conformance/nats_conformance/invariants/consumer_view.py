"""What must hold of a consumer of which only INFO is known, and the log of its stream.

JS-INV-008 .. JS-INV-013, JS-INV-016, JS-INV-017, JS-INV-023, JS-INV-026, JS-RDL-016.
The log is counted message by message, so that its length doesn't matter. What an update of
the configuration may explain is a remark. Leaves out deliveries: `consumer` has those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nats_spec.subjects import matches

from .consumer_info import CLOCKS, unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .stream_log import Logged

#: Members of INFO that change while nothing is delivered, acknowledged or stored.
BESIDE: Final = frozenset({"num_waiting"})


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of one requirement."""

    requirement: str
    text: str
    consumer: str
    #: It is one only if the configuration has always been this.
    remark: bool

    @property
    def place(self) -> str:
        """Where it is."""
        return f"the consumer {self.consumer}"


@dataclass(slots=True)
class Counted:
    """The messages of the stream, by where they lie."""

    #: As INFO said before the log was read.
    floor: int
    delivered: int
    filters: tuple[bytes, ...]
    #: At or below the floor, and wanted.
    below: int = 0
    #: Above it, and delivered, if they were wanted.
    between: int = 0
    #: Above what was delivered, and wanted.
    ahead: int = 0

    def see(self, message: Logged) -> None:
        """The next message of the log."""
        if self.floor < message.seq <= self.delivered:
            self.between += 1
        elif not self.filters or any(matches(each, message.subject) for each in self.filters):
            self.below += message.seq <= self.floor
            self.ahead += message.seq > self.delivered


@dataclass(frozen=True, slots=True)
class Seen:
    """A consumer as it was seen: INFO before and after the log, and what lies where."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    counted: Counted
    #: How CONSUMER.LIST has it, after all that; None if it doesn't.
    listed: Mapping[str, Any] | None
    #: `limits`, `interest` or `workqueue`.
    retention: str = "limits"
    #: The stream is as it was before the log was read.
    still: bool = True

    @property
    def config(self) -> Mapping[str, Any]:
        """Its configuration."""
        found: Mapping[str, Any] = self.before["config"]
        return found

    @property
    def rests(self) -> bool:
        """Nothing was delivered, acknowledged or stored meanwhile."""
        changed = {
            name
            for name in self.before.keys() | self.after.keys()
            if self.before.get(name) != self.after.get(name)
        }
        return self.still and changed <= {*CLOCKS, *BESIDE}


#: What is wrong, and whether an update of the configuration may explain it.
Wrong: TypeAlias = "Iterator[tuple[str, bool]]"


def forward(seen: Seen, pair: str) -> Wrong:
    """JS-INV-008, JS-INV-009: neither part of a pair goes back."""
    before, after = (_pair(each, pair) for each in (seen.before, seen.after))
    if after[0] < before[0] or after[1] < before[1]:
        yield f"{pair} went from {before} to {after}", False


def floor_below(seen: Seen) -> Wrong:
    """JS-INV-010: ack_floor does not exceed delivered."""
    for info in (seen.before, seen.after):
        floor, delivered = _pair(info, "ack_floor"), _pair(info, "delivered")
        if floor[0] > delivered[0] or floor[1] > delivered[1]:
            yield f"ack_floor {floor} is above delivered {delivered}", False
            return


def outstanding_above(seen: Seen) -> Wrong:
    """JS-INV-011: all that is outstanding was delivered and lies above ack_floor."""
    for info in (seen.before, seen.after):
        count = info["num_ack_pending"]
        span = _pair(info, "delivered")[0] - _pair(info, "ack_floor")[0]
        if count > max(span, 0):
            yield f"{count} messages are outstanding, {span} deliveries lie above ack_floor", False
            return


def outstanding_there(seen: Seen) -> Wrong:
    """JS-INV-012: what is outstanding is still in the stream; without acknowledgements nothing is."""
    count = seen.before["num_ack_pending"]
    if seen.config.get("ack_policy") == "none":
        if count:
            yield f"num_ack_pending is {count}, nothing is to be acknowledged", False
    elif seen.rests and count > seen.counted.between:
        between = seen.counted.between
        yield f"num_ack_pending is {count}, {between} messages lie between the two", False


def still_pending(seen: Seen) -> Wrong:
    """JS-INV-013: num_pending is the number of matching messages above delivered."""
    if seen.rests and seen.config.get("deliver_policy") != "last_per_subject":
        count, ahead = seen.before["num_pending"], seen.counted.ahead
        if count != ahead:
            yield f"num_pending is {count}, {ahead} lie above delivered", count < ahead


def redelivered(seen: Seen) -> Wrong:
    """JS-INV-016: num_redelivered is within what is outstanding, if nothing is exhausted."""
    if seen.config.get("max_deliver", -1) <= 0:
        count, most = seen.before["num_redelivered"], seen.before["num_ack_pending"]
        if count > most:
            yield f"num_redelivered is {count}, {most} messages are outstanding", True


def waiting(seen: Seen) -> Wrong:
    """JS-INV-017: num_waiting is within max_waiting."""
    most = seen.config.get("max_waiting", 0)
    for info in (seen.before, seen.after):
        if 0 < most < info["num_waiting"]:
            yield f"num_waiting is {info['num_waiting']}, max_waiting {most}", False
            return


def room(seen: Seen) -> Wrong:
    """JS-RDL-016: num_ack_pending is within max_ack_pending."""
    most = seen.config.get("max_ack_pending", -1)
    for info in (seen.before, seen.after):
        if 0 < most < info["num_ack_pending"]:
            yield f"num_ack_pending is {info['num_ack_pending']}, max_ack_pending {most}", True
            return


def needless(seen: Seen) -> Wrong:
    """JS-INV-023: a work queue doesn't keep what was acknowledged."""
    exhausts = seen.config.get("max_deliver", -1) > 0
    if seen.retention == "workqueue" and seen.rests and not exhausts and seen.counted.below:
        yield f"{seen.counted.below} messages at or below ack_floor are still there", True


def listed(seen: Seen) -> Wrong:
    """JS-INV-026: CONSUMER.LIST has it as INFO has it."""
    if seen.listed is None:
        yield "CONSUMER.LIST doesn't have it", False
    elif seen.rests:
        for wrong in unchanged(seen.after, seen.listed):
            if wrong.split(" ")[0] not in {*BESIDE, "type", "stream_name", "config"}:
                yield f"in INFO and in CONSUMER.LIST: {wrong}", False


RULES: Final[Mapping[str, Callable[[Seen], Wrong]]] = {
    "JS-INV-008": lambda seen: forward(seen, "delivered"),
    "JS-INV-009": lambda seen: forward(seen, "ack_floor"),
    "JS-INV-010": floor_below,
    "JS-INV-011": outstanding_above,
    "JS-INV-012": outstanding_there,
    "JS-INV-013": still_pending,
    "JS-INV-016": redelivered,
    "JS-INV-017": waiting,
    "JS-INV-023": needless,
    "JS-INV-026": listed,
    "JS-RDL-016": room,
}


def violations(seen: Seen) -> Iterator[Violation]:
    """Everything that violates one of them."""
    name = str(seen.before["name"])
    for requirement, rule in RULES.items():
        for text, remark in rule(seen):
            yield Violation(requirement, text, name, remark)


def _pair(info: Mapping[str, Any], name: str) -> tuple[int, int]:
    return info[name]["consumer_seq"], info[name]["stream_seq"]
