"""A live object store before the invariants: INFO, its log with payloads, INFO again.

Content is hashed as it is read, and metadata kept: memory grows with the number of objects,
not with their size. Links to other buckets are looked up there.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from nats_conformance.invariants.objects import violations
from nats_conformance.invariants.objects_log import Bucket, Message
from nats_spec import objects
from nats_spec.objects import BadMetadata, Metadata

from .client import Refused
from .finding import Finding
from .reading import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import Client

#: Messages between two signs of progress.
_STEP: Final = 100
_NOT_FOUND: Final = {10037, 10059}


def audit(
    client: Client, name: str, progress: Callable[[int, int], None], *, settled: bool = False
) -> Finding:
    """Read the bucket and judge it; `progress` hears how many of how many messages are read.

    If it is `settled`, no put is under way, and what looks like one is left over.

    Raises:
        Refused: there is no such bucket.
        Unreachable: the server went away.
    """
    stream = objects.stream(name)
    info = client.request(f"STREAM.INFO.{stream}")
    bucket = Bucket.of(name, info)
    bucket.settled = settled
    state, finding = info["state"], Finding(info["config"])
    size = 0
    for message in read(client, info["config"], state["first_seq"], state["last_seq"], Message):
        bucket.add(message)
        size += len(message.payload)
        if bucket.read % _STEP == 0:
            progress(bucket.read, state["messages"])
    bucket.end(client.request(f"STREAM.INFO.{stream}"))
    if bucket.before != bucket.after and not bucket.before.sealed:
        finding.not_judged = ["the bucket changed meanwhile: run it again when nobody writes"]
    for wanted in bucket.wanted():
        bucket.elsewhere[wanted] = _elsewhere(client, *wanted)
    finding.add(violations(bucket))
    finding.read = bucket.read
    progress(bucket.read, state["messages"])
    there = sum(1 for each in bucket.entries.values() if each.meta and not each.meta.deleted)
    finding.summary = f"{bucket.read:,} messages read, {there:,} objects, {size:,} bytes"
    return finding


def _elsewhere(client: Client, bucket: str, name: str) -> Metadata | None:
    """What a link to another bucket leads to; of the bucket itself just that it is there."""
    stream = objects.stream(bucket)
    try:
        if not name:
            client.request(f"STREAM.INFO.{stream}")
            return Metadata("", bucket)
        subject = objects.metadata_subject(bucket, name)
        found = client.request(f"STREAM.MSG.GET.{stream}", {"last_by_subj": subject})
        return objects.parse(base64.b64decode(found["message"].get("data", "")))
    except BadMetadata:
        return None
    except Refused as refused:
        if refused.code in _NOT_FOUND:
            return None
        raise
