"""Faults of chapter 130, buckets: the stream that each is.

Servers know nothing of buckets, so each is an error of streams that buckets can't bear.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.faults import Patch, fault
from nats_reference.faults.publishing import JETSTREAM
from nats_reference.faults.tables import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_reference.jetstream.config import StreamConfig
    from nats_reference.jetstream.stream import Stream

CHECKING = f"{JETSTREAM}.config.checking"
PRECONDITIONS, RETENTION = f"{JETSTREAM}.preconditions", f"{JETSTREAM}.retention"


# ---- Buckets ----------------------------------------------------------------------------


def decided(patch: Patch, change: Callable[[StreamConfig], StreamConfig]) -> None:
    """Change a configuration when all else about it is decided."""
    path = f"{CHECKING}:STEPS"
    patch.attribute(path, (*patch.original(path), lambda config, _context: change(config)))


def ingesting(patch: Patch, keep: Callable[[Any, bytes], bool]) -> None:
    """Let only these messages, with header block, payload, CR LF, reach a stream."""

    def ingest(original: Any, self: Stream, publisher: Any, message: Any, payload: bytes) -> bool:  # noqa: ANN401
        return not keep(message, payload) or bool(original(self, publisher, message, payload))

    wrap(patch, f"{JETSTREAM}.stream:Stream.ingest", ingest)


@fault("KV-INV-001", "what begins with a dollar sign is not stored")
def no_dollars(patch: Patch) -> None:
    """It is the server's."""
    ingesting(patch, lambda message, _payload: not message[0].startswith(b"$"))


@fault("KV-INV-002", "roll-ups are not allowed with deny_delete")
def one_or_the_other(patch: Patch) -> None:
    """Since a roll-up deletes."""

    def change(config: StreamConfig) -> StreamConfig:
        return replace(
            config, allow_rollup_hdrs=config.allow_rollup_hdrs and not config.deny_delete
        )

    decided(patch, change)


@fault("KV-INV-003", "a subject keeps 64 messages at most")
def short_history(patch: Patch) -> None:
    """Whatever is asked for."""

    def change(config: StreamConfig) -> StreamConfig:
        return replace(config, max_msgs_per_subject=min(config.max_msgs_per_subject, 64))

    decided(patch, change)


@fault("KV-INV-004", "the window of duplicates is always 2 minutes")
def one_window(patch: Patch) -> None:
    """Longer than the TTL."""
    decided(patch, lambda config: replace(config, duplicate_window=120 * 10**9))


@fault("KV-INV-005", "the level of the API is not told")
def no_level(patch: Patch) -> None:
    """So nobody asks for more."""

    def info(original: Any, request: Any) -> dict[str, Any]:  # noqa: ANN401 - handed on
        found: dict[str, Any] = original(request)
        return found | {"api": found["api"] | {"level": 0}}

    endpoints = patch.original(f"{JETSTREAM}.api.dispatch:ENDPOINTS")
    handler = endpoints["account_info"].handler
    changed = endpoints["account_info"]._replace(handler=lambda request: info(handler, request))
    patch.attribute(f"{JETSTREAM}.api.dispatch:ENDPOINTS", endpoints | {"account_info": changed})


@fault("KV-INV-020", "with deny_delete nothing is purged by subject")
def nothing_purged(patch: Patch) -> None:
    """A purge deletes."""

    def purge(original: Any, stream: Stream, pattern: bytes | None, *rest: int) -> int:  # noqa: ANN401
        if pattern and stream.config.deny_delete:
            return 0
        return int(original(stream, pattern, *rest))

    wrap(patch, f"{JETSTREAM}.purging:purge", purge)


@fault("KV-INV-026", "a purge by subject keeps nothing")
def nothing_kept(patch: Patch) -> None:
    """However much it is to keep."""

    def purge(original: Any, stream: Stream, pattern: bytes | None, seq: int, keep: int) -> int:  # noqa: ANN401
        return int(original(stream, pattern, seq, 0 if pattern else keep))

    wrap(patch, f"{JETSTREAM}.purging:purge", purge)


@fault("KV-INV-027", "the number of messages is that of the subjects")
def keys_counted(patch: Patch) -> None:
    """History doesn't count."""

    def state_of(original: Any, index: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        found = original(index, **named)
        return replace(found, messages=min(found.messages, len(index.tracks)))

    wrap(patch, f"{JETSTREAM}.state:state_of", state_of)


@fault("KV-INV-030", "a deleted bucket still takes values")
def undead(patch: Patch) -> None:
    """Nobody can read them."""
    endpoints = patch.original(f"{JETSTREAM}.api.dispatch:ENDPOINTS")

    def delete(request: Any) -> dict[str, Any]:  # noqa: ANN401 - a request
        stream = request.account.streams.pop(request.names[0])
        stream.store.clear()
        return {"success": True}

    changed = endpoints["stream_delete"]._replace(handler=delete)
    patch.attribute(f"{JETSTREAM}.api.dispatch:ENDPOINTS", endpoints | {"stream_delete": changed})


def full_otherwise(patch: Patch, **changed: Any) -> None:  # noqa: ANN401 - members of a configuration
    """Decide what is full by another configuration."""

    def full(original: Any, config: StreamConfig, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        return original(replace(config, **changed), *rest, **named)

    wrap(patch, f"{RETENTION}:full", full)


@fault("KV-INV-033", "a bucket is never full")
def never_full(patch: Patch) -> None:
    """It takes what comes."""
    full_otherwise(patch, max_bytes=-1)


@fault("KV-INV-034", "the size of a value doesn't matter")
def any_size(patch: Patch) -> None:
    """As long as the server takes it."""
    patch.attribute(f"{PRECONDITIONS}:message_size", lambda _round, _publication: None)
