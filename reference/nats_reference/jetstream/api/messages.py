"""The endpoints of a stream's messages: read, deleted, purged (JS-STREAM-022 .. JS-STREAM-038)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from nats_reference.jetstream import purging, times
from nats_reference.jetstream.errors import ApiError

if TYPE_CHECKING:
    from nats_reference.jetstream.api.request import Request
    from nats_reference.jetstream.record import Record
    from nats_reference.jetstream.stream import Stream


def purge(request: Request) -> dict[str, Any]:
    """STREAM.PURGE."""
    asked = request.optional("stream_purge_request")
    seq, keep = asked.get("seq", 0), asked.get("keep", 0)
    if seq and keep:
        raise ApiError(10003)
    stream = request.account.stream(request.names[0])
    pattern = asked.get("filter", "")
    purged = stream.purge(pattern.encode() or None, seq, keep)
    return {"success": True, "purged": purged}


def delete(request: Request) -> dict[str, Any]:
    """STREAM.MSG.DELETE; that nothing is there to delete is no failed call (JS-API-025)."""
    asked = request.required("stream_msg_delete_request")
    stream = request.account.stream(request.names[0])
    purging.check_delete(stream)
    try:
        stream.remove(asked.get("seq", 0))
    except ApiError as nothing:
        return {"error": nothing.as_json()}
    return {"success": True}


def get(request: Request) -> dict[str, Any]:
    """STREAM.MSG.GET."""
    asked = request.required("stream_msg_get_request")
    if not unambiguous(asked):
        raise ApiError(10003)
    stream = request.account.stream(request.names[0])
    record = selected(stream, asked)
    if record is None:
        raise ApiError(10037)
    return {"message": shown(record, headers=not asked.get("no_hdr"))}


def unambiguous(asked: dict[str, Any]) -> bool:
    """Whether exactly one message is meant (JS-STREAM-035, JS-STREAM-036)."""
    seq, start = asked.get("seq", 0), asked.get("start_time")
    last, following = asked.get("last_by_subj"), asked.get("next_by_subj")
    if asked.get("batch", 0) > 0 or asked.get("max_bytes", 0) > 0:
        return False
    if not (seq or last or following or start):
        return False
    return not ((seq and last) or (seq and start) or (last and (following or start)))


def selected(stream: Stream, asked: dict[str, Any]) -> Record | None:
    """The message that is meant (JS-STREAM-034)."""
    if last := asked.get("last_by_subj"):
        return stream.last(last.encode())
    seq = asked.get("seq", 0)
    if start := asked.get("start_time"):
        seq = stream.at_time(times.nanoseconds(start))
        if not seq:
            return None
    if following := asked.get("next_by_subj"):
        return stream.next(following.encode(), seq)
    if start:
        return stream.next(b">", seq)
    return stream.get(seq)


def shown(record: Record, *, headers: bool) -> dict[str, Any]:
    """A message in JSON (JS-STREAM-033)."""
    found: dict[str, Any] = {"subject": record.subject.decode(errors="replace"), "seq": record.seq}
    if record.headers and headers:
        found["hdrs"] = base64.b64encode(record.headers).decode()
    if record.payload:
        found["data"] = base64.b64encode(record.payload).decode()
    found["time"] = times.rfc3339(record.time)
    return found
