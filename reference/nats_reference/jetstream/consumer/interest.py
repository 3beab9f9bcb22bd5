"""What leaves a stream with interest retention when somebody loses interest.

JS-RET-007, JS-RET-016 .. JS-RET-019. A message goes that no consumer needs: none of those whose
filters let it in, or there are none. Messages that never were of interest, as a stream with limits
keeps them, stay while others are dropped because the stream's retention changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats_reference.jetstream.consumer.group import Group


def lost(group: Group) -> None:
    """A consumer is no more (JS-RET-007), or has other filters (JS-RET-016)."""
    if group.stream.config.retention == "interest":
        drop(group, unneeded(group, unwanted=True))


def begun(group: Group) -> None:
    """The stream had limits until now (JS-RET-017 .. JS-RET-019)."""
    drop(group, unneeded(group, unwanted=not group.by_name))


def settled(group: Group) -> None:
    """The server has started: what was received, and was to leave when it was killed, leaves now."""
    if group.stream.config.retention != "limits":
        drop(group, unneeded(group, unwanted=False))


def unneeded(group: Group, *, unwanted: bool) -> list[int]:
    """What no consumer needs; `unwanted`: with that which no filter lets in."""
    found: list[int] = []
    for subject, track in group.stream.store.index.tracks.items():
        interested = set(group.interested.match(subject))
        if interested or unwanted:
            found += [
                seq for seq in track.sequences() if not any(each.needs(seq) for each in interested)
            ]
    return sorted(found)


def drop(group: Group, seqs: list[int]) -> None:
    """Remove these."""
    for seq in seqs:
        group.unneeded.discard(seq)
    if seqs:
        group.schedule()
