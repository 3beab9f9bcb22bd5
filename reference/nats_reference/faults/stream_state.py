"""Faults of chapter 112, limits and retention: the figures of a stream, and what is left of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nats_reference.faults import Patch, fault
from nats_reference.faults.publishing import JETSTREAM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nats_reference.jetstream.account import Account
    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.host import Host
    from nats_reference.jetstream.state import StreamState
    from nats_reference.jetstream.store.index import Index
    from nats_reference.jetstream.store.sqlite import SQLiteStore
    from nats_reference.jetstream.stream import Stream

STATE_OF = f"{JETSTREAM}.state:state_of"


def telling(patch: Patch, other: Callable[[StreamState], StreamState]) -> None:
    """Tell other figures than there are."""
    state_of = patch.original(STATE_OF)

    def told(index: Index, *, deleted: bool = False, subjects: bytes | None = None) -> StreamState:
        return other(state_of(index, deleted=deleted, subjects=subjects))

    patch.attribute(STATE_OF, told)


@fault("JS-LIM-001", "the last sequence goes with its message")
def last_goes(patch: Patch) -> None:
    """And is used again."""
    path = f"{JETSTREAM}.store.index:Index.remove"
    remove = patch.original(path)

    def lower(self: Index, seq: int) -> tuple[bytes, int] | None:
        removed: tuple[bytes, int] | None = remove(self, seq)
        if removed is not None and seq == self.last_seq and self.messages:
            self.last_seq -= 1
        return removed

    patch.attribute(path, lower)


@fault("JS-LIM-002", "a message is counted as deleted and as there")
def one_too_many(patch: Patch) -> None:
    """As soon as there are deleted ones."""
    telling(
        patch,
        lambda state: replace(
            state,
            num_deleted=state.num_deleted + bool(state.num_deleted),
            deleted=state.deleted and (*state.deleted, state.last_seq),
        ),
    )


@fault("JS-LIM-003", "an emptied stream begins with its last message")
def begins_with_the_last(patch: Patch) -> None:
    """Though that is gone."""
    telling(
        patch,
        lambda state: (
            state if state.messages or not state.last_seq else replace(state, first_seq=1)
        ),
    )


@fault("JS-LIM-003/time", "an emptied stream has no last time")
def no_last_time(patch: Patch) -> None:
    """As if nothing had ever been published."""
    telling(patch, lambda state: state if state.messages else replace(state, last_time=0))


@fault("JS-LIM-035", "a new stream has lost sequence 0")
def zero_is_lost(patch: Patch) -> None:
    """As nats-server says of streams in files."""
    telling(
        patch,
        lambda state: (
            state
            if state.last_seq
            else replace(state, num_deleted=1, deleted=None if state.deleted is None else (0,))
        ),
    )


@fault("JS-LIM-004", "the first sequence stays where it was")
def first_stays(patch: Patch) -> None:
    """What is deleted before it counts as deleted."""

    def other(state: StreamState) -> StreamState:
        if not state.messages:
            return state
        before = tuple(range(1, state.first_seq))
        return replace(
            state,
            first_seq=1,
            num_deleted=state.num_deleted + len(before),
            deleted=None if state.deleted is None else before + state.deleted,
        )

    telling(patch, other)


@fault("JS-LIM-005", "messages in files count as those in memory do")
def one_formula(patch: Patch) -> None:
    """One formula for both."""
    path = f"{JETSTREAM}.store:SIZES"
    memory = patch.original(path)["memory"]
    patch.attribute(path, {"memory": memory, "file": memory})


@fault("JS-LIM-006", "each message counts as a subject")
def messages_are_subjects(patch: Patch) -> None:
    """Wrong as soon as one repeats."""
    telling(patch, lambda state: replace(state, num_subjects=state.messages))


@fault("JS-LIM-007", "an update is a new beginning")
def created_again(patch: Patch) -> None:
    """As if the stream were another one."""
    path = f"{JETSTREAM}.stream:Stream.update"
    update = patch.original(path)

    def renewed(self: Stream, config: StreamConfig) -> None:
        update(self, config)
        self.created_ns = self.host.clock.wall()

    patch.attribute(path, renewed)


@fault("JS-LIM-032", "consumers are not counted")
def uncounted(patch: Patch) -> None:
    """There seem to be none."""
    path = f"{JETSTREAM}.account:Account.consumers_of"
    patch.attribute(path, lambda _self, _stream: 0)


@fault("JS-LIM-030", "what is used is called reserved")
def used_is_reserved(patch: Patch) -> None:
    """Limits make no difference."""
    path = f"{JETSTREAM}.account:Account"
    patch.attribute(f"{path}.reserved", patch.original(f"{path}.used"))


@fault("JS-LIM-028", "more can be reserved than there is")
def overbooked(patch: Patch) -> None:
    """Somebody will not use it."""
    path = f"{JETSTREAM}.limits:check_reservation"
    patch.attribute(path, lambda _config, _before, _limit: None)


@fault("JS-LIM-029", "what is left is looked at before anything else")
def reservation_first(patch: Patch) -> None:
    """Before streams and consumers are counted."""
    path = f"{JETSTREAM}.account:Account.check_limits"
    check_limits = patch.original(path)
    check_reservation = patch.original(f"{JETSTREAM}.limits:check_reservation")

    def other(self: Account, config: StreamConfig) -> None:
        limit = self.limits.of_storage(config.storage)
        check_reservation(config, self.reserved_beside(config), limit)
        check_limits(self, config)

    patch.attribute(path, other)


# ---- Durability ---------------------------------------------------------------------


def reopened(patch: Patch, change: Callable[[Stream], None]) -> None:
    """Change what comes back after a restart."""
    path = f"{JETSTREAM}.keeping:reopen"
    reopen = patch.original(path)

    def other(host: Host, directory: Path) -> Stream:
        stream: Stream = reopen(host, directory)
        change(stream)
        return stream

    patch.attribute(path, other)


@fault("JS-LIM-020", "a restart costs each stream its oldest message")
def oldest_is_lost(patch: Patch) -> None:
    """One of them won't matter."""

    def drop(stream: Stream) -> None:
        stream.discard(stream.store.index.first_seq)

    reopened(patch, drop)


@fault("JS-LIM-021", "after a restart an empty stream begins anew")
def begins_anew(patch: Patch) -> None:
    """With sequence 1."""

    def forget(stream: Stream) -> None:
        index = stream.store.index
        if not index.messages:
            index.first_seq, index.last_seq = 1, 0

    reopened(patch, forget)


@fault("JS-LIM-022", "messages are written after they are acknowledged")
def written_later(patch: Patch) -> None:
    """When the server ends, if it has the time."""
    path = f"{JETSTREAM}.store.sqlite:SQLiteStore.commit"
    commit = patch.original(path)

    def lazy(self: SQLiteStore) -> None:
        if not self.index.messages:
            commit(self)

    patch.attribute(path, lazy)
