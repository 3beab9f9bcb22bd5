"""A live consumer and its stream before the invariants: INFO, the log, INFO again, CONSUMER.LIST.

The log is read once, for the stream and for the consumer. What is compared with it holds at
rest: if the consumer did something meanwhile, the audit says so and judges the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.invariants.consumer_view import Counted, Seen, violations

from . import stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import Client
    from .finding import Finding


def audit(client: Client, held: str, name: str, progress: Callable[[int, int], None]) -> Finding:
    """Judge the consumer `name` of the stream `held`, and the stream.

    Raises:
        Refused: there is no such stream, or no such consumer.
        Unreachable: the server went away.
    """
    before = client.request(f"CONSUMER.INFO.{held}.{name}")
    counted = Counted(
        before["ack_floor"]["stream_seq"], before["delivered"]["stream_seq"], filters(before)
    )
    state = client.request(f"STREAM.INFO.{held}")["state"]
    finding = stream.audit(client, held, progress, counted.see)
    after = client.request(f"CONSUMER.INFO.{held}.{name}")
    retention = str(finding.config.get("retention", "limits"))
    seen = Seen(
        before,
        after,
        counted,
        listed(client, held, name),
        retention,
        still=client.request(f"STREAM.INFO.{held}")["state"] == state,
    )
    finding.config = before["config"]
    finding.add(violations(seen))
    if not seen.rests:
        finding.not_judged.append("the consumer was busy: its numbers were not compared")
    elif seen.config.get("deliver_policy") == "last_per_subject":
        finding.not_judged.append("num_pending: what last_per_subject has selected is not told")
    return finding


def filters(info: dict[str, Any]) -> tuple[bytes, ...]:
    """The filters in force; none for every subject."""
    config = info["config"]
    given = config.get("filter_subjects") or [config.get("filter_subject") or ""]
    return tuple(each.encode() for each in given if each)


def listed(client: Client, held: str, name: str) -> dict[str, Any] | None:
    """How CONSUMER.LIST has it, page by page."""
    offset = 0
    while True:
        page = client.request(f"CONSUMER.LIST.{held}", {"offset": offset})
        found = next((each for each in page["consumers"] if each["name"] == name), None)
        offset += len(page["consumers"])
        if found or not page["consumers"] or offset >= page["total"]:
            return found
