"""Answers of the API: their envelope, their order, their bytes (JS-API-002, JS-API-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nats_reference.jetstream import times
from nats_reference.jetstream.api import spelling
from nats_reference.jetstream.config import metadata, reading
from nats_spec import subjects as subject_relations

if TYPE_CHECKING:
    from nats_reference.jetstream.account import Account
    from nats_reference.jetstream.errors import ApiError
    from nats_reference.jetstream.state import StreamState
    from nats_reference.jetstream.stream import Stream

TYPES: Final = "io.nats.jetstream.api.v1."
PAGING: Final[dict[str, Any]] = {"total": 0, "offset": 0, "limit": 0}

#: What some answers say beside an error (JS-API-003).
BESIDE_ERRORS: Final[dict[str, dict[str, Any]]] = {
    "stream_info_response": PAGING,
    "stream_names_response": {**PAGING, "streams": None},
    "stream_list_response": {**PAGING, "streams": []},
    "consumer_names_response": {**PAGING, "consumers": []},
    "consumer_list_response": {**PAGING, "consumers": []},
    "stream_purge_response": {"purged": 0},
    "stream_restore_response": {"deliver_subject": ""},
}


def encode(kind: str, members: dict[str, Any]) -> bytes:
    """An answer's bytes; its type comes first (JS-API-002)."""
    return spelling.spell({"type": TYPES + kind, **members})


def refusal(kind: str, error: ApiError) -> bytes:
    """The answer that something went wrong."""
    return encode(kind, {"error": error.as_json(), **BESIDE_ERRORS.get(kind, {})})


def stream_members(
    account: Account, stream: Stream, *, domain: bool = True, cluster: bool = True
) -> dict[str, Any]:
    """What is told of a stream wherever it is told of (JS-STREAM-009, JS-STREAM-010, JS-API-029)."""
    config = reading.as_json(stream.config)
    config["metadata"] = metadata.shown(stream.config)
    found: dict[str, Any] = {
        "config": config,
        "created": times.rfc3339(stream.created_ns),
        "state": state(account, stream),
    }
    if domain and account.domain:
        found["domain"] = account.domain
    if cluster:
        found["cluster"] = {"leader": account.leader}
    if stream.config.mirror:
        found["mirror"] = account.copies.told(stream, stream.config.mirror)
    if stream.config.sources:
        found["sources"] = [account.copies.told(stream, each) for each in stream.config.sources]
    found["ts"] = times.rfc3339(account.clock.wall())
    return found


def state(account: Account, stream: Stream, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - of Stream.state
    """What a stream holds (JS-LIM-003, JS-LIM-006, JS-STREAM-014)."""
    return state_members(stream.state(**asked), account.consumers_of(stream))


def state_members(state: StreamState, consumers: int) -> dict[str, Any]:
    """The members of a state, in order."""
    found: dict[str, Any] = {
        "messages": state.messages,
        "bytes": state.bytes,
        "first_seq": state.first_seq,
        "first_ts": moment(state.first_time),
        "last_seq": state.last_seq,
        "last_ts": moment(state.last_time),
    }
    if state.num_subjects:
        found["num_subjects"] = state.num_subjects
    if state.num_deleted:
        found["num_deleted"] = state.num_deleted
    if state.deleted:
        found["deleted"] = list(state.deleted)
    found["consumer_count"] = consumers
    return found


def moment(nanoseconds: int) -> str:
    """A moment, or the one that stands for none."""
    return times.rfc3339(nanoseconds) if nanoseconds else times.ZERO


def captures(stream: Stream, pattern: str) -> bool:
    """Whether a stream has subjects in common with `pattern` (JS-API-022)."""
    return any(
        subject_relations.collide(each.encode(), pattern.encode())
        for each in stream.config.subjects
    )
