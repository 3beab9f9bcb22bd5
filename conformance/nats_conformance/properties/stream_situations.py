"""What a step of the stream machine was an example of, and how often each must come up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nats_spec.model import stream as model
from nats_spec.model.stream_publish import Ack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats_spec.model.stream_account import Account

#: Times that each situation must come up in a hundred examples.
FLOORS: Final = {
    "stored": 400,
    "nobody hears": 60,
    "duplicate": 10,
    "refused 10060": 10,
    "refused 10071": 30,
    "refused 10070": 5,
    "refused 10111": 10,
    "refused 10054": 5,
    "full": 5,
    "removed by a limit": 50,
    "replaced though full": 2,
    "removed itself": 2,
    "rolled up": 5,
    "purged": 20,
    "purged in part": 3,
    "purged beyond the end": 2,
    "deleted": 5,
    "tail deleted": 5,
    "deletion refused": 10,
    "update trims": 3,
    "sealed": 2,
    "overlap refused": 3,
    "created once more": 3,
}

#: The same of a machine that also restarts the server.
RESTART_FLOORS: Final = {
    "restarted with messages": 5,
    "vanished from memory": 3,
    "kill": 3,
    "term": 2,
}


def of_publish(
    before: model.Stream,
    message: model.Message,
    after: model.Stream,
    answer: Ack | model.Refused,
) -> list[str]:
    """The situations that a publish was an example of."""
    if isinstance(answer, model.Refused):
        known = f"refused {answer.err_code}"
        return ["full"] if answer.err_code == 10077 else [known] * (known in FLOORS)
    if answer.duplicate:
        return ["duplicate"]
    removed = len(before.messages) + 1 - len(after.messages)
    rolled = bool(message.header(b"Nats-Rollup"))
    limit = before.config.max_msgs
    met = {
        "stored": True,
        "rolled up": rolled and removed > 0,
        "removed by a limit": removed > 0 and not rolled,
        "replaced though full": before.config.discard_new and 0 < limit <= len(before.messages),
        "removed itself": answer.seq not in after.messages,
    }
    return [situation for situation, is_met in met.items() if is_met]


def limit_took(before: model.Stream, after: model.Stream) -> bool:
    """Whether a publish may have cost the stream a message by one of its limits."""
    config = before.config
    limited = max(config.max_msgs, config.max_bytes, config.max_msgs_per_subject) > 0
    return limited and not before.messages.keys() <= after.messages.keys()


def of_purge(before: model.Stream, after: model.Stream, body: Mapping[str, Any]) -> list[str]:
    """The situations that a purge was an example of."""
    removed = len(before.messages) - len(after.messages)
    met = {
        "purged": removed > 0,
        "purged in part": removed > 0 and bool(after.messages) and bool(body),
        "purged beyond the end": after.last > before.last,
    }
    return [situation for situation, is_met in met.items() if is_met]


def of_update(
    before: model.Stream | None, outcome: Account | model.Refused, name: str
) -> list[str]:
    """The situations that an update was an example of."""
    if before is None or isinstance(outcome, model.Refused):
        return []
    after = outcome[name]
    met = {
        "update trims": len(after.messages) < len(before.messages),
        "sealed": after.config.sealed and not before.config.sealed,
    }
    return [situation for situation, is_met in met.items() if is_met]
