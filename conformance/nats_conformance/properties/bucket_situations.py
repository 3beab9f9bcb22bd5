"""What a write to a bucket was an example of, and how often each must come up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nats_spec.kv import Kind
from nats_spec.model import kv as model

if TYPE_CHECKING:
    from nats_spec.model.kv import Bucket

#: Times that each situation must come up in a hundred examples.
FLOORS: Final = {
    "put": 300,
    "updated": 10,
    "created again": 50,
    "refused": 15,
    "deleted": 50,
    "purged": 5,
    "oldest went": 50,
    "raced": 20,
    "cleared": 3,
    "watched": 100,
    "told later": 50,
}


def of_write(
    before: Bucket, after: Bucket, key: str, kind: Kind, *, expected: int | None
) -> list[str]:
    """The situations that a write was an example of."""
    if after.last == before.last:
        return ["refused"]
    was = model.newest(before, key)
    over = was is not None and was.kind.ends
    full = len(before.keys.get(key, ())) == before.history
    met = {
        "put": kind is Kind.PUT,
        "updated": kind is Kind.PUT and expected is not None and not over,
        "created again": kind is Kind.PUT and expected is not None and over,
        "deleted": kind is Kind.DELETE,
        "purged": kind is Kind.PURGE,
        "oldest went": kind is not Kind.PURGE and full,
    }
    return [situation for situation, is_met in met.items() if is_met]
