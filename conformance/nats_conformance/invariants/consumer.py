"""What must hold of all that a consumer delivers, whoever received it.

JS-INV-001 .. JS-INV-005, JS-INV-014, JS-INV-015, JS-INV-018 .. JS-INV-022: functions over a
trace. `consumer_info` has those about what INFO says; `violations` asks all.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from nats_spec.subjects import matches

from . import consumer_info

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .trace import Delivery, Invariant, Trace

#: Seconds that a delivery may come after the end of its request.
SLACK: Final = 1.0


def in_order(trace: Trace) -> list[Delivery]:
    """The deliveries as the server made them: by consumer sequence."""
    return sorted(trace.deliveries, key=lambda each: each.consumer_seq)


def firsts(trace: Trace) -> list[Delivery]:
    """The first delivery of each message, in the order of the server."""
    return [each for each in in_order(trace) if each.deliveries == 1]


def nothing_missing(trace: Trace) -> list[str]:
    """JS-INV-001: what matches and lies behind the start is delivered, or still ahead."""
    if trace.rules.last_per_subject or len(trace.rules.filters) > 1:
        return []
    seen = {each.stream_seq for each in trace.deliveries}
    reached = max([trace.rules.start, *seen])
    return [
        f"message {seq} was passed over"
        for seq, stored in trace.stored.items()
        if trace.rules.start < seq < reached
        and seq not in seen
        and seq not in trace.gone
        and wanted(trace, stored.subject, 1)
    ]


def no_phantom(trace: Trace) -> list[str]:
    """JS-INV-002: what is delivered is what is stored under its sequence."""
    wrong = []
    for each in trace.deliveries:
        stored = trace.stored.get(each.stream_seq)
        if stored is None:
            wrong.append(f"{_named(each)}: nothing was stored there")
            continue
        wrong += [
            f"{_named(each)}: another {part} than was stored"
            for part in ("subject", "payload", "block", "time")
            if getattr(each, part) != getattr(stored, part)
        ]
    return wrong


def filtered(trace: Trace) -> list[str]:
    """JS-INV-003: each subject matches a filter in force."""
    return [
        f"{_named(each)}: no filter wants {each.subject!r}"
        for each in trace.deliveries
        if each.deliveries == 1 and not wanted(trace, each.subject, each.consumer_seq)
    ]


def ascending(trace: Trace) -> list[str]:
    """JS-INV-004: first deliveries ascend in the sequence of the stream."""
    return _descents(firsts(trace))


def ascending_by_subject(trace: Trace) -> list[str]:
    """JS-INV-019: first deliveries of one subject ascend."""
    subjects: dict[bytes, list[Delivery]] = defaultdict(list)
    for each in firsts(trace):
        subjects[each.subject].append(each)
    return [descent for found in subjects.values() for descent in _descents(found)]


def counting(trace: Trace) -> list[str]:
    """JS-INV-005: consumer sequences are 1, 2, 3 and so on."""
    got = [each.consumer_seq for each in in_order(trace)]
    expected = list(range(1, len(got) + 1))
    if got == expected:
        return []
    place = next(i for i, (a, b) in enumerate(zip(got, expected, strict=True)) if a != b)
    return [f"delivery {expected[place]} has the consumer sequence {got[place]}"]


def counting_down(trace: Trace) -> list[str]:
    """JS-INV-014: within a step each first delivery leaves one message less pending."""
    return [
        f"{_named(after)}: {after.pending} pending after {before.pending}"
        for before, after in pairwise(in_order(trace))
        if before.step == after.step
        and after.pending != before.pending - (1 if after.deliveries == 1 else 0)
    ]


def counting_up(trace: Trace) -> list[str]:
    """JS-INV-015: a message is delivered for the first, second, … time, up to max_deliver."""
    times: dict[int, int] = defaultdict(int)
    most = trace.rules.max_deliver
    wrong = []
    for each in in_order(trace):
        times[each.stream_seq] += 1
        if each.deliveries != times[each.stream_seq]:
            wrong.append(f"{_named(each)}: says {each.deliveries} deliveries, it is another")
        if 0 < most < each.deliveries:
            wrong.append(f"{_named(each)}: delivered more than {most} times")
    return wrong


def done_is_done(trace: Trace) -> list[str]:
    """JS-INV-018: nothing is delivered after the answer to its acknowledgement."""
    return [
        f"{_named(each)}: it was done in step {trace.done[each.stream_seq]}"
        for each in trace.deliveries
        if each.step > trace.done.get(each.stream_seq, each.step)
    ]


def within_batch(trace: Trace) -> list[str]:
    """JS-INV-020: a request gets its batch at most, and one status, after which nothing comes."""
    got = _by_request(trace.deliveries)
    wrong = []
    for each in trace.requests:
        count = len(got.get(each.number, ()))
        if count > max(each.batch, 1):
            wrong.append(f"request {each.number} got {count} messages, it asked for {each.batch}")
        if len(each.statuses) > 1:
            wrong.append(f"request {each.number} was ended {len(each.statuses)} times")
        if any(before < count for _, before in each.statuses):
            wrong.append(f"request {each.number} got messages after its end")
    return wrong


def within_bytes(trace: Trace) -> list[str]:
    """JS-INV-021: the bytes that a request gets are within its max_bytes."""
    got = _by_request(trace.deliveries)
    wrong = []
    for each in trace.requests:
        size = sum(delivery.size for delivery in got.get(each.number, ()))
        if 0 < each.max_bytes < size:
            wrong.append(f"request {each.number} got {size} bytes, its limit is {each.max_bytes}")
    return wrong


def within_time(trace: Trace) -> list[str]:
    """JS-INV-022: nothing comes long after a request has expired."""
    got = _by_request(trace.deliveries)
    return [
        f"{_named(delivery)}: {delivery.came - each.expires:.1f} s after the end of its request"
        for each in trace.requests
        if each.expires
        for delivery in got.get(each.number, ())
        if delivery.came > each.expires + SLACK
    ]


INVARIANTS: Final[Mapping[str, Invariant]] = {
    "JS-INV-001": nothing_missing,
    "JS-INV-002": no_phantom,
    "JS-INV-003": filtered,
    "JS-INV-004": ascending,
    "JS-INV-005": counting,
    **consumer_info.INVARIANTS,
    "JS-INV-014": counting_down,
    "JS-INV-015": counting_up,
    "JS-INV-018": done_is_done,
    "JS-INV-019": ascending_by_subject,
    "JS-INV-020": within_batch,
    "JS-INV-021": within_bytes,
    "JS-INV-022": within_time,
}


def violations(trace: Trace) -> list[str]:
    """Everything that violates an invariant, each with its id."""
    return [
        f"{identifier}: {wrong}"
        for identifier, invariant in sorted(INVARIANTS.items())
        for wrong in invariant(trace)
    ]


def wanted(trace: Trace, subject: bytes, consumer_seq: int) -> bool:
    """Whether a filter in force at that delivery wants the subject."""
    in_force: tuple[bytes, ...] = ()
    for since, filters in trace.rules.filters:
        if since <= consumer_seq:
            in_force = filters
    return not in_force or any(matches(each, subject) for each in in_force)


def _descents(found: Iterable[Delivery]) -> list[str]:
    return [
        f"{_named(after)}: for the first time, after {before.stream_seq}"
        for before, after in pairwise(found)
        if after.stream_seq <= before.stream_seq
    ]


def _by_request(found: Iterable[Delivery]) -> Mapping[int, list[Delivery]]:
    requests: dict[int, list[Delivery]] = defaultdict(list)
    for each in found:
        requests[each.request].append(each)
    return requests


def _named(each: Delivery) -> str:
    return f"delivery {each.consumer_seq} (message {each.stream_seq})"
