"""What is kept of a consumer beside its stream's messages, and how it comes back.

JS-RST-001 .. JS-RST-005, JS-RST-007, JS-RST-010. Four kinds of entry, each written when it
changed: `consumer/NAME` (configuration), `progress/NAME` (the sequences),
`pending/NAME/BLOCK` for the messages of a run of sequences that are not done with, and
`newest/NAME/`, the list that `last_per_subject` begins with: the place in it is in `progress`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from nats_reference.jetstream.api.spelling import HALVES
from nats_reference.jetstream.consumer import config as configs
from nats_reference.jetstream.consumer.newest import Newest
from nats_reference.jetstream.consumer.progress import Pending, Progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nats_reference.jetstream.consumer.consumer import Consumer
    from nats_reference.jetstream.consumer.group import Group


#: So many sequences, to the power of two, are kept together.
SHIFT: Final = 6
#: The key of a consumer's list; no other begins with it.
LIST: Final = "newest/%s/"


def kept(group: Group, consumer: Consumer) -> bool:
    """Whether it outlives the process (JS-RST-005): a name that is no text can't be written down."""
    if group.stream.store.kind != "file" or consumer.config.mem_storage:
        return False
    return not HALVES.search(consumer.name)


def apart(group: Group, consumer: Consumer) -> bool:
    """Whether it isn't kept though its stream is: a commit that fails takes nothing back of it."""
    return group.stream.store.kind == "file" and not kept(group, consumer)


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
    """Write the sequences, and the blocks of messages that changed."""
    store, own, name = group.stream.store, consumer.progress, consumer.name
    if own.changed:
        newest = consumer.newest
        place = write_newest(group, consumer) if newest.left or newest.kept else ""
        text = (
            f"{own.next_sequence} {own.next_stream} {own.delivered} {own.delivered_stream}"
            f" {own.floor} {own.floor_stream} {consumer.resume}"
            f" {consumer.last_delivery_ns} {consumer.last_ack_ns} {place}"
        )
        store.save(f"progress/{name}", text.encode())
    for block in {seq >> SHIFT for seq in own.dirty}:
        key, lines = f"pending/{name}/{block}", entries(own, block)
        if lines:
            store.save(key, b"\n".join(lines))
        else:
            store.forget((key,))


def write_newest(group: Group, consumer: Consumer) -> str:
    """Write the list where it is new, and drop it where all of it was taken; the place in it."""
    newest, key = consumer.newest, LIST % consumer.name
    if newest.listed and not newest.kept:
        group.stream.store.save(key, newest.whole())
    elif newest.kept and not newest.listed:
        group.stream.store.forget((key,))
    newest.kept = newest.listed
    return newest.place()


def entries(own: Progress, block: int) -> list[bytes]:
    """Sequence, consumer sequence, begin of the wait and redeliveries of each message of a block."""
    lines = []
    pending, redeliveries = own.pending, own.redeliveries
    for seq in range(block << SHIFT, (block + 1) << SHIFT):
        entry, again = pending.get(seq), redeliveries.get(seq, 0)
        if entry is not None:
            lines.append(b"%d %d %d %d" % (seq, entry.sequence, entry.since, again))
        elif again:
            lines.append(b"%d 0 0 %d" % (seq, again))
    return lines


def write_config(group: Group, consumer: Consumer) -> None:
    """Write the configuration."""
    if kept(group, consumer):
        group.stream.store.save(f"consumer/{consumer.name}", configuration(consumer))


def configuration(consumer: Consumer) -> bytes:
    """How its configuration is kept."""
    whole = {"created_ns": consumer.created_ns, "config": consumer.config.as_json()}
    return json.dumps(whole).encode()


def forget(group: Group, consumer: Consumer) -> None:
    """Keep nothing of it."""
    if kept(group, consumer):
        forget_rows(group, consumer.name)


def forget_rows(group: Group, name: str) -> None:
    """Keep nothing under a consumer's name."""
    store = group.stream.store
    mine = store.load(f"pending/{name}/")
    store.forget([f"consumer/{name}", f"progress/{name}", LIST % name, *mine])


def configurations(group: Group) -> list[tuple[str, int, configs.ConsumerConfig]]:
    """Name, creation time and configuration of every consumer that is kept."""
    found = []
    for key, value in sorted(group.stream.store.load("consumer/").items()):
        whole = json.loads(value)
        config = configs.from_json(whole["config"])
        found.append((key.removeprefix("consumer/"), whole["created_ns"], config))
    return found


def read(group: Group, consumer: Consumer) -> bool:
    """Give a consumer back the progress that is kept of it (JS-RST-001); whether there is any."""
    store, name = group.stream.store, consumer.name
    text = store.load(f"progress/{name}").get(f"progress/{name}")
    if text is None:
        return False
    *numbers, place = text.decode().split(" ")
    first, *rest = map(int, numbers)
    own = Progress(first, rest[0], rest[1], rest[2], rest[3], rest[4])
    consumer.resume, consumer.last_delivery_ns, consumer.last_ack_ns = rest[5:]
    consumer.newest = Newest()
    if place:
        key = LIST % name
        consumer.newest = Newest.read(place, store.load(key).get(key))
    lines = b"\n".join(store.load(f"pending/{name}/").values()).splitlines()
    for seq, sequence, since, again in sorted(tuple(map(int, line.split())) for line in lines):
        if sequence:
            own.pending[seq] = Pending(sequence, since)
        if again:
            own.redeliveries[seq] = again
    own.changed = False
    # They left the stream, and that was still to be kept here.
    for seq in sorted(seq for seq in own.kept() if seq not in store.index):
        own.settle(seq)
    group.holders.hold(consumer, tuple(own.kept()))
    consumer.progress = own
    consumer.backlog.forget()
    return True


def reload(group: Group) -> list[Consumer]:
    """What was done since the last commit didn't happen; the consumers that are not kept yet."""
    mend(group)
    fresh = []
    for consumer in group.by_name.values():
        consumer.backlog.forget()
        if consumer.closed or not kept(group, consumer):
            continue
        group.holders.let_go(consumer, consumer.progress.kept())
        if not read(group, consumer):
            fresh.append(consumer)
    return fresh


def mend(group: Group) -> None:
    """Who came, changed or went with a commit that failed is to be kept, or not, all the same: it was answered."""
    written = group.stream.store.load("consumer/")
    for key, value in written.items():
        name = key.removeprefix("consumer/")
        heir = group.by_name.get(name)
        if heir is None or heir.created_ns != json.loads(value)["created_ns"]:
            forget_rows(group, name)
    for consumer in group.by_name.values():
        if not consumer.closed and kept(group, consumer):
            whole = configuration(consumer)
            if written.get(f"consumer/{consumer.name}") != whole:
                write_config(group, consumer)
