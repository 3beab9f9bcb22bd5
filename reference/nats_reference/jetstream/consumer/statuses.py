"""Every status that a consumer sends, as a header block (JS-PULL-006 .. JS-PULL-040, JS-PUSH-004 .. JS-PUSH-007).

A status has no payload and, but for flow control, no reply subject.
"""

from __future__ import annotations

NO_MESSAGES = "404 No Messages"
REQUEST_TIMEOUT = "408 Request Timeout"
REQUESTS_PENDING = "408 Requests Pending"
PUSH_BASED = "409 Consumer is push based"
BATCH_COMPLETED = "409 Batch Completed"
TOO_LARGE = "409 Message Size Exceeds MaxBytes"
MAX_WAITING = "409 Exceeded MaxWaiting"
MAX_BATCH = "409 Exceeded MaxRequestBatch of {limit}"
MAX_EXPIRES = "409 Exceeded MaxRequestExpires of {limit}"
MAX_BYTES = "409 Exceeded MaxRequestMaxBytes of {limit}"
DELETED = "409 Consumer Deleted"
SHUTDOWN = "409 Server Shutdown"
API_LEVEL = "412 Required Api Level"
BAD_REQUEST = "400 Bad Request - {why}"
HEARTBEAT = "100 Idle Heartbeat"
FLOW_CONTROL = "100 FlowControl Request"


def block(status: str, **fields: object) -> bytes:
    """The header block of a status; `_` in a field's name stands for `-`."""
    lines = [f"NATS/1.0 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def with_rest(status: str, messages: int, size: int) -> bytes:
    """A status that tells what of the request is left."""
    return block(status, Nats_Pending_Messages=messages, Nats_Pending_Bytes=size)


def heartbeat(consumer_seq: int, stream_seq: int, stalled: str = "") -> bytes:
    """Nothing to deliver, but still here."""
    fields: dict[str, object] = {
        "Nats_Last_Consumer": consumer_seq,
        "Nats_Last_Stream": stream_seq,
    }
    if stalled:
        fields["Nats_Consumer_Stalled"] = stalled
    return block(HEARTBEAT, **fields)
