"""What must hold of a bucket as a whole: its configuration, its figures, what its keys give.

KV-INV-001 .. KV-INV-003, KV-INV-009, KV-INV-021, KV-INV-027, KV-INV-033: pure functions that
give what is wrong, a sentence each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nats_spec import kv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .kv_log import BucketView, Entry
    from .stream_log import Figures

#: What the stream of any bucket says.
_ALWAYS: Final[Mapping[str, Any]] = {
    "retention": "limits",
    "discard": "new",
    "allow_rollup_hdrs": True,
    "max_msgs": -1,
}
#: What that of none does: puts would get no answer, be refused at the history, become other keys.
_NEVER: Final = ("no_ack", "discard_new_per_subject", "subject_transform")


def subjects(bucket: BucketView) -> Iterator[str]:
    """KV-INV-001: the one subject is that of its keys; a mirror has none."""
    config = bucket.stream.config
    expected = [] if config.get("mirror") else [kv.subject(bucket.name, ">")]
    told = config.get("subjects") or []
    if told != expected:
        yield f"its subjects are {told}, not {expected}"


def options(bucket: BucketView) -> Iterator[str]:
    """KV-INV-002: what every bucket is."""
    config = bucket.stream.config
    for name, expected in _ALWAYS.items():
        told = config.get(name)
        if told != expected and not config.get("mirror"):
            yield f"{name} is {told}, not {expected}"
    for name in _NEVER:
        if told := config.get(name):
            yield f"{name} is {told}"


def history(bucket: BucketView) -> Iterator[str]:
    """KV-INV-003: clients let a key keep 1 to 64 messages."""
    told = bucket.stream.config.get("max_msgs_per_subject")
    if told is None or not 1 <= told <= kv.MAX_HISTORY:
        yield f"max_msgs_per_subject is {told}, clients let it be 1 to {kv.MAX_HISTORY}"


def figures(read: int, keys: int | None, told: Figures) -> Iterator[str]:
    """KV-INV-027: of a bucket that stands still, the figures are those of its messages.

    `keys` is None if there are messages of no key.
    """
    if read != told.messages:
        yield f"{read} messages are there, messages says {told.messages}"
    if keys is not None and keys != told.num_subjects:
        yield f"they are of {keys} keys, num_subjects says {told.num_subjects}"


def room(bucket: BucketView, told: Figures) -> Iterator[str]:
    """KV-INV-033: there are no more bytes than there may be, unless more were allowed once."""
    limit = bucket.stream.limit("max_bytes")
    if 0 < limit < told.num_bytes:
        yield f"max_bytes is {limit}, there are {told.num_bytes}"


def got(key: str, newest: int, revision: int | None, last: int) -> Iterator[str]:
    """KV-INV-009: what a get of the key gives is its newest message, or a later one.

    `newest` is that of the log up to `last`, 0 for none.
    """
    if revision is not None and revision > last:
        return
    if (revision or 0) != newest:
        yield f"the newest message of {key} is {newest or 'none'}, get gives {revision or 'none'}"


def listed(names: Sequence[str], entries: Iterable[Entry]) -> Iterator[str]:
    """KV-INV-021: the keys are those whose newest message is no end, each once."""
    living: dict[str, bool] = {}
    for each in entries:
        if each.key is not None:
            living[each.key] = not each.ends
    expected = {key for key, lives in living.items() if lives}
    for name in sorted(set(names) - expected):
        yield f"{name} is listed, and has no value"
    for name in sorted(expected - set(names)):
        yield f"{name} has a value, and is not listed"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is listed {names.count(name)} times"
