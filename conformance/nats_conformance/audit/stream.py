"""A live stream before the invariants: INFO, its log, INFO again, what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_conformance.counted import counted
from nats_conformance.invariants.stream import Judge
from nats_conformance.invariants.stream_log import Figures, View

from .finding import Finding
from .reading import log, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats_conformance.invariants.stream_log import Logged

    from .client import Client

#: Messages between two signs of progress.
_STEP: Final = 1000


def audit(
    client: Client,
    name: str,
    progress: Callable[[int, int], None],
    watch: Callable[[Logged], None] | None = None,
) -> Finding:
    """Read the stream and judge it; `progress` hears how many of how many are read.

    `watch`: is given each message as well.

    Raises:
        Refused: there is no such stream.
        Unreachable: the server went away.
    """
    info = client.request(f"STREAM.INFO.{name}")
    view = View.of(info)
    judge = Judge(view)
    finding = Finding(info["config"])
    for message in log(client, info["config"], view.before.first_seq, view.before.last_seq):
        if found := judge.see(message):
            finding.add(found)
        if watch is not None:
            watch(message)
        finding.read += 1
        if finding.read % _STEP == 0:
            progress(finding.read, view.before.messages)
    after = same(info, client.request(f"STREAM.INFO.{name}"))
    finding.add(judge.end(Figures.of(after["state"])))
    finding.not_judged = judge.given_up
    progress(finding.read, view.before.messages)
    finding.summary = (
        f"{counted(finding.read, 'message')} read, {counted(view.before.num_subjects, 'subject')},"
        f" {counted(view.before.num_bytes, 'byte')}"
    )
    return finding
