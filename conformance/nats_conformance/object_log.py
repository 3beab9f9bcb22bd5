"""A case's bucket as the invariants of object stores see it: every message, and what INFO says."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from nats_spec import objects

from .expect import Mismatch
from .invariants.objects import violations
from .invariants.objects_log import Bucket, message
from .jetstream import checked

if TYPE_CHECKING:
    from .jetstream import JetStream


def decoded(answer: dict[str, Any]) -> dict[str, Any]:
    """The message in an answer of STREAM.MSG.GET, `data` and `hdrs` as bytes."""
    found = dict(answer["message"])
    return found | {name: base64.b64decode(found.get(name, "")) for name in ("data", "hdrs")}


def observed(js: JetStream, name: str) -> Bucket:
    """The whole bucket; nothing is under way."""
    stream = objects.stream(name)
    info = js.info(stream, deleted_details=True)
    state = info["state"]
    bucket = Bucket.of(name, info)
    bucket.settled = True
    deleted = set(state.get("deleted") or ())
    span = range(state["first_seq"], state["last_seq"] + 1) if state["messages"] else ()
    inboxes = []
    for seq in span:
        if seq not in deleted:
            inboxes.append(js.inbox())
            subject = f"{js.prefix}.STREAM.MSG.GET.{stream}"
            js.send(subject, {"seq": seq}, reply=inboxes[-1])
    for inbox in inboxes:
        bucket.add(message(decoded(checked(js.on_subject(inbox)))))
    bucket.end(js.info(stream))
    return bucket


def sound(js: JetStream, name: str) -> None:
    """Every invariant holds.

    Raises:
        Mismatch: one doesn't.
    """
    wrong = [str(each) for each in violations(observed(js, name)) if not each.remark]
    if wrong:
        raise Mismatch("the bucket is not sound", "no violation", "; ".join(wrong))
