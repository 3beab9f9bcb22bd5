"""A live object store before the invariants: INFO, its log with payloads, INFO again.

Content is hashed as it is read, and metadata kept: memory grows with the number of objects,
not with their size. Links to other buckets are looked up there.
"""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.counted import counted
from nats_conformance.invariants.objects import violations
from nats_conformance.invariants.objects_log import Bucket, Message
from nats_conformance.polling import PACE
from nats_spec import objects
from nats_spec.objects import BadMetadata, Metadata

from .client import Forbidden, Refused
from .finding import Finding
from .reading import read, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import Client

#: Messages between two signs of progress.
_STEP: Final = 100
_NOT_FOUND: Final = {10037, 10059}
#: Seconds between the metadata of an object and the purge of what it had before, at most.
_MOMENT: Final = 1.0


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
    bucket.end(same(info, client.request(f"STREAM.INFO.{stream}")))
    if bucket.changed and not bucket.before.sealed:
        _catch_up(client, bucket)
        finding.not_judged = ["the bucket changed meanwhile: run it again when nobody writes"]
    for wanted in bucket.wanted():
        try:
            bucket.elsewhere[wanted] = _elsewhere(client, *wanted)
        except Forbidden as forbidden:
            finding.not_judged.append(f"links to the bucket {wanted[0]}: {forbidden}")
    finding.add(violations(bucket))
    finding.read = bucket.read
    progress(bucket.read, state["messages"])
    there = sum(1 for each in bucket.entries.values() if each.meta and not each.meta.deleted)
    finding.summary = (
        f"{counted(bucket.read, 'message')} read, {counted(there, 'object')},"
        f" {counted(size, 'byte')}"
    )
    return finding


def _catch_up(client: Client, bucket: Bucket) -> None:
    """What came meanwhile may explain what seems to be missing, or left over.

    Chunks whose metadata was replaced before it was read may be purged a moment later.
    """
    since, last = bucket.before.last_seq + 1, bucket.after.last_seq
    for message in read(client, dict(bucket.config), since, last, Message):
        bucket.renew(message)
    ends = time.monotonic() + (0.0 if bucket.settled else _MOMENT)
    while left := [nuid for nuid, _ in bucket.orphans()]:
        over = time.monotonic() >= ends
        for nuid in left:
            subject = objects.chunk_subject(bucket.name, nuid)
            if _last(client, objects.stream(bucket.name), subject) is None:
                bucket.gone.add(nuid)
        if over:
            break
        time.sleep(PACE)


def _last(client: Client, stream: str, subject: str) -> dict[str, Any] | None:
    """The last message of a subject, or None if there is none."""
    return _asked(client, f"STREAM.MSG.GET.{stream}", last_by_subj=subject)


def _asked(client: Client, endpoint: str, **body: str) -> dict[str, Any] | None:
    """The answer of an endpoint, or None if there is no such message, or no such stream."""
    try:
        return client.request(endpoint, body)
    except Refused as refused:
        if refused.code in _NOT_FOUND:
            return None
        raise


def _elsewhere(client: Client, bucket: str, name: str) -> Metadata | str | None:
    """What a link to another bucket leads to, or why it can't be read.

    Of the bucket itself just that it is there. Links are anybody's: not all name a bucket.
    """
    if not objects.valid_bucket(bucket):
        return None
    stream = objects.stream(bucket)
    if not name:
        return Metadata("", bucket) if _asked(client, f"STREAM.INFO.{stream}") else None
    found = _last(client, stream, objects.metadata_subject(bucket, name))
    try:
        return objects.parse(base64.b64decode(found["message"].get("data", ""))) if found else None
    except BadMetadata as error:
        return str(error)
