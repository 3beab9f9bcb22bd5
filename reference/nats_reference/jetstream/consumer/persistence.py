"""What is kept of a consumer beside its stream's messages, and how it comes back.

JS-RST-001 .. JS-RST-005, JS-RST-010. Three kinds of entry, each written when it
changed: `consumer/NAME` (configuration), `progress/NAME` (the sequences), and
`pending/NAME/SEQ` for each message that is not done with.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nats_reference.jetstream.consumer import config as configs
from nats_reference.jetstream.consumer.progress import Pending, Progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group


def kept(group: Group, consumer: Consumer) -> bool:
    """Whether it outlives the process (JS-RST-005)."""
    return group.stream.store.kind == "file" and not consumer.config.mem_storage


def keep(group: Group, consumers: Iterable[Consumer]) -> None:
    """Write what changed, as part of the stream's next commit."""
    for consumer in consumers:
        if consumer.closed:
            continue
        if kept(group, consumer):
            write(group, consumer)
        consumer.progress.changed = False
        consumer.progress.dirty.clear()


def write(group: Group, consumer: Consumer) -> None:
    """Write the sequences, and the entries of messages that changed."""
    store, own, name = group.stream.store, consumer.progress, consumer.name
    if own.changed:
        newest = ",".join(map(str, consumer.newest))
        numbers = (
            own.next_sequence,
            own.next_stream,
            own.delivered,
            own.delivered_stream,
            own.floor,
            own.floor_stream,
            consumer.resume,
            consumer.last_delivery_ns,
            consumer.last_ack_ns,
        )
        store.save(f"progress/{name}", f"{' '.join(map(str, numbers))} {newest}".encode())
    gone: list[str] = []
    for seq in own.dirty:
        entry, again = own.pending.get(seq), own.redeliveries.get(seq, 0)
        key = f"pending/{name}/{seq}"
        if entry is not None:
            store.save(key, b"%d %d %d" % (entry.sequence, entry.since, again))
        elif again:
            store.save(key, b"0 0 %d" % again)
        else:
            gone.append(key)
    if gone:
        store.forget(gone)


def write_config(group: Group, consumer: Consumer) -> None:
    """Write the configuration."""
    if kept(group, consumer):
        whole = {"created_ns": consumer.created_ns, "config": consumer.config.as_json()}
        group.stream.store.save(f"consumer/{consumer.name}", json.dumps(whole).encode())


def forget(group: Group, consumer: Consumer) -> None:
    """Keep nothing of it."""
    if not kept(group, consumer):
        return
    store = group.stream.store
    mine = store.load(f"pending/{consumer.name}/")
    store.forget([f"consumer/{consumer.name}", f"progress/{consumer.name}", *mine])


def configurations(group: Group) -> list[tuple[str, int, configs.ConsumerConfig]]:
    """Name, creation time and configuration of every consumer that is kept."""
    found = []
    for key, value in sorted(group.stream.store.load("consumer/").items()):
        whole = json.loads(value)
        config = configs.from_json(whole["config"])
        found.append((key.removeprefix("consumer/"), whole["created_ns"], config))
    return found


def read(group: Group, consumer: Consumer) -> None:
    """Give a consumer back the progress that is kept of it (JS-RST-001)."""
    store, name = group.stream.store, consumer.name
    text = store.load(f"progress/{name}").get(f"progress/{name}")
    if text is None:
        return
    *numbers, newest = text.decode().split(" ")
    first, *rest = map(int, numbers)
    own = Progress(first, rest[0], rest[1], rest[2], rest[3], rest[4])
    consumer.resume, consumer.last_delivery_ns, consumer.last_ack_ns = rest[5:]
    consumer.newest = tuple(map(int, newest.split(","))) if newest else ()
    prefix = f"pending/{name}/"
    entries = store.load(prefix)
    for key in sorted(entries, key=lambda key: int(key.removeprefix(prefix))):
        seq = int(key.removeprefix(prefix))
        sequence, since, again = map(int, entries[key].split())
        if sequence:
            own.pending[seq] = Pending(sequence, since)
            group.holders.setdefault(seq, {})[consumer] = None
        if again:
            own.redeliveries[seq] = again
    own.changed = False
    consumer.progress = own
    consumer.backlog.forget()


def reload(group: Group, consumers: Iterable[Consumer]) -> None:
    """What was done since the last commit didn't happen."""
    for consumer in consumers:
        if not consumer.closed and kept(group, consumer):
            for seq in consumer.progress.pending:
                group.let_go(consumer, seq)
            read(group, consumer)
