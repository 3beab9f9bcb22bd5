"""A live bucket before the invariants: INFO, its log, what gets of some keys give, INFO again.

Of a bucket with millions of keys only evenly chosen ones are got (`invariants.kv.SAMPLED`). Direct
gets may be answered by a mirror that is behind (KV-INV-031): what the stream itself hasn't said
is asked of its leader.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from nats_conformance.counted import counted
from nats_conformance.invariants.kv import Judge
from nats_conformance.invariants.kv_log import BucketView
from nats_conformance.invariants.stream_log import Figures, View
from nats_spec import kv

from .client import Forbidden
from .finding import Finding
from .reading import log, parted, same, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .client import Client, Reply

#: Messages between two signs of progress.
_STEP: Final = 1000
#: Gets under way.
_WINDOW: Final = 200


def audit(client: Client, name: str, progress: Callable[[int, int], None]) -> Finding:
    """Read the bucket and judge it; `progress` hears how many of how many messages are read.

    Raises:
        Refused: there is no such bucket.
        Unreachable: the server went away.
    """
    stream = kv.stream(name)
    info = client.request(f"STREAM.INFO.{stream}")
    view = View.of(info)
    judge = Judge(BucketView(_origin(info["config"]) or name, view))
    finding = Finding(info["config"])
    finding.add(judge.begin())
    for message in log(client, info["config"], view.before.first_seq, view.before.last_seq):
        if found := judge.see(message):
            finding.add(found)
        finding.read += 1
        if finding.read % _STEP == 0:
            progress(finding.read, view.before.messages)
    gets = dict(_gets(client, info["config"], judge.view.name, sorted(judge.sample)))
    after = Figures.of(same(info, client.request(f"STREAM.INFO.{stream}"))["state"])
    if after == view.before:
        for key, revision in gets.items():
            finding.add(judge.got(key, revision))
    finding.add(judge.end(after))
    finding.not_judged = judge.given_up
    progress(finding.read, view.before.messages)
    finding.summary = (
        f"{counted(finding.read, 'message')} read, {counted(judge.keys.living, 'key')} with a value of"
        f" {len(judge.keys):,}, {len(gets):,} of them got, {counted(view.before.num_bytes, 'byte')}"
    )
    return finding


def _origin(config: dict[str, Any]) -> str | None:
    """The bucket whose keys a mirror has (KV-INV-028)."""
    mirror = config.get("mirror")
    return kv.bucket_of(mirror["name"]) if mirror else None


def _gets(
    client: Client, config: dict[str, Any], bucket: str, keys: list[str]
) -> Iterator[tuple[str, int | None]]:
    """What gets of these keys give: a revision each."""
    direct, name = bool(config.get("allow_direct")), config["name"]
    endpoint = f"$JS.API.DIRECT.GET.{name}" if direct else f"$JS.API.STREAM.MSG.GET.{name}"
    unsure = []
    for begin in range(0, len(keys), _WINDOW):
        window = keys[begin : begin + _WINDOW]
        asked = [(endpoint, {"last_by_subj": kv.subject(bucket, key)}) for key in window]
        for key, reply in zip(window, client.replies(client.ask(asked)), strict=True):
            if not direct:
                found = stored(reply)
                yield key, found["seq"] if found else None
            elif (revision := _own(reply, name)) is not None:
                yield key, revision
            else:
                unsure.append(key)
    if unsure:
        with suppress(Forbidden):
            yield from _gets(client, config | {"allow_direct": False}, bucket, unsure)


def _own(reply: Reply, stream: str) -> int | None:
    """The revision that the stream itself gives, or None: a mirror, or nobody knows who."""
    _, added = parted(reply.block)
    sequence = added.get(b"Nats-Sequence", b"")
    if added.get(b"Nats-Stream") != stream.encode() or not sequence.isdigit():
        return None
    return int(sequence)
