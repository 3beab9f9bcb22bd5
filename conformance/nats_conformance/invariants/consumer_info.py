"""What must hold of what CONSUMER.INFO says, beside what was delivered.

JS-INV-006 .. JS-INV-013, JS-INV-016, JS-INV-017, and JS-INV-023 .. JS-INV-026 and JS-INV-028
for those who compare answers. INFO and the trace are compared at rest only, by the last INFO.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from nats_spec.subjects import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .trace import Info, Invariant, Trace

#: Members of INFO that change though nothing happens.
CLOCKS: Final = frozenset({"ts", "pause_remaining"})


def all_counted(trace: Trace) -> list[str]:
    """JS-INV-006: the consumer sequence of delivered is the number of deliveries."""
    return [
        f"delivered says {each.delivered[0]}, there were {len(trace.deliveries)}"
        for each in trace.infos[-1:]
        if each.delivered[0] != len(trace.deliveries)
    ]


def furthest(trace: Trace) -> list[str]:
    """JS-INV-007: its stream sequence is the highest that was delivered, or start or purge.

    It may be higher, as long as it has passed over nothing that matches.
    """
    reached = max([trace.rules.start, *(each.stream_seq for each in trace.deliveries)])
    filters = trace.rules.filters[-1][1]
    wrong = []
    for each in trace.infos[-1:]:
        passed = [
            seq
            for seq, stored in trace.stored.items()
            if max(reached, trace.purged) < seq <= each.delivered[1]
            and seq not in trace.gone
            and (not filters or any(matches(one, stored.subject) for one in filters))
        ]
        if each.delivered[1] < reached or (passed and len(trace.rules.filters) == 1):
            wrong.append(f"delivered says message {each.delivered[1]}, it is {reached}")
    return wrong


def delivered_forward(trace: Trace) -> list[str]:
    """JS-INV-008: delivered does not go back."""
    return _backward(trace, "delivered")


def floor_forward(trace: Trace) -> list[str]:
    """JS-INV-009: ack_floor does not go back."""
    return _backward(trace, "floor")


def floor_below(trace: Trace) -> list[str]:
    """JS-INV-010: ack_floor does not exceed delivered."""
    return [
        f"ack_floor {each.floor} is above delivered {each.delivered}"
        for each in trace.infos
        if each.floor[0] > each.delivered[0] or each.floor[1] > each.delivered[1]
    ]


def nothing_below(trace: Trace) -> list[str]:
    """JS-INV-011: nothing at or below ack_floor is outstanding."""
    if trace.rules.ack_policy == "none":
        return []
    return [
        f"message {seq} is outstanding at or below ack_floor {each.floor[1]}"
        for each in trace.infos[-1:]
        for seq in sorted(outstanding(trace) - trace.perhaps)
        if seq <= each.floor[1]
    ]


def ack_pending(trace: Trace) -> list[str]:
    """JS-INV-012: num_ack_pending is the number of outstanding messages."""
    if trace.rules.ack_policy != "explicit":
        return []
    all_of_them = outstanding(trace)
    least, most = len(all_of_them - trace.perhaps), len(all_of_them)
    expected = f"{most}" if least == most else f"{least} to {most}"
    return [
        f"num_ack_pending is {each.ack_pending}, {expected} are outstanding"
        for each in trace.infos[-1:]
        if not least <= each.ack_pending <= most
    ]


def still_pending(trace: Trace) -> list[str]:
    """JS-INV-013: num_pending is the number of matching messages above delivered.

    Those that other filters have passed over before need not count (JS-CONS-UPD-010).
    """
    if trace.rules.last_per_subject:
        return []
    filters = trace.rules.filters[-1][1]
    changed = len(trace.rules.filters) > 1
    wrong = []
    for each in trace.infos[-1:]:
        ahead = [
            seq
            for seq, stored in trace.stored.items()
            if seq > each.delivered[1]
            and seq not in trace.gone
            and (not filters or any(matches(one, stored.subject) for one in filters))
        ]
        if each.pending > len(ahead) or (each.pending < len(ahead) and not changed):
            wrong.append(f"num_pending is {each.pending}, {len(ahead)} lie above delivered")
    return wrong


def redelivered(trace: Trace) -> list[str]:
    """JS-INV-016: num_redelivered is within outstanding and exhausted messages."""
    return [
        f"num_redelivered {each.redelivered} exceeds {each.ack_pending} outstanding"
        f" and {len(trace.exhausted)} exhausted messages"
        for each in trace.infos
        if each.redelivered > each.ack_pending + len(trace.exhausted)
    ]


def waiting(trace: Trace) -> list[str]:
    """JS-INV-017: num_waiting is within max_waiting."""
    most = trace.rules.max_waiting
    return [
        f"num_waiting {each.waiting} exceeds {most}" for each in trace.infos if each.waiting > most
    ]


def room(trace: Trace) -> list[str]:
    """JS-RDL-016: num_ack_pending is within max_ack_pending."""
    most = trace.rules.max_ack_pending
    return [
        f"num_ack_pending {each.ack_pending} exceeds {most}"
        for each in trace.infos
        if 0 < most < each.ack_pending
    ]


INVARIANTS: Final[Mapping[str, Invariant]] = {
    "JS-INV-006": all_counted,
    "JS-INV-007": furthest,
    "JS-INV-008": delivered_forward,
    "JS-INV-009": floor_forward,
    "JS-INV-010": floor_below,
    "JS-INV-011": nothing_below,
    "JS-INV-012": ack_pending,
    "JS-INV-013": still_pending,
    "JS-INV-016": redelivered,
    "JS-INV-017": waiting,
    "JS-RDL-016": room,
}


def outstanding(trace: Trace) -> set[int]:
    """The messages that were delivered and are neither done, exhausted nor gone."""
    if trace.rules.ack_policy == "none":
        return set()
    seen = {each.stream_seq for each in trace.deliveries}
    done = set(trace.done)
    if trace.rules.ack_policy == "all":
        done |= {seq for seq in seen if seq <= max(done, default=0)}
    return seen - done - trace.exhausted - trace.gone.keys()


def unchanged(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """JS-INV-024, JS-INV-025, JS-INV-028: two INFOs between which nothing was done to it."""
    names = sorted((before.keys() | after.keys()) - CLOCKS)
    return [
        f"{name} was {before.get(name)} and is {after.get(name)}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def kept(held: Collection[int], needed: Collection[int]) -> list[str]:
    """JS-INV-023: a work queue or interest stream holds what consumers need, no more, no less."""
    return [f"message {seq} is needed and gone" for seq in sorted(set(needed) - set(held))] + [
        f"message {seq} is held and nobody needs it" for seq in sorted(set(held) - set(needed))
    ]


def agreeing(
    names: Collection[str],
    listed: Collection[Mapping[str, Any]],
    infos: Collection[Mapping[str, Any]],
) -> list[str]:
    """JS-INV-026: NAMES, LIST and INFO at rest, for the same consumers."""
    own = [each["name"] for each in listed]
    wrong = [] if list(names) == own else [f"NAMES has {list(names)}, LIST {own}"]
    by_name = {each["name"]: each for each in infos}
    for each in listed:
        info = by_name.get(each["name"])
        if info is None:
            wrong.append(f"LIST has {each['name']}, INFO doesn't")
            continue
        members = each.keys() - CLOCKS - {"config"}
        wrong += [
            f"{each['name']}: {name} is {each[name]} in LIST and {info.get(name)} in INFO"
            for name in sorted(members)
            if each[name] != info.get(name)
        ]
    return wrong


def _backward(trace: Trace, pair: str) -> list[str]:
    def both(info: Info) -> tuple[int, int]:
        found: tuple[int, int] = getattr(info, pair)
        return found

    return [
        f"{pair} went from {both(before)} to {both(after)}"
        for before, after in pairwise(trace.infos)
        if both(after)[0] < both(before)[0] or both(after)[1] < both(before)[1]
    ]
