"""The `jetstream` block of a configuration file: what each of its keys sets.

What the reference does not do is refused by name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nats_reference.config import values
from nats_reference.config.document import Block, ConfigError, Entry, Word
from nats_reference.jetstream.settings import JetStreamOptions

if TYPE_CHECKING:
    from collections.abc import Callable

ALWAYS = "always"
WORDS = {"enabled": True, "enable": True, "disabled": False, "disable": False}
LONG_REPLIES = "js_ack_fc_v2"
#: A size in quotes.
SIZE = re.compile(r"(-?\d+)([KMGT])")
POWERS = {letter: 10 * power for power, letter in enumerate("KMGT", 1)}


def size(entry: Entry) -> int:
    """Bytes: a number, or in quotes `10G`, where a K is 1024."""
    word = values.plain(entry, "a size")
    if not word.quoted:
        return values.whole(entry)
    found = SIZE.fullmatch(word.text)
    if found is None:
        raise values.wrong(entry, "a size, as in '10G'")
    return int(found[1]) << POWERS[found[2]]


def sync_interval(entry: Entry) -> float:
    """How often files are synced: a duration, or before each acknowledgement (JS-LIM-023)."""
    if isinstance(entry.value, Word) and entry.value.text.lower() == ALWAYS:
        return 0.0
    return values.timeout(entry)


def nanoseconds(entry: Entry) -> int:
    """A duration in nanoseconds."""
    return round(values.duration(entry) * 1e9)


#: Key: the option it sets, and what its value is.
KEYS: dict[str, tuple[str, Callable[[Entry], Any]]] = {
    "enabled": ("enabled", values.switch),
    "enable": ("enabled", values.switch),
    "store": ("store_dir", values.text),
    "store_dir": ("store_dir", values.text),
    "storedir": ("store_dir", values.text),
    "max_memory_store": ("max_memory", size),
    "max_mem_store": ("max_memory", size),
    "max_mem": ("max_memory", size),
    "max_file_store": ("max_file", size),
    "max_file": ("max_file", size),
    "domain": ("domain", values.text),
    "sync_interval": ("sync_interval", sync_interval),
    "sync": ("sync_interval", sync_interval),
    "strict": ("strict", values.switch),
    "max_buffered_msgs": ("max_buffered_msgs", values.whole),
    "max_buffered_size": ("max_buffered_size", size),
}
LIMITS: dict[str, tuple[str, Callable[[Entry], Any]]] = {
    "max_ack_pending": ("max_ack_pending", values.whole),
    "max_request_batch": ("max_request_batch", values.whole),
    "duplicate_window": ("duplicate_window", nanoseconds),
    # Of replicated streams, which there are none of.
    "max_ha_assets": ("max_ha_assets", values.whole),
}
#: Keys of nats-server that the reference does not have.
UNSUPPORTED = frozenset(
    [
        "key",
        "ek",
        "encryption_key",
        "prev_key",
        "prev_ek",
        "prev_encryption_key",
        "cipher",
        "extension_hint",
        "unique_tag",
        "tpm",
        "max_outstanding_catchup",
        "request_queue_limit",
        "info_queue_limit",
        "meta_compact",
        "meta_compact_size",
        "meta_compact_sync",
        "max_concurrent_io",
        "batch",
    ]
)


def enabled(entry: Entry) -> bool:
    """One word that switches it on or off."""
    word = values.plain(entry, "'enabled' or 'disabled'").text.lower()
    return WORDS[word] if word in WORDS else values.switch(entry)


def jetstream(entry: Entry) -> JetStreamOptions | None:
    """`jetstream: true`, `jetstream: enabled`, or a block; None if it is off."""
    if isinstance(entry.value, Word):
        return JetStreamOptions() if enabled(entry) else None
    found: dict[str, Any] = {}
    block = values.block(entry)
    for key, each in block.entries.items():
        if key == "limits":
            inner = values.block(each)
            for name, limit in inner.entries.items():
                found |= setting(inner, name, limit, LIMITS)
        else:
            found |= setting(block, key, each, KEYS)
    options = replace(JetStreamOptions(), **found)
    return options if options.enabled else None


def feature_flags(entry: Entry) -> frozenset[str]:
    """The features that are switched on, of those that the reference has (JS-DLV-004)."""
    found: set[str] = set()
    for key, each in values.block(entry).entries.items():
        if key != LONG_REPLIES:
            raise ConfigError(
                f"not supported by the reference: 'feature_flags {each.key}'", each.at
            )
        if values.switch(each):
            found.add(key)
    return frozenset(found)


def setting(
    block: Block, key: str, entry: Entry, keys: dict[str, tuple[str, Callable[[Entry], Any]]]
) -> dict[str, Any]:
    """The option that one key sets."""
    if key in UNSUPPORTED:
        raise ConfigError(f"not supported by the reference: 'jetstream {entry.key}'", entry.at)
    if key in keys:
        option, read = keys[key]
        return {option: read(entry)}
    if key not in block.used:
        raise ConfigError(f'unknown field "{entry.key}" in jetstream', entry.at)
    return {}
