"""Faults of chapter 114, purge and delete: what goes, what stays, who may."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.reading import DISPATCH, Asked, existence_first
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.store.index import Index
    from nats_reference.jetstream.stream import Stream

PURGING = "nats_reference.jetstream.purging"
INDEX = "nats_reference.jetstream.store.index"


@fault("JS-STREAM-022", "a purge of everything leaves the newest message")
def newest_stays(patch: Patch) -> None:
    """As if `keep` were 1."""
    candidates = patch.original(f"{PURGING}:candidates")

    def clear(stream: Stream) -> int:
        found = candidates(stream, b">", 0, 1)
        for each in found:
            stream.discard(each)
        return len(found)

    patch.attribute(f"{PURGING}:clear", clear)


@fault("JS-STREAM-023", "the filter of a purge has no wildcards")
def literal_filter(patch: Patch) -> None:
    """It is the subject itself."""
    candidates = patch.original(f"{PURGING}:candidates")

    def literal(stream: Stream, pattern: bytes, seq: int, keep: int) -> list[int]:
        if b"*" in pattern or pattern.endswith(b".>"):
            return []
        found: list[int] = candidates(stream, pattern, seq, keep)
        return found

    patch.attribute(f"{PURGING}:candidates", literal)


@fault("JS-STREAM-024", "a purge takes the sequence itself too")
def bound_inside(patch: Patch) -> None:
    """The bound is inside."""
    candidates = patch.original(f"{PURGING}:candidates")
    patch.attribute(
        f"{PURGING}:candidates",
        lambda stream, pattern, seq, keep: candidates(stream, pattern, seq + 1 if seq else 0, keep),
    )


@fault("JS-STREAM-025", "a purge beyond the end ends there")
def no_jump(patch: Patch) -> None:
    """The next sequence is the next."""
    patch.attribute(f"{PURGING}:jump", lambda _stream, _seq: None)


@fault("JS-STREAM-026", "a purge keeps the oldest")
def oldest_stay(patch: Patch) -> None:
    """Counted from the other side."""
    candidates = patch.original(f"{PURGING}:candidates")

    def newest(stream: Stream, pattern: bytes, seq: int, keep: int) -> list[int]:
        found: list[int] = candidates(stream, pattern, seq, 0)
        return found[keep:]

    patch.attribute(f"{PURGING}:candidates", newest)


@fault("JS-STREAM-027", "a purge may have a sequence and a count")
def both(patch: Patch) -> None:
    """The count is ignored."""
    endpoints = patch.original(f"{DISPATCH}:ENDPOINTS")
    handler = endpoints["stream_purge"].handler

    def lax(request: Request) -> Asked:
        try:
            answer: Asked = handler(request)
        except ApiError as error:
            if error.err_code != 10003:
                raise
            return {"success": True, "purged": 0}
        return answer

    changed = endpoints["stream_purge"]._replace(handler=lax)
    patch.attribute(f"{DISPATCH}:ENDPOINTS", endpoints | {"stream_purge": changed})


@fault("JS-STREAM-028", "a stream that denies purges is purged")
def purged_anyway(patch: Patch) -> None:
    """`deny_purge` is not looked at."""
    purge = patch.original(f"{PURGING}:purge")

    def bold(stream: Stream, pattern: bytes | None, seq: int, keep: int) -> int:
        given, stream.config = stream.config, replace(stream.config, deny_purge=False)
        try:
            count: int = purge(stream, pattern, seq, keep)
        finally:
            stream.config = given
        return count

    patch.attribute(f"{PURGING}:purge", bold)


@fault("JS-PURGE-001", "a missing stream is told before a bad purge")
def purge_looks_first(patch: Patch) -> None:
    """The stream is looked for before the request is read."""
    existence_first(patch, "stream_purge")


@fault("JS-PURGE-004", "a purge that empties begins at what it removed")
def hollow(patch: Patch) -> None:
    """The gap at the end stays."""

    def stuck(stream: Stream, seq: int) -> None:
        index = stream.store.index
        if not index.messages and seq <= index.last_seq:
            index.first_seq = seq - 1

    patch.attribute(f"{PURGING}:jump", stuck)


@fault("JS-PURGE-002", "what is removed still counts")
def bytes_stay(patch: Patch) -> None:
    """Each message leaves a byte behind."""
    remove = patch.original(f"{INDEX}:Index.remove")

    def sticky(index: Index, seq: int) -> tuple[bytes, int] | None:
        removed: tuple[bytes, int] | None = remove(index, seq)
        if removed is not None and index.messages:
            index.bytes += 1
        return removed

    patch.attribute(f"{INDEX}:Index.remove", sticky)


@fault("JS-STREAM-029", "a deletion takes all that is older too")
def delete_up_to(patch: Patch) -> None:
    """As if it were a purge."""
    delete = patch.original(f"{PURGING}:delete")

    def greedy(stream: Stream, seq: int) -> None:
        delete(stream, seq)
        for each in list(stream.store.index.sequences()):
            if each < seq:
                stream.discard(each)

    patch.attribute(f"{PURGING}:delete", greedy)


@fault("JS-STREAM-030", "a message can be deleted twice")
def deleted_again(patch: Patch) -> None:
    """That it is gone is what was wanted."""
    delete = patch.original(f"{PURGING}:delete")

    def content(stream: Stream, seq: int) -> None:
        try:
            delete(stream, seq)
        except ApiError as error:
            if error.err_code != 10043:
                raise

    patch.attribute(f"{PURGING}:delete", content)


@fault("JS-STREAM-032", "a message is deleted from a stream that denies it")
def deleted_anyway(patch: Patch) -> None:
    """`deny_delete` is not looked at."""
    for name in ("delete", "check_delete"):
        undenied(patch, f"{PURGING}:{name}")


def undenied(patch: Patch, path: str) -> None:
    """Let this function see a stream that allows deletions."""
    function = patch.original(path)

    def bold(stream: Stream, *rest: int) -> None:
        given, stream.config = stream.config, replace(stream.config, deny_delete=False)
        try:
            function(stream, *rest)
        finally:
            stream.config = given

    patch.attribute(path, bold)


@fault("JS-PURGE-003", "a missing stream is told before a bad deletion")
def deletion_looks_first(patch: Patch) -> None:
    """The stream is looked for before the request is read."""
    existence_first(patch, "stream_msg_delete")
