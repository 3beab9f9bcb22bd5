"""Faults of chapter 113, reading: direct get of batches and snapshots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.reading import DIRECT, Asked, inclusive, misread, without

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.stream import Stream

SELECTION = "nats_reference.jetstream.selection"
#: Seconds that half a batch waits for the other half.
PAUSE = 0.02


def retold(patch: Patch, change: Callable[[bytes], bytes]) -> None:
    """Change the header blocks of a batch, its end included."""
    batch = patch.original(f"{DIRECT}:batch")

    def told(stream: Stream, asked: Asked, say: Callable[[bytes, bytes], None], most: int) -> None:
        batch(stream, asked, lambda block, payload: say(change(block), payload), most)

    patch.attribute(f"{DIRECT}:batch", told)


def is_end(block: bytes) -> bool:
    """Whether this is the block of the status behind a batch."""
    return block.startswith(b"NATS/1.0 204")


@fault("JS-DIRECT-006", "a batch has a message more than was asked for")
def one_more(patch: Patch) -> None:
    """The limit is one too high."""
    misread(patch, f"{DIRECT}:batch", lambda asked: asked | {"batch": asked["batch"] + 1})


@fault("JS-DIRECT-006/last", "a message of a batch names its own sequence as the last")
def its_own_sequence(patch: Patch) -> None:
    """Not the one before."""

    def own(block: bytes) -> bytes:
        seq = re.search(rb"Nats-Sequence: (\d+)", block)
        if seq is None:
            return block
        return re.sub(rb"Nats-Last-Sequence: \d+", b"Nats-Last-Sequence: %b" % seq[1], block)

    retold(patch, own)


@fault("JS-DIRECT-024", "what is pending counts the message itself")
def itself_too(patch: Patch) -> None:
    """As before 2.12."""

    def more(block: bytes) -> bytes:
        if is_end(block):
            return block
        return re.sub(
            rb"Nats-Num-Pending: (\d+)",
            lambda found: b"Nats-Num-Pending: %d" % (int(found[1]) + 1),
            block,
        )

    retold(patch, more)


@fault("JS-DIRECT-007", "the end of a batch does not say what is left")
def end_without_figures(patch: Patch) -> None:
    """It says that nothing is."""
    retold(
        patch,
        lambda block: (
            re.sub(rb"Nats-Num-Pending: \d+", b"Nats-Num-Pending: 0", block)
            if is_end(block)
            else block
        ),
    )


@fault("JS-DIRECT-008", "a batch of nothing ends like any other")
def empty_batch(patch: Patch) -> None:
    """With 204, not with 404."""
    batch = patch.original(f"{DIRECT}:batch")
    refused = patch.original(f"{DIRECT}:Refused")

    def lenient(stream: Stream, asked: Asked, say: Any, most: int) -> None:  # noqa: ANN401 - handed on
        try:
            batch(stream, asked, say, most)
        except refused:
            say(patch.original(f"{DIRECT}:end")(0, 0), b"")

    patch.attribute(f"{DIRECT}:batch", lenient)


@fault("JS-DIRECT-009", "subject and headers do not count in max_bytes")
def payload_only(patch: Patch) -> None:
    """Only the payload does."""
    patch.attribute(f"{DIRECT}:size", lambda record: len(record.payload))


@fault("JS-DIRECT-010", "a batch without a beginning begins at 1")
def from_one(patch: Patch) -> None:
    """As ADR-31 has it."""
    check = patch.original(f"{DIRECT}:check")

    def lax(asked: Asked) -> None:
        selectors = ("last_by_subj", "next_by_subj", "start_time", "multi_last")
        if asked.get("batch") and not any(asked.get(name) for name in selectors):
            asked["seq"] = asked.get("seq") or 1
        check(asked)

    patch.attribute(f"{DIRECT}:check", lax)


@fault("JS-DIRECT-011", "a batch may be of a last message")
def batch_of_the_last(patch: Patch) -> None:
    """The batch is ignored."""
    check = patch.original(f"{DIRECT}:check")

    def lax(asked: Asked) -> None:
        if asked.get("last_by_subj"):
            asked.pop("batch", None)
        check(asked)

    patch.attribute(f"{DIRECT}:check", lax)


# ---- Snapshots ----------------------------------------------------------------------


@fault("JS-DIRECT-012", "a snapshot begins with the newest message")
def newest_first(patch: Patch) -> None:
    """In the other order."""
    newest = patch.original(f"{SELECTION}:newest")
    patch.attribute(f"{SELECTION}:newest", lambda *arguments: newest(*arguments)[::-1])


@fault("JS-DIRECT-013", "a snapshot has what was stored at its time")
def time_inside(patch: Patch) -> None:
    """The bound is inside."""

    def at_it(asked: Asked) -> Asked:
        until = asked.get("up_to_time", "")
        return asked | {"up_to_time": inclusive(until)} if until.endswith("Z") else asked

    misread(patch, f"{DIRECT}:as_of", at_it)


@fault("JS-DIRECT-014", "a snapshot of nothing is a message that is not found")
def no_results(patch: Patch) -> None:
    """In the words of a single message."""
    patch.attribute(f"{DIRECT}:NO_RESULTS", patch.original(f"{DIRECT}:NOT_FOUND"))


@fault("JS-DIRECT-015", "2048 subjects are not too many")
def many_subjects(patch: Patch) -> None:
    """Twice as many."""
    patch.attribute(f"{DIRECT}:MOST_SUBJECTS", 2048)


@fault("JS-DIRECT-016", "every page of a snapshot is the first")
def first_page(patch: Patch) -> None:
    """`seq` is not looked at."""
    misread(patch, f"{DIRECT}:several", without("seq"))


@fault("JS-DIRECT-017/snapshot", "a snapshot obeys no_hdr")
def bare_snapshot(patch: Patch) -> None:
    """As a batch does."""
    several = patch.original(f"{DIRECT}:several")

    def bare(stream: Stream, asked: Asked, say: Callable[[bytes, bytes], None], most: int) -> None:
        def said(block: bytes, payload: bytes) -> None:
            say(b"" if asked.get("no_hdr") and not is_end(block) else block, payload)

        several(stream, asked, said, most)

    patch.attribute(f"{DIRECT}:several", bare)


@fault("JS-DIRECT-020", "half a batch is read later than the other half")
def two_halves(patch: Patch) -> None:
    """A purge may come between them."""
    for name in ("batch", "several"):
        in_halves(patch, f"{DIRECT}:{name}")


def in_halves(patch: Patch, path: str) -> None:
    """Read this in two steps."""
    read, refused = patch.original(path), patch.original(f"{DIRECT}:Refused")
    end = patch.original(f"{DIRECT}:end")

    def halves(
        stream: Stream, asked: Asked, say: Callable[[bytes, bytes], None], most: int
    ) -> None:
        last: list[bytes] = []

        def half(block: bytes, payload: bytes) -> None:
            if is_end(block):
                last.extend(re.findall(rb"Nats-Last-Sequence: (\d+)", block))
            else:
                say(block, payload)

        def rest() -> None:
            try:
                read(stream, asked | {"seq": int(last[0]) + 1}, say, most)
            except refused:
                say(end(0, int(last[0])), b"")

        read(stream, asked | {"batch": 200}, half, most)
        stream.host.clock.call_later(PAUSE, rest)

    patch.attribute(path, halves)
